// Reads POSTHORN_ALLOW_TARGETS: what the operator of this instance lets targets reach although the guard would refuse
// it.
import { type Address, type AddressRange, contains, parseRange } from "./addresses.ts";

type AllowEntry =
  | { readonly kind: "range"; readonly range: AddressRange; readonly port?: number }
  /** `suffix` begins with a dot and stands for every name below it, but not for itself. */
  | { readonly kind: "name"; readonly name?: string; readonly suffix?: string; readonly port?: number };
export type AllowList = readonly AllowEntry[];

type ParsedAllowList =
  | { readonly ok: true; readonly allow: AllowList }
  | { readonly ok: false; readonly detail: string };

/**
 * A comma list of addresses, CIDR ranges, host names and `*.suffix`, each with an optional `:port` (IPv6 then in
 * brackets). A name opens whatever it resolves to, a range opens addresses. A bad entry is named.
 */
export function parseAllowList(text: string): ParsedAllowList {
  const allow: AllowEntry[] = [];
  for (const part of text.split(",")) {
    const entry = part.trim();
    if (entry === "") continue;
    const parsed = parseEntry(entry);
    if (parsed === undefined) return { ok: false, detail: describeBadEntry(entry) };
    allow.push(parsed);
  }
  return { ok: true, allow };
}

export function allowsAddress(allow: AllowList, address: Address, port: number): boolean {
  return allow.some((entry) => entry.kind === "range" && opensPort(entry, port) && contains(entry.range, address));
}

/** `name` in lower case, without a final dot. */
export function allowsName(allow: AllowList, name: string, port: number): boolean {
  return allow.some((entry) => entry.kind === "name" && opensPort(entry, port) && fits(entry, name));
}

function fits(entry: { readonly name?: string; readonly suffix?: string }, name: string): boolean {
  return entry.name === name || (entry.suffix !== undefined && name.endsWith(entry.suffix));
}

function opensPort(entry: AllowEntry, port: number): boolean {
  return entry.port === undefined || entry.port === port;
}

function parseEntry(entry: string): AllowEntry | undefined {
  const whole = parseRange(entry);
  if (whole !== undefined) return { kind: "range", range: whole };
  const {
    bracketed,
    bare,
    port: portText,
  } = /^(?:\[(?<bracketed>[^\]]*)\]|(?<bare>[^:]*))(?::(?<port>\d{1,5}))?$/.exec(entry)?.groups ?? {};
  const port = portText === undefined ? {} : { port: Number(portText) };
  if (port.port !== undefined && (port.port < 1 || port.port > 65_535)) return undefined;
  const range = parseRange(bracketed ?? bare ?? "");
  if (range !== undefined) return { kind: "range", range, ...port };
  const name = bare === undefined ? undefined : parseName(bare);
  return name && { kind: "name", ...name, ...port };
}

function parseName(text: string): { readonly name: string } | { readonly suffix: string } | undefined {
  const isSuffix = text.startsWith("*.");
  const name = canonicalName(isSuffix ? text.slice(2) : text);
  if (name === undefined) return undefined;
  return isSuffix ? { suffix: `.${name}` } : { name };
}

/** The name as `URL` writes it (lower case, IDNA), so that it compares with what a target's URL holds. */
function canonicalName(text: string): string | undefined {
  if (/[^\p{L}\p{N}._-]/u.test(text)) return undefined;
  const name = URL.parse(`http://${text}/`)?.hostname.replace(/\.$/, "");
  const isName = name !== undefined && /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name);
  // `2130706433` reads as an address here; whoever means 127.0.0.1 shall write that.
  return isName && parseRange(name) === undefined ? name : undefined;
}

function describeBadEntry(entry: string): string {
  return `POSTHORN_ALLOW_TARGETS: "${entry}" is not an address, a CIDR range, a host name or *.suffix, with an optional :port`;
}
