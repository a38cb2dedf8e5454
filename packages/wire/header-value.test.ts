import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { attributeText } from "./arbitrary-events.ts";
import { decodeHeaderValue, encodeHeaderValue } from "./header-value.ts";

const pairs: readonly (readonly [string, string])[] = [
  ["simple", "simple"],
  ["Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80"],
  ["100%", "100%25"],
  ["%41", "%2541"],
  ['say "hi"', "say%20%22hi%22"],
  ["a\r\nb\u007f", "a%0D%0Ab%7F"],
  ["\u00a0~!'()*", "%C2%A0~!'()*"],
  ["", ""],
];

for (const [value, encoded] of pairs)
  test(`${JSON.stringify(value)} travels as ${encoded}`, () => {
    assert.equal(encodeHeaderValue(value), encoded);
    assert.equal(decodeHeaderValue(encoded), value);
  });

const lenient: readonly (readonly [string, string])[] = [
  ["%30%31 spaces as they are", "01 spaces as they are"],
  ["Euro%20%e2%82%ac", "Euro €"],
  ["%2541", "%41"],
  ['"  quoted  "plain', "  quoted  plain"],
  ['"a \\"b\\" \\\\"', 'a "b" \\'],
  ['"%41\\%42"', "AB"],
  ["back\\slash", "back\\slash"],
  ["\u00c3\u00a9", "é"],
];

for (const [header, value] of lenient) test(`accepts ${header}`, () => assert.equal(decodeHeaderValue(header), value));

const illegal = [
  "%",
  "%4",
  "%g1",
  "%1g",
  "%C0%A0",
  "%ED%A0%80",
  "%ED%A0%80%ED%B0%80",
  "%E2",
  "%E2x",
  "%82",
  "%FF",
  "\u00e9",
  "€",
  '"open',
  '"open\\',
  '"open\\"',
];

for (const header of illegal) test(`refuses ${header}`, () => assert.equal(decodeHeaderValue(header), undefined));

test("what is encoded is printable ASCII and comes back", () => {
  fc.assert(
    fc.property(attributeText, (value) => {
      const encoded = encodeHeaderValue(value);
      assert.match(encoded, /^[\x21-\x7e]+$/);
      assert.equal(decodeHeaderValue(encoded), value);
    }),
  );
});
