// Holds the scan against JSON.parse, the official test suite's kinds of trouble, and the promise that spans are exact.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonText } from "./arbitrary-events.ts";
import { decodeUtf8, parseJson, readString, scanJson } from "./json.ts";

const valid = [
  "{}",
  "[]",
  " [ ] ",
  "\t\r\n1",
  "-0",
  "-1.5e+10",
  "1E-2",
  "0.0",
  '"\\u0000\\uD800\\"\\\\\\/\\b\\f\\n\\r\\t"',
  '"\u007f\u2028\u2029"',
  '{"":0}',
  '{"a":{"a":{"a":1}}}',
  '[{"a":1},{"a":1}]',
  "[[],[[]],{}]",
  '{"a":null,"A":null}',
];

const invalid = [
  "",
  " ",
  "{",
  "[",
  '"',
  '"a',
  "nul",
  "nulll",
  "True",
  "NaN",
  "Infinity",
  "01",
  "-",
  "-01",
  "+1",
  ".5",
  "1.",
  "1.e1",
  "1e",
  "1e+",
  "0x1",
  "1 2",
  "{}{}",
  "[1,]",
  "[,1]",
  "[1 2]",
  '{"a":1,}',
  '{,"a":1}',
  '{"a"}',
  '{"a":}',
  '{"a" 1}',
  '{"a":1 "b":2}',
  "{a:1}",
  "{'a':1}",
  "{1:1}",
  "]",
  "}",
  "[}",
  "{]",
  '["\t"]',
  '["\n"]',
  '["\u0000"]',
  '"\\x41"',
  '"\\u12"',
  '"\\u12g4"',
  '"\\',
  '"\\u',
  "// c\n1",
  "/**/1",
  "\u00a01",
  "1\u0000",
  "1\u000b",
  "\ufeff\ufeff1",
  "[1]\ufeff",
];

for (const text of valid)
  test(`accepts ${JSON.stringify(text)}`, () => {
    JSON.parse(text);
    assert.equal(scanJson(text).ok, true);
  });

for (const text of invalid)
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => JSON.parse(text));
    assert.equal(codeOf(text), "invalid_json");
  });

test("judges as JSON.parse does, whatever the text", () => {
  const soup = fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 01-+.eEu\n\ttruefalsn'), maxLength: 12 });
  fc.assert(
    fc.property(
      fc.oneof(
        soup,
        soup.map((inside) => `[${inside}]`),
        fc.json(),
        fc.string(),
      ),
      (text) => {
        const code = codeOf(text);
        fc.pre(code !== "duplicate_key" && code !== "json_too_deep" && code !== "invalid_utf8");
        assert.equal(code === undefined, isParsed(text));
      },
    ),
    { numRuns: 3000 },
  );
});

test("spans are the exact text of members and elements", () => {
  const space = fc.constantFrom("", " ", "\n\t");
  fc.assert(
    fc.property(fc.array(jsonText), space, (values, blank) => {
      const members = values.map((value, index) => `${blank}"k${index}"${blank}:${blank}${value}${blank}`);
      const object = `{${members.join(",")}}`;
      const text = `${blank}[${object},${object}]${blank}`;
      const scanned = scanJson(text);
      assert.ok(scanned.ok);
      for (const element of scanned.value.elements)
        assert.deepEqual(
          element.members.map(({ start, end }) => text.slice(start, end)),
          values,
        );
    }),
  );
});

const duplicates = [
  ['{"a":1,"a":2}', "#/a"],
  ['{"a":1,"\\u0061":2}', "#/a"],
  ['{"\\u00e9":1,"é":2}', "#/%C3%A9"],
  ['{"\\ud800":1,"\\ud800":2}', "#/%EF%BF%BD"],
  ['{"":1,"":2}', "#/"],
  ['{"__proto__":1,"__proto__":2}', "#/__proto__"],
  ['{"x":{"y":[0,{"a/b~c":1,"a/b~c":1}]}}', "#/x/y/1/a~1b~0c"],
  [`{${Array.from({ length: 50 }, (_, index) => `"k${index}":0`).join(",")},"k3":0}`, "#/k3"],
] as const;

