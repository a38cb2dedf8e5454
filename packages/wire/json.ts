// Strict RFC 8259 reading that knows where every value stands in the text, so that `data` can be taken out as the exact
// characters that came in. It is the first step of every body: one pass, no values built, repeated keys refused.
import { type Failure, failure, pointerInto, type Result, showName, success, type WireFaultCode } from "./errors.ts";

export interface JsonLimits {
  /** How deep arrays and objects may nest; at most 512, since the scan recurses. */
  readonly maxDepth: number;
}
export const defaultJsonLimits: JsonLimits = { maxDepth: 64 };
const maxRecursion = 512;

export type JsonKind = "object" | "array" | "string" | "number" | "boolean" | "null";

/** A value as a range of the text: `text.slice(start, end)` is the value and nothing but the value. */
export interface JsonSpan {
  readonly kind: JsonKind;
  readonly start: number;
  readonly end: number;
}
export interface JsonMember extends JsonSpan {
  /** Unescaped. */
  readonly name: string;
}
export interface JsonElement extends JsonSpan {
  /** Of an object; empty for everything else. */
  readonly members: readonly JsonMember[];
}
export interface JsonDocument extends JsonElement {
  /** Of an array; empty for everything else. */
  readonly elements: readonly JsonElement[];
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes, unaltered: a byte order mark stays where it is. Anything that is not UTF-8 is a fault. */
export function decodeUtf8(bytes: Uint8Array): Result<string> {
  try {
    return success(utf8.decode(bytes));
  } catch {
    return failure("invalid_utf8", "the body must be UTF-8");
  }
}

/**
 * Validates a whole JSON text and answers where its parts are: the members of a top-level object; the elements of a
 * top-level array and, of those that are objects, their members. A leading byte order mark is skipped (RFC 8259 §8.1).
 */
export function scanJson(text: string, limits: JsonLimits = defaultJsonLimits): Result<JsonDocument> {
  const scan = startScan(text, limits);
  const document = scanDocument(scan);
  return document === undefined ? explain(scan) : success(document);
}

/** Validates like `scanJson`, then answers the value. A body with a `__proto__` key comes back without prototypes. */
export function parseJson(text: string, limits: JsonLimits = defaultJsonLimits): Result<unknown> {
  const scan = startScan(text, limits);
  if (scanDocument(scan) === undefined) return explain(scan);
  const value: unknown = JSON.parse(text.charCodeAt(0) === byteOrderMark ? text.slice(1) : text);
  return success(scan.hasProtoKey ? withoutPrototypes(value) : value);
}

/** The text of a string that `scanJson` found between `start` and `end`, unescaped. */
export function readString(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes("\\") ? JSON.parse(text.slice(start, end)) : inner;
}

/** The value of a number that `scanJson` found; NaN for every other kind. */
export function numberOf(text: string, { kind, start, end }: JsonSpan): number {
  return kind === "number" ? Number(text.slice(start, end)) : Number.NaN;
}

// ── The scan ───────────────────────────────────────────────────────────────────────────────────────────────────────
// Each scan… function takes the position of a value's first character and answers the position after its last one, or
// -1 once `scan.fault` says why not. On the way out of a fault the containers add their names to `scan.path`.

interface Scan {
  readonly text: string;
  readonly maxDepth: number;
  /** Names of all open objects, one after the other; each object knows where its own begin. */
  readonly names: string[];
  /** For objects with many names, by where these begin in `names`; made when the first such object is met. */
  nameSets: Map<number, Set<string>> | undefined;
  readonly path: (string | number)[];
  fault: { readonly code: WireFaultCode; readonly at: number } | undefined;
  hasProtoKey: boolean;
}

const byteOrderMark = 0xfeff;
const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const letterU = 0x75;

const noMembers: readonly JsonMember[] = [];
const noElements: readonly JsonElement[] = [];

function startScan(text: string, limits: JsonLimits): Scan {
  const maxDepth = Math.min(limits.maxDepth, maxRecursion);
  return { text, maxDepth, names: [], nameSets: undefined, path: [], fault: undefined, hasProtoKey: false };
}

function scanDocument(scan: Scan): JsonDocument | undefined {
  const { text } = scan;
  // Never so for text that came out of UTF-8; a text made elsewhere would change when it is written as UTF-8.
  if (!text.isWellFormed()) {
    fail(scan, "invalid_utf8", 0);
    return undefined;
  }
  const start = skipSpace(text, text.charCodeAt(0) === byteOrderMark ? 1 : 0);
  const code = text.charCodeAt(start);
  const members: JsonMember[] | undefined = code === openBrace ? [] : undefined;
  const elements: JsonElement[] | undefined = code === openBracket ? [] : undefined;
  const end = scanRoot(scan, start, members, elements);
  if (end < 0) return undefined;
  const rest = skipSpace(text, end);
  if (rest !== text.length) {
    fail(scan, "invalid_json", rest);
    return undefined;
  }
  return { kind: kindAt(text, start), start, end, members: members ?? noMembers, elements: elements ?? noElements };
}

function scanRoot(scan: Scan, at: number, members?: JsonMember[], elements?: JsonElement[]): number {
  if (members !== undefined) return scanObject(scan, at, 1, members);
  if (elements !== undefined) return scanArray(scan, at, 1, elements);
  return scanValue(scan, at, 0);
}

function fail(scan: Scan, code: WireFaultCode, at: number): -1 {
  scan.fault = { code, at };
  return -1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) return at;
    at += 1;
  }
}

