// RFC 3986 by hand, for `source` (a URI-reference, §4.1) and `dataschema` (an absolute URI, §4.3). One pass over the
// characters: a grammar of this size as one regular expression is neither readable nor safe from backtracking.

const isAlpha = 1;
const isDigit = 2;
const isHex = 4;
const isUnreserved = 8;
const isSubDelimiter = 16;
const isPathExtra = 32;
const isQueryExtra = 64;
const isSchemeExtra = 128;

const hostCharacter = isUnreserved | isSubDelimiter;
const pathCharacter = hostCharacter | isPathExtra;
const queryCharacter = pathCharacter | isQueryExtra;

const classes = buildClasses();

function buildClasses(): Uint8Array {
  const table = new Uint8Array(128);
  const add = (characters: string, bits: number): void => {
    for (const character of characters) table[character.charCodeAt(0)] = (table[character.charCodeAt(0)] ?? 0) | bits;
  };
  const letters = "abcdefghijklmnopqrstuvwxyz";
  add(letters + letters.toUpperCase(), isAlpha | isUnreserved);
  add("0123456789", isDigit | isHex | isUnreserved);
  add("abcdefABCDEF", isHex);
  add("-._~", isUnreserved);
  add("!$&'()*+,;=", isSubDelimiter);
  add(":@/", isPathExtra);
  add("?", isQueryExtra);
  add("+-.", isSchemeExtra);
  return table;
}

/** A URI or a relative reference, fragment allowed. The empty reference is one too: callers that want text must ask for it. */
export function isUriReference(text: string): boolean {
  const schemeEnd = skipScheme(text);
  const fragmentAt = text.indexOf("#");
  const end = fragmentAt < 0 ? text.length : fragmentAt;
  if (!isHierarchy(text, Math.max(schemeEnd, 0), end, schemeEnd > 0)) return false;
  return fragmentAt < 0 || skip(text, end + 1, queryCharacter) === text.length;
}

/** With a scheme and without a fragment: §4.3 leaves it out. */
export function isAbsoluteUri(text: string): boolean {
  const schemeEnd = skipScheme(text);
  return schemeEnd > 0 && isHierarchy(text, schemeEnd, text.length, true);
}

function classAt(text: string, at: number): number {
  return classes[text.charCodeAt(at)] ?? 0;
}

/** The position after the scheme's colon, or -1. */
function skipScheme(text: string): number {
  if ((classAt(text, 0) & isAlpha) === 0) return -1;
  let at = 1;
  while ((classAt(text, at) & (isAlpha | isDigit | isSchemeExtra)) !== 0) at += 1;
  return text.charCodeAt(at) === 0x3a ? at + 1 : -1;
}

/** The first position from `from` on whose character is not of the class; percent-encoded bytes belong to every class. */
function skip(text: string, from: number, wanted: number): number {
  let at = from;
  for (;;) {
    if ((classAt(text, at) & wanted) !== 0) at += 1;
    else if (text.charCodeAt(at) === 0x25 && (classAt(text, at + 1) & classAt(text, at + 2) & isHex) !== 0) at += 3;
    else return at;
  }
}

/** Authority, path and query: all that stands between a scheme and a fragment. */
function isHierarchy(text: string, from: number, end: number, hasScheme: boolean): boolean {
  let at = from;
  if (text.startsWith("//", at) && at + 1 < end) {
    at = authorityEnd(text, at + 2, end);
    if (!isAuthority(text.slice(from + 2, at))) return false;
  } else if (!hasScheme && hasColonInFirstSegment(text, at, end)) return false;
  at = skip(text, at, pathCharacter);
  if (at < end && text.charCodeAt(at) === 0x3f) at = skip(text, at + 1, queryCharacter);
  return at === end;
}

function authorityEnd(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && text.charCodeAt(at) !== 0x2f && text.charCodeAt(at) !== 0x3f) at += 1;
  return at;
}

/** "1:2" is not a relative reference: what stands before a first colon would be a scheme (§4.2). */
function hasColonInFirstSegment(text: string, from: number, end: number): boolean {
  const colonAt = text.indexOf(":", from);
  return colonAt >= 0 && colonAt < authorityEnd(text, from, end);
}

function isAuthority(authority: string): boolean {
  const userEnd = authority.lastIndexOf("@");
  if (userEnd >= 0 && !isUserInformation(authority.slice(0, userEnd))) return false;
  const hostAndPort = authority.slice(userEnd + 1);
  const hostEnd = hostAndPort.startsWith("[") ? ipLiteralEnd(hostAndPort) : skip(hostAndPort, 0, hostCharacter);
  if (hostEnd < 0) return false;
  return hostEnd === hostAndPort.length || isPort(hostAndPort, hostEnd);
}

function isUserInformation(text: string): boolean {
  return text.split(":").every((part) => skip(part, 0, hostCharacter) === part.length);
}

function isPort(text: string, colonAt: number): boolean {
  let at = colonAt + 1;
  while ((classAt(text, at) & isDigit) !== 0) at += 1;
  return text.charCodeAt(colonAt) === 0x3a && at === text.length;
}

/** The position after the closing bracket, or -1 when what stands in brackets is no IP address. */
function ipLiteralEnd(text: string): number {
  const close = text.indexOf("]");
  const address = text.slice(1, close);
  if (close < 0 || address.length > 64) return -1;
  return isIpv6(address) || /^v[0-9a-f]+\.[\w\-.~!$&'()*+,;=:]+$/i.test(address) ? close + 1 : -1;
}

function isIpv6(address: string): boolean {
  const halves = address.split("::");
  const groups = halves.flatMap((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1);
  const endsInIpv4 = last?.includes(".") === true && !address.endsWith(":");
  const hexGroups = endsInIpv4 ? groups.slice(0, -1) : groups;
  if (endsInIpv4 && !isIpv4(last)) return false;
  if (!hexGroups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const count = hexGroups.length + (endsInIpv4 ? 2 : 0);
  return halves.length === 1 ? count === 8 : halves.length === 2 && count <= 7;
}

function isIpv4(address: string): boolean {
  const parts = address.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
