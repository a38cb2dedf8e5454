// Attribute values in HTTP headers (CEH-5, CEH-6): percent-encoded on the way out; on the way in first the quoted strings
// of older senders are opened, then exactly one round of percent-decoding follows.

const space = 0x20;
const quote = 0x22;
const percent = 0x25;
const backslash = 0x5c;
const tilde = 0x7e;

/** Encodes the space, `"`, `%` and all that is not printable ASCII, as UTF-8 with upper-case hexadecimal digits. */
export function encodeHeaderValue(value: string): string {
  if (isPlain(value)) return value;
  let encoded = "";
  for (const character of value.toWellFormed()) encoded += isPlain(character) ? character : percentEncode(character);
  return encoded;
}

/** Nothing in it to encode or to decode. */
function isPlain(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code <= space || code > tilde || code === quote || code === percent) return false;
  }
  return true;
}

function percentEncode(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  if (point > tilde) return encodeURIComponent(character);
  return `%${point.toString(16).toUpperCase().padStart(2, "0")}`;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The attribute value of a header value, or undefined when a quoted string or a percent sign is left open, or the bytes
 * are not UTF-8. Raw characters above ASCII are what Node makes of raw bytes; some senders do not encode, so these bytes
 * count as UTF-8 too (CEH-7).
 */
export function decodeHeaderValue(value: string): string | undefined {
  if (isPlain(value)) return value;
  const unquoted = value.includes('"') ? openQuotes(value) : value;
  const bytes = unquoted === undefined ? undefined : percentDecode(unquoted);
  if (bytes === undefined) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** RFC 7230 §3.2.6; a backslash means something only between quotes. */
function openQuotes(value: string): string | undefined {
  let opened = "";
  let isQuoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code === quote) {
      isQuoted = !isQuoted;
      continue;
    }
    if (isQuoted && code === backslash) at += 1;
    if (at === value.length) return undefined;
    opened += value[at];
  }
  return isQuoted ? undefined : opened;
}

function percentDecode(value: string): Uint8Array | undefined {
  const bytes = new Uint8Array(value.length);
  let length = 0;
  for (let at = 0; at < value.length; at += 1) {
    let code = value.charCodeAt(at);
    if (code === percent) {
      code = hexByte(value, at + 1);
      at += 2;
    }
    if (!(code >= 0 && code <= 0xff)) return undefined;
    bytes[length] = code;
    length += 1;
  }
  return bytes.subarray(0, length);
}

function hexByte(value: string, at: number): number {
  const high = hexDigit(value.charCodeAt(at));
  const low = hexDigit(value.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