function kindAt(text: string, at: number): JsonKind {
  switch (text.charCodeAt(at)) {
    case quote:
      return "string";
    case openBrace:
      return "object";
    case openBracket:
      return "array";
    case 0x74:
    case 0x66:
      return "boolean";
    case 0x6e:
      return "null";
    default:
      return "number";
  }
}

function scanValue(scan: Scan, at: number, depth: number): number {
  switch (scan.text.charCodeAt(at)) {
    case quote:
      return scanString(scan, at);
    case openBrace:
      return scanObject(scan, at, depth + 1, undefined);
    case openBracket:
      return scanArray(scan, at, depth + 1, undefined);
    case 0x74:
      return scanWord(scan, at, "true");
    case 0x66:
      return scanWord(scan, at, "false");
    case 0x6e:
      return scanWord(scan, at, "null");
    default:
      return scanNumber(scan, at);
  }
}

function scanObject(scan: Scan, start: number, depth: number, members: JsonMember[] | undefined): number {
  if (depth > scan.maxDepth) return fail(scan, "json_too_deep", start);
  const { text, names } = scan;
  const firstName = names.length;
  let at = skipSpace(text, start + 1);
  if (text.charCodeAt(at) === closeBrace) return at + 1;
  for (;;) {
    const end = scanMember(scan, at, depth, firstName, members);
    if (end < 0) return -1;
    at = skipSpace(text, end);
    const code = text.charCodeAt(at);
    if (code === closeBrace) break;
    if (code !== comma) return fail(scan, "invalid_json", at);
    at = skipSpace(text, at + 1);
  }
  if (names.length - firstName > fewNames) scan.nameSets?.delete(firstName);
  names.length = firstName;
  return at + 1;
}

function scanMember(scan: Scan, at: number, depth: number, firstName: number, members?: JsonMember[]): number {
  const { text } = scan;
  if (text.charCodeAt(at) !== quote) return fail(scan, "invalid_json", at);
  const nameEnd = scanString(scan, at);
  if (nameEnd < 0) return -1;
  const name = readString(text, at, nameEnd);
  if (!addName(scan, name, firstName)) {
    scan.path.push(name);
    return fail(scan, "duplicate_key", at);
  }
  const colonAt = skipSpace(text, nameEnd);
  if (text.charCodeAt(colonAt) !== colon) return fail(scan, "invalid_json", colonAt);
  const start = skipSpace(text, colonAt + 1);
  const end = scanValue(scan, start, depth);
  if (end < 0) scan.path.push(name);
  else if (members !== undefined) members.push({ name, kind: kindAt(text, start), start, end });
  return end;
}

/** Up to here comparing one by one costs less than a set. */
const fewNames = 8;

/** False when the object that began at `firstName` has that name already. */
function addName(scan: Scan, name: string, firstName: number): boolean {
  const { names } = scan;
  if (name === "__proto__") scan.hasProtoKey = true;
  if (names.length - firstName < fewNames) {
    for (let index = firstName; index < names.length; index += 1) if (names[index] === name) return false;
    names.push(name);
    return true;
  }
  scan.nameSets ??= new Map();
  let set = scan.nameSets.get(firstName);
  if (set === undefined) {
    set = new Set(names.slice(firstName));
    scan.nameSets.set(firstName, set);
  }
  names.push(name);
  return set.size !== set.add(name).size;
}