for (const [text, pointer] of duplicates)
  test(`refuses the repeated key at ${pointer}`, () => {
    const scanned = scanJson(text);
    assert.ok(!scanned.ok);
    assert.deepEqual(
      scanned.faults.map((fault) => [fault.code, fault.pointer]),
      [["duplicate_key", pointer]],
    );
  });

test("many keys in nested objects are no duplicates of each other", () => {
  const wide = (inner: string): string =>
    `{${Array.from({ length: 30 }, (_, index) => `"k${index}":${index % 10 === 9 ? inner : 0}`).join(",")}}`;
  assert.equal(scanJson(wide(wide(wide("{}")))).ok, true);
});

test("depth is limited and costs no stack", () => {
  assert.equal(codeOf("[".repeat(64) + "]".repeat(64)), undefined);
  assert.equal(codeOf("[".repeat(65) + "]".repeat(65)), "json_too_deep");
  assert.equal(codeOf("[".repeat(100_000)), "json_too_deep");
  assert.equal(codeOf('{"a":'.repeat(100_000)), "json_too_deep");
  assert.equal(scanJson("[".repeat(1_000_000), { maxDepth: 1_000_000 }).ok, false);
  assert.equal(scanJson("[[1]]", { maxDepth: 1 }).ok, false);
  assert.equal(scanJson("[1]", { maxDepth: 1 }).ok, true);
});

test("a fault says where it is", () => {
  const scanned = scanJson('{"a":\n [1,?]}');
  assert.ok(!scanned.ok);
  assert.deepEqual(scanned.faults, [
    {
      code: "invalid_json",
      detail: 'the body must be JSON; "?" at line 2, column 5 is not allowed there',
      pointer: "#/a/1",
    },
  ]);
});

test("a leading byte order mark is skipped and never becomes part of a value", () => {
  const text = "\ufeff[1]";
  const scanned = scanJson(text);
  assert.ok(scanned.ok);
  assert.equal(text.slice(scanned.value.start, scanned.value.end), "[1]");
  assert.deepEqual(parseJson(text), { ok: true, value: [1] });
});

test("UTF-8 is strict and nothing is altered", () => {
  for (const bytes of [[0xff], [0xc0, 0xa0], [0xed, 0xa0, 0x80], [0xe2, 0x82], [0xf4, 0x90, 0x80, 0x80]]) {
    const decoded = decodeUtf8(Uint8Array.from(bytes));
    assert.equal(decoded.ok ? "" : decoded.faults[0]?.code, "invalid_utf8");
  }
  assert.deepEqual(decodeUtf8(Buffer.from("\ufeffé\0")), { ok: true, value: "\ufeffé\0" });
  assert.equal(codeOf('"\ud800"'), "invalid_utf8");
});

test("strings are unescaped", () => {
  const text = '"a\\u0062\\n"';
  assert.equal(readString(text, 0, text.length), "ab\n");
});

test("parseJson gives what JSON.parse gives, and makes __proto__ harmless", () => {
  fc.assert(
    fc.property(fc.json(), (text) => (codeOf(text) ? undefined : assert.deepEqual(unwrap(text), JSON.parse(text)))),
  );
  const hostile = unwrap('{"a":[{"__proto__":{"isAdmin":true}}]}');
  assert.equal(JSON.stringify(hostile), '{"a":[{"__proto__":{"isAdmin":true}}]}');
  assert.ok(hostile !== null && typeof hostile === "object" && "a" in hostile && Array.isArray(hostile.a));
  assert.equal(hostile.a[0].isAdmin, undefined);
  assert.equal(Object.getPrototypeOf(hostile.a[0]), null);
});

function codeOf(text: string): string | undefined {
  const scanned = scanJson(text);
  return scanned.ok ? undefined : scanned.faults[0]?.code;
}

function unwrap(text: string): unknown {
  const parsed = parseJson(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

function isParsed(text: string): boolean {
  try {
    JSON.parse(text.startsWith("\ufeff") ? text.slice(1) : text);
    return true;
  } catch {
    return false;
  }
}
