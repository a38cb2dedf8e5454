// Media types as RFC 2046 writes them (grammar in RFC 2045 §5.1): is it one, and does it say JSON or text. That decides
// in which form an event's data travels.

interface Parameter {
  /** Lower case. */
  readonly name: string;
  /** As written, quotes included. */
  readonly value: string;
  readonly end: number;
}

/** `type/subtype` with any parameters, printable ASCII only; case and spaces around ";" are free. */
export function isMediaType(text: string): boolean {
  if (text === "application/json") return true;
  const end = subtypeEnd(text);
  return end > 0 && parametersFrom(text, end) !== undefined;
}

/** A subtype of `json` or one that ends in `+json`, parameters aside (CEJ-4). */
export function isJsonMediaType(mediaType: string): boolean {
  if (mediaType === "application/json") return true;
  const essence = essenceOf(mediaType);
  return essence.endsWith("/json") || essence.endsWith("+json");
}

/** Text that is UTF-8 by its own declaration or by default: its characters can travel in place of its bytes. */
export function isUtf8TextMediaType(mediaType: string): boolean {
  const charset = charsetOf(mediaType);
  if (charset !== undefined) return isUtf8Charset(charset);
  const essence = essenceOf(mediaType);
  return essence.startsWith("text/") || essence.endsWith("/xml") || essence.endsWith("+xml");
}

/** False when the media type names an encoding other than UTF-8 (or ASCII, its subset). */
export function permitsUtf8(mediaType: string): boolean {
  const charset = charsetOf(mediaType);
  return charset === undefined || isUtf8Charset(charset);
}

function isUtf8Charset(charset: string): boolean {
  return charset === "utf-8" || charset === "utf8" || charset === "us-ascii";
}

function essenceOf(mediaType: string): string {
  const semicolon = mediaType.indexOf(";");
  return (semicolon < 0 ? mediaType : mediaType.slice(0, semicolon)).trimEnd().toLowerCase();
}

function charsetOf(mediaType: string): string | undefined {
  if (!mediaType.includes(";")) return undefined;
  const parameter = parametersFrom(mediaType, subtypeEnd(mediaType))?.find(({ name }) => name === "charset");
  return parameter?.value.replaceAll('"', "").toLowerCase();
}

/** RFC 2045 §5.1: printable ASCII but space and tspecials. */
function isTokenCode(code: number): boolean {
  return code > 0x20 && code < 0x7f && !'()<>@,;:\\"/[]?='.includes(String.fromCharCode(code));
}

function skipToken(text: string, from: number): number {
  let at = from;
  while (isTokenCode(text.charCodeAt(at))) at += 1;
  return at;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 0x20) at += 1;
  return at;
}

/** Where `type/subtype` ends, or -1. */
function subtypeEnd(text: string): number {
  const slash = skipToken(text, 0);
  if (slash === 0 || text.charCodeAt(slash) !== 0x2f) return -1;
  const end = skipToken(text, slash + 1);
  return end === slash + 1 ? -1 : end;
}

/** All parameters up to the end of the text, or undefined when anything else stands there. */
function parametersFrom(text: string, from: number): readonly Parameter[] | undefined {
  const parameters: Parameter[] = [];
  for (let at = from; at < text.length; ) {
    const semicolon = skipSpaces(text, at);
    const parameter =
      text.charCodeAt(semicolon) === 0x3b ? parameterAt(text, skipSpaces(text, semicolon + 1)) : undefined;
    if (parameter === undefined) return undefined;
    parameters.push(parameter);
    at = parameter.end;
  }
  return parameters;
}

function parameterAt(text: string, start: number): Parameter | undefined {
  const nameEnd = skipToken(text, start);
  if (nameEnd === start || text.charCodeAt(nameEnd) !== 0x3d) return undefined;
  const valueAt = nameEnd + 1;
  const end = text.charCodeAt(valueAt) === 0x22 ? skipQuoted(text, valueAt) : skipToken(text, valueAt);
  if (end <= valueAt) return undefined;
  return { name: text.slice(start, nameEnd).toLowerCase(), value: text.slice(valueAt, end), end };
}

/** The position after the closing quote, or -1. */
function skipQuoted(text: string, from: number): number {
  for (let at = from + 1; ; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code === 0x5c) at += 1;
    if (!(text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) < 0x7f)) return -1;
  }
}