function scanArray(scan: Scan, start: number, depth: number, elements: JsonElement[] | undefined): number {
  if (depth > scan.maxDepth) return fail(scan, "json_too_deep", start);
  const { text } = scan;
  let at = skipSpace(text, start + 1);
  if (text.charCodeAt(at) === closeBracket) return at + 1;
  for (let index = 0; ; index += 1) {
    const end = elements === undefined ? scanValue(scan, at, depth) : scanElement(scan, at, depth, elements);
    if (end < 0) {
      scan.path.push(index);
      return -1;
    }
    at = skipSpace(text, end);
    const code = text.charCodeAt(at);
    if (code === closeBracket) return at + 1;
    if (code !== comma) return fail(scan, "invalid_json", at);
    at = skipSpace(text, at + 1);
  }
}

function scanElement(scan: Scan, start: number, depth: number, elements: JsonElement[]): number {
  const kind = kindAt(scan.text, start);
  if (kind !== "object") {
    const end = scanValue(scan, start, depth);
    if (end >= 0) elements.push({ kind, start, end, members: noMembers });
    return end;
  }
  const members: JsonMember[] = [];
  const end = scanObject(scan, start, depth + 1, members);
  if (end >= 0) elements.push({ kind, start, end, members });
  return end;
}

function scanString(scan: Scan, start: number): number {
  const { text } = scan;
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === backslash) {
      const end = escapeEnd(text, at);
      if (end < 0) return fail(scan, "invalid_json", at);
      at = end;
      // Written so that the NaN past the end of the text is refused too.
    } else if (!(code >= 0x20)) return fail(scan, "invalid_json", at);
    else at += 1;
  }
}

function escapeEnd(text: string, at: number): number {
  const code = text.charCodeAt(at + 1);
  if (code !== letterU) return '"\\/bfnrt'.includes(String.fromCharCode(code)) ? at + 2 : -1;
  for (let digit = at + 2; digit < at + 6; digit += 1) if (!isHexDigit(text.charCodeAt(digit))) return -1;
  return at + 6;
}

function isHexDigit(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

function scanWord(scan: Scan, at: number, word: string): number {
  return scan.text.startsWith(word, at) ? at + word.length : fail(scan, "invalid_json", at);
}

function scanNumber(scan: Scan, start: number): number {
  const { text } = scan;
  const first = text.charCodeAt(start) === minus ? start + 1 : start;
  let at = text.charCodeAt(first) === zero ? first + 1 : skipDigits(text, first);
  if (at === first) return fail(scan, "invalid_json", first);
  if (text.charCodeAt(at) === 0x2e) {
    const fraction = at + 1;
    at = skipDigits(text, fraction);
    if (at === fraction) return fail(scan, "invalid_json", at);
  }
  if ((text.charCodeAt(at) | 0x20) !== 0x65) return at;
  const sign = text.charCodeAt(at + 1);
  const exponent = sign === 0x2b || sign === minus ? at + 2 : at + 1;
  at = skipDigits(text, exponent);
  return at === exponent ? fail(scan, "invalid_json", at) : at;
}

function skipDigits(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = text.charCodeAt(at)) at += 1;
  return at;
}

// ── What went wrong ────────────────────────────────────────────────────────────────────────────────────────────────

function explain(scan: Scan): Failure {
  const { code, at } = scan.fault ?? { code: "invalid_json", at: 0 };
  const pointer = scan.path.reduceRight((into: string, token) => pointerInto(into, token), "#");
  return failure(code, detailOf(scan, code, at), pointer);
}

function detailOf(scan: Scan, code: WireFaultCode, at: number): string {
  switch (code) {
    case "duplicate_key":
      return `the key ${showName(String(scan.path[0]))} ${place(scan.text, at)} is in its object twice`;
    case "json_too_deep":
      return `JSON may nest at most ${scan.maxDepth} deep; this goes deeper ${place(scan.text, at)}`;
    case "invalid_utf8":
      return "the text must not hold unpaired surrogates";
    default:
      return at >= scan.text.length
        ? "the body must be one JSON value, but it ends too early"
        : `the body must be JSON; ${characterName(scan.text, at)} ${place(scan.text, at)} is not allowed there`;
  }
}

function characterName(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0;
  if (code > 0x20 && code < 0x7f) return `"${String.fromCodePoint(code)}"`;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}

function place(text: string, at: number): string {
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const line = text.slice(0, at).split("\n").length;
  return `at line ${line}, column ${at - lineStart + 1}`;
}

/** Objects without a prototype: a key `__proto__` is then a key like any other, whatever is done with the object. */
function withoutPrototypes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPrototypes);
  if (typeof value !== "object" || value === null) return value;
  const bare: Record<string, unknown> = Object.create(null);
  for (const [name, inner] of Object.entries(value)) bare[name] = withoutPrototypes(inner);
  return bare;
}
