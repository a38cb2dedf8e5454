import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { checkTargetUrl, refuseAddress } from "./address-guard.ts";
import { policyOf } from "./test-exchanges.ts";

const strict = policyOf("");

/** The registries as IANA lists them, apart from the guard's own table, with multicast and Azure's address. */
const iana = `
  0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29
  192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24
  192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24
  240.0.0.0/4 255.255.255.255/32 224.0.0.0/4 168.63.129.16/32 ::1/128 ::/128 64:ff9b:1::/48 100::/64 100:0:0:1::/64
  2001::/23 2001::/32 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48
  2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7
  fe80::/10 ff00::/8 fec0::/10
`
  .trim()
  .split(/\s+/)
  .map((text) => {
    const [base = "", bits] = text.split("/");
    return { base, bits: Number(bits), family: base.includes(":") ? ("ipv6" as const) : ("ipv4" as const) };
  });

const oracle = new BlockList();
for (const { base, bits, family } of iana) oracle.addSubnet(base, bits, family);
// Forms of IPv6 that carry an IPv4 address and are blocked whole.
oracle.addSubnet("::", 96, "ipv6");
oracle.addSubnet("::ffff:0:0:0", 96, "ipv6");

const byte = fc.nat(255);
const anyIPv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join("."));
const anyIPv6 = fc
  .array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
  .map((parts) => parts.map((part) => part.toString(16)).join(":"));

/** An address of the range: its base, with random bits after the prefix. */
function within({ base, bits, family }: (typeof iana)[number], noise: bigint): string {
  const width = family === "ipv4" ? 32n : 128n;
  const free = width - BigInt(bits);
  const value = ((toBits(base) >> free) << free) | (noise & ((1n << free) - 1n));
  return family === "ipv4" ? dotted(Number(value)) : hextets(value).join(":");
}

function toBits(address: string): bigint {
  if (!address.includes(":")) return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [left = "", right = ""] = address.split("::");
  const parts = (side: string): string[] => (side === "" ? [] : side.split(":"));
  const zeros = address.includes("::") ? 8 - parts(left).length - parts(right).length : 0;
  const all = [...parts(left), ...new Array<string>(zeros).fill("0"), ...parts(right)];
  return all.reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}

function hextets(value: bigint): string[] {
  return Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16));
}

const blocked = fc
  .tuple(fc.constantFrom(...iana), fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }))
  .map(([range, noise]) => within(range, noise));

/** Every way in which a URL may write an IPv4 address. */
const spellIPv4: readonly ((address: string, value: number) => string)[] = [
  (address) => address,
  (address) => `${address}.`,
  (_, value) => String(value),
  (_, value) => `0x${value.toString(16)}`,
  (_, value) => `0${value.toString(8)}`,
  (_, value) => `${value >>> 24}.${value & 0xffffff}`,
  (_, value) => `0x${(value >>> 24).toString(16)}.${(value >>> 16) & 255}.0${(value & 0xffff).toString(8)}`,
  (address) => address.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  (address) => address.replace(/\d/g, (digit) => `%3${digit}`),
  (address) => address.replaceAll(".", "。"),
  (address) => `[::ffff:${address}]`,
  (_, value) => `[0:0:0:0:0:FFFF:${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}]`,
  (address) => `[64:ff9b::${address}]`,
  (address) => `[::${address}]`,
  (_, value) => `[2002:${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}::1]`,
];

/** Every way in which a URL may write an IPv6 address. */
const spellIPv6: readonly ((address: string) => string)[] = [
  (address) => `[${address}]`,
  (address) => `[${address.toUpperCase()}]`,
  (address) =>
    `[${address
      .split(":")
      .map((part) => part.padStart(4, "0"))
      .join(":")}]`,
  (address) => new URL(`http://[${address}]/`).hostname,
  (address) => {
    const value = toBits(address);
    return `[${hextets(value).slice(0, 6).join(":")}:${dotted(Number(value & 0xffffffffn))}]`;
  },
];

test("any address of a blocked range is refused in any spelling", () => {
  fc.assert(
    fc.property(blocked, fc.nat(), (address, choice) => {
      assert.notEqual(refuseAddress(address, 443, strict), undefined);
      const host = address.includes(":")
        ? spellIPv6[choice % spellIPv6.length]?.(address)
        : spellIPv4[choice % spellIPv4.length]?.(address, Number(toBits(address)));
      assert.ok(!checkTargetUrl(`https://${host}/`, strict).ok, host);
    }),
    { numRuns: 2_000 },
  );
});

test("the guard agrees with Node's own block list on every address", () => {
  const isBlocked = (address: string): boolean => oracle.check(address, address.includes(":") ? "ipv6" : "ipv4");
  fc.assert(
    fc.property(fc.oneof(anyIPv4, anyIPv6, blocked), (address) => {
      assert.equal(refuseAddress(address, 443, strict) !== undefined, isBlocked(address));
    }),
    { numRuns: 5_000 },
  );
});

test("the edges of every range are where the registry has them", () => {
  for (const range of iana) {
    const width = range.family === "ipv4" ? 32n : 128n;
    const size = 1n << (width - BigInt(range.bits));
    for (const offset of [-1n, 0n, size - 1n, size]) {
      const value = toBits(range.base) + offset;
      if (value < 0n || value >= 1n << width) continue;
      const address = range.family === "ipv4" ? dotted(Number(value)) : hextets(value).join(":");
      assert.equal(refuseAddress(address, 443, strict) !== undefined, oracle.check(address, range.family), address);
    }
  }
});

test("what a resolver or a socket writes is read", () => {
  for (const address of ["::ffff:127.0.0.1", "fe80::1%eth0", "FE80::1%2", "::1", "::ffff:a9fe:a9fe"]) {
    assert.notEqual(refuseAddress(address, 443, strict), undefined, address);
  }
  for (const nothing of ["", "example.com", "127.0.0", "0x7f.1", "1.2.3.4.5", ":::"]) {
    assert.match(refuseAddress(nothing, 443, strict) ?? "", /is not an address/, nothing);
  }
});
