// Reads IP addresses and ranges in every textual form that a resolver, a socket or a person writes, and knows the
// ranges that are not the public internet. The guard decides with it; nothing here opens a connection.
import { isIPv4, isIPv6 } from "node:net";

/** 4 or 16 bytes. An IPv4 address written as `::ffff:a.b.c.d` has 4: the operating system connects to those. */
export type Address = readonly number[];

export interface AddressRange {
  readonly base: Address;
  readonly prefixBits: number;
}

/**
 * `undefined` where `text` is not an address. A zone (`%eth0`) is dropped: it names an interface, not another address.
 */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return text.split(".").map(Number);
  const bare = text.split("%", 1)[0] ?? "";
  if (!isIPv6(bare)) return undefined;
  const bytes = expandIPv6(bare);
  return unwrap(bytes, mapped) ?? bytes;
}

/** An address alone is a range of one. Bits beyond the prefix are ignored. `undefined` where `text` is neither. */
export function parseRange(text: string): AddressRange | undefined {
  const [address, prefix, ...rest] = text.split("/");
  const base = parseAddress(address ?? "");
  if (base === undefined || rest.length > 0) return undefined;
  if (prefix === undefined) return { base, prefixBits: base.length * 8 };
  // A prefix counts the bits that were written: of `::ffff:10.0.0.0/104` 96 belong to the wrapping.
  const prefixBits = Number(prefix) - (base.length === 4 && isIPv6(address ?? "") ? 96 : 0);
  const isPrefix = /^\d{1,3}$/.test(prefix) && prefixBits >= 0 && prefixBits <= base.length * 8;
  return isPrefix ? { base, prefixBits } : undefined;
}

/** True where both are the same address, however they are written; false where one of them is none. */
export function isSameAddress(left: string, right: string): boolean {
  const [base, other] = [parseAddress(left), parseAddress(right)];
  return base !== undefined && other !== undefined && contains({ base, prefixBits: base.length * 8 }, other);
}

/** True where `address` has the family and the leading bits of `range`. */
export function contains(range: AddressRange, address: Address): boolean {
  const { base, prefixBits } = range;
  if (base.length !== address.length) return false;
  const wholeBytes = prefixBits >> 3;
  for (let index = 0; index < wholeBytes; index += 1) if (base[index] !== address[index]) return false;
  const restBits = prefixBits & 7;
  return restBits === 0 || (byteAt(base, wholeBytes) ^ byteAt(address, wholeBytes)) >> (8 - restBits) === 0;
}

/**
 * What `address` is, in words, where it is not a plain address of the public internet: "a loopback address".
 * `undefined` for the addresses that anyone may send to.
 */
export function specialPurpose(address: Address): string | undefined {
  // The registry has 64:ff9b::/96 as globally reachable: networks without IPv4 see all of it there. The embedded
  // address counts.
  const embedded = unwrap(address, nat64);
  if (embedded !== undefined) {
    const words = specialPurpose(embedded);
    return words && `${words} (${embedded.join(".")}) behind NAT64`;
  }
  return specialRanges.find((range) => contains(range, address))?.words;
}

function byteAt(address: Address, index: number): number {
  return address[index] ?? 0;
}

/** `text` has passed `isIPv6`. */
function expandIPv6(text: string): Address {
  const hextets = text.replace(/\d+\.\d+\.\d+\.\d+$/, dottedToHextets);
  const [head = "", tail] = hextets.split("::");
  const left = toHextets(head);
  const right = toHextets(tail ?? "");
  const zeros = new Array<number>(8 - left.length - right.length).fill(0);
  return [...left, ...zeros, ...right].flatMap((hextet) => [hextet >> 8, hextet & 0xff]);
}

function toHextets(text: string): number[] {
  return text === "" ? [] : text.split(":").map((hextet) => Number.parseInt(hextet, 16));
}

function dottedToHextets(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
  return [a * 256 + b, c * 256 + d].map((hextet) => hextet.toString(16)).join(":");
}

/** The IPv4 address in the last four bytes, where `address` lies in `wrapper`. */
function unwrap(address: Address, wrapper: AddressRange): Address | undefined {
  return contains(wrapper, address) ? address.slice(12) : undefined;
}

const mapped: AddressRange = { base: expandIPv6("::ffff:0:0"), prefixBits: 96 };
const nat64: AddressRange = { base: expandIPv6("64:ff9b::"), prefixBits: 96 };

/**
 * The IANA registries of special-purpose addresses, IPv4 and IPv6 (STANDARDS SS-2), the multicast blocks, which have
 * registries of their own, the forms of IPv6 that carry an IPv4 address, and Azure's virtual host. Of ranges within
 * each other the first that fits gives the words. `::ffff:0:0/96` is missing because `parseAddress` reads it as IPv4.
 */
const specialRanges: readonly (AddressRange & { readonly words: string })[] = [
  ["0.0.0.0/8", "an address of this machine"],
  ["10.0.0.0/8", "a private address"],
  ["100.64.0.0/10", "an address shared by a provider's customers"],
  ["127.0.0.0/8", "a loopback address"],
  ["168.63.129.16/32", "Azure's platform address"],
  ["169.254.0.0/16", "a link-local address"],
  ["172.16.0.0/12", "a private address"],
  ["192.0.0.0/24", "an address for IETF protocols"],
  ["192.0.2.0/24", "a documentation address"],
  ["192.31.196.0/24", "an AS112 address"],
  ["192.52.193.0/24", "an AMT relay address"],
  ["192.88.99.0/24", "a 6to4 relay address"],
  ["192.168.0.0/16", "a private address"],
  ["192.175.48.0/24", "an AS112 address"],
  ["198.18.0.0/15", "a benchmarking address"],
  ["198.51.100.0/24", "a documentation address"],
  ["203.0.113.0/24", "a documentation address"],
  ["224.0.0.0/4", "a multicast address"],
  ["255.255.255.255/32", "the broadcast address"],
  ["240.0.0.0/4", "a reserved address"],
  ["::/128", "an address of this machine"],
  ["::1/128", "a loopback address"],
  ["::/96", "an IPv4-compatible address"],
  ["::ffff:0:0:0/96", "an IPv4-translated address"],
  ["64:ff9b:1::/48", "a local NAT64 address"],
  ["100::/64", "a discard address"],
  ["100:0:0:1::/64", "a dummy address"],
  ["2001::/32", "a Teredo address"],
  ["2001:2::/48", "a benchmarking address"],
  ["2001:db8::/32", "a documentation address"],
  ["2001::/23", "an address for IETF protocols"],
  ["2002::/16", "a 6to4 address"],
  ["2620:4f:8000::/48", "an AS112 address"],
  ["3fff::/20", "a documentation address"],
  ["5f00::/16", "a segment routing address"],
  ["fc00::/7", "a private address"],
  ["fe80::/10", "a link-local address"],
  ["fec0::/10", "a site-local address"],
  ["ff00::/8", "a multicast address"],
].map(([text = "", words = ""]) => {
  const range = parseRange(text);
  if (range === undefined) throw new Error(`${text} is no range`);
  return { ...range, words };
});
