// The CloudEvents conformance cases, written from the specification (STANDARDS §1), and the property that an event comes
// back from every mode as it went in, but for what the mode cannot say.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEvent, comparable } from "./arbitrary-events.ts";
import {
  type ContentMode,
  decodeBatch,
  decodeBinary,
  decodeStructured,
  detectMode,
  encodeBatch,
  encodeBinary,
  encodeStructured,
  fitsBinaryMode,
} from "./cloudevents.ts";
import type { Result } from "./errors.ts";
import type { Event } from "./event.ts";

const minimal = { specversion: "1.0", id: "minimal", type: "io.cloudevents.test", source: "https://cloudevents.io" };
const { specversion: _specversion, ...minimalEvent } = minimal;

// ── Structured ─────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is added to the minimal event, undefined to remove; the fault's code, and the pointer when it is not "#/<key>". */
const invalid: readonly (readonly [Readonly<Record<string, unknown>>, string, string?])[] = [
  [{ specversion: undefined }, "missing_attribute"],
  [{ id: undefined }, "missing_attribute"],
  [{ type: undefined }, "missing_attribute"],
  [{ source: undefined }, "missing_attribute"],
  [{ id: null }, "missing_attribute"],
  [{ specversion: null }, "missing_attribute"],
  [{ id: "" }, "invalid_attribute"],
  [{ type: "" }, "invalid_attribute"],
  [{ source: "" }, "invalid_attribute"],
  [{ specversion: "" }, "unsupported_specversion"],
  [{ specversion: "0.9" }, "unsupported_specversion"],
  [{ specversion: "1.0.2" }, "unsupported_specversion"],
  [{ specversion: "1.0-rc1" }, "unsupported_specversion"],
  [{ specversion: 1 }, "wrong_type"],
  [{ id: 25 }, "wrong_type"],
  [{ id: { xyz: "abc" } }, "wrong_type"],
  [{ type: true }, "wrong_type"],
  [{ source: ["a"] }, "wrong_type"],
  [{ source: "a b" }, "invalid_attribute"],
  [{ id: "a\nb" }, "invalid_attribute"],
  [{ type: "a\u0085" }, "invalid_attribute"],
  [{ subject: "\ufdd0" }, "invalid_attribute"],
  [{ subject: "\u{1fffe}" }, "invalid_attribute"],
  [{ subject: "\udead" }, "invalid_attribute"],
  [{ subject: "" }, "invalid_attribute"],
  [{ subject: 5 }, "wrong_type"],
  [{ time: "lunchtime" }, "invalid_attribute"],
  [{ time: "2018-04-05T18:31Z" }, "invalid_attribute"],
  [{ time: "2018-04-05T18:31:00X" }, "invalid_attribute"],
  [{ time: "2018-04-05T18:31:00+25:00" }, "invalid_attribute"],
  [{ time: "2018-04-05T18:31:00+xx:00" }, "invalid_attribute"],
  [{ time: "2018-04-05T18:31:00+05" }, "invalid_attribute"],
  [{ time: "" }, "invalid_attribute"],
  [{ time: 1522949460 }, "wrong_type"],
  [{ datacontenttype: "xyz" }, "invalid_attribute"],
  [{ datacontenttype: "" }, "invalid_attribute"],
  [{ dataschema: "" }, "invalid_attribute"],
  [{ dataschema: "relative" }, "invalid_attribute"],
  [{ dataschema: "https://cloudevents.io/#fragment" }, "invalid_attribute"],
  [{ MyExtension: "bad" }, "invalid_attribute_name"],
  [{ "my.extension": "bad" }, "invalid_attribute_name"],
  [{ my_extension: "bad" }, "invalid_attribute_name"],
  [{ "my-extension": 1.5 }, "invalid_attribute_name"],
  [{ "": "bad" }, "invalid_attribute_name"],
  [{ é: "bad" }, "invalid_attribute_name", "#/%C3%A9"],
  [{ "a/b": "bad" }, "invalid_attribute_name", "#/a~1b"],
  [{ ext: 1.5 }, "wrong_type"],
  [{ ext: 2147483648 }, "wrong_type"],
  [{ ext: -2147483649 }, "wrong_type"],
  [{ ext: 1e21 }, "wrong_type"],
  [{ ext: {} }, "wrong_type"],
  [{ ext: [] }, "wrong_type"],
  [{ ext: "\u0000" }, "invalid_attribute"],
  [{ data: "text", data_base64: "eyAieHl6IjogMTIzIH0=" }, "conflicting_fields", "#"],
  [{ data: null, data_base64: "" }, "conflicting_fields", "#"],
  [{ data_base64: "*" }, "invalid_data"],
  [{ data_base64: "YQ" }, "invalid_data"],
  [{ data_base64: "YR==" }, "invalid_data"],
  [{ data_base64: "Y Q==" }, "invalid_data"],
  [{ data_base64: "-_8=" }, "invalid_data"],
  [{ data_base64: 5 }, "invalid_data"],
  [{ data: {}, datacontenttype: "text/plain" }, "invalid_data", "#/data"],
  [{ data: null, datacontenttype: "text/plain" }, "invalid_data", "#/data"],
  [{ data: "\udead", datacontenttype: "text/plain" }, "invalid_data", "#/data"],
];

for (const [change, code, pointer] of invalid)
  test(`refuses ${JSON.stringify(change)}`, () => {
    const [key] = Object.keys(change);
    const decoded = decodeStructured(JSON.stringify({ ...minimal, ...change }));
    assert.deepEqual(faultsOf(decoded), [[code, pointer ?? `#/${key}`]]);
  });

const alsoInvalid = [
  ['{"specversion":"1.0","id":"1","type":"t","source":"s","ext":1.0}', "wrong_type", "#/ext"],
  ['{"specversion":"1.0","id":"1","type":"t","source":"s","ext":1e1}', "wrong_type", "#/ext"],
  ['{"specversion":"1.0","id":"1","type":"t","source":"s","id":"2"}', "duplicate_key", "#/id"],
  ['{"specversion":"1.0","id":"1","type":"t","source":"s","i\\u0064":"2"}', "duplicate_key", "#/id"],
  ['{"specversion":"1.0","id":"1","type":"t","source":"s","data":{"a":1,"a":1}}', "duplicate_key", "#/data/a"],
  ['{"specversion":"1.0","id":"1","type":"t","source":"s","__proto__":"x"}', "invalid_attribute_name", "#/__proto__"],
  ['{"specversion":"1.0","id":"1","type":"t","source":"s","\\ud800":1}', "invalid_attribute_name", "#/%EF%BF%BD"],
  ["[]", "wrong_type", "#"],
  ["null", "wrong_type", "#"],
  ["", "invalid_json", "#"],
] as const;

for (const [text, code, pointer] of alsoInvalid)
  test(`refuses ${text}`, () => assert.deepEqual(faultsOf(decodeStructured(text)), [[code, pointer]]));

/** What is added to the minimal event, and what then differs from the minimal event as it is read. */
const accepted: readonly (readonly [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>])[] = [
  [{}, {}],
  [{ datacontenttype: null, dataschema: null, subject: null, time: null, ext: null, data_base64: null }, {}],
  [
    { datacontenttype: "text/plain", dataschema: "https://cloudevents.io/dataschema", subject: "tests" },
    { datacontenttype: "text/plain", dataschema: "https://cloudevents.io/dataschema", subject: "tests" },
  ],
  [{ time: "2018-04-05T17:31:00.000000000Z" }, { time: "2018-04-05T17:31:00.000000000Z" }],
  [{ time: "2018-04-05T18:31:00+01:00" }, { time: "2018-04-05T18:31:00+01:00" }],
  [{ source: "#fragment" }, { source: "#fragment" }],
  [
    { datacontenttype: "text/plain", data: "Simple" },
    { datacontenttype: "text/plain", data: text("Simple") },
  ],
  [{ data: "Simple" }, { data: json('"Simple"') }],
  [{ data: null }, { data: json("null") }],
  [{ data: 0 }, { data: json("0") }],
  [{ data: false }, { data: json("false") }],
  [
    { datacontenttype: "Application/X+JSON;a=b", data: "{}" },
    { datacontenttype: "Application/X+JSON;a=b", data: json('"{}"') },
  ],
  [{ data_base64: "TWE=" }, { data: { kind: "binary", hex: "4d61" } }],
  [{ data_base64: "" }, { data: { kind: "binary", hex: "" } }],
  [
    { datacontenttype: "application/json", data_base64: "TWE=" },
    { datacontenttype: "application/json", data: { kind: "binary", hex: "4d61" } },
  ],
  [
    { extinteger: 10, extboolean: true, extstring: "text", exturi: "https://cloudevents.io", extbinary: "TWE=" },
    {
      extensions: {
        extinteger: 10,
        extboolean: true,
        extstring: "text",
        exturi: "https://cloudevents.io",
        extbinary: "TWE=",
      },
    },
  ],
  [{ min: -2147483648, max: 2147483647, empty: "" }, { extensions: { min: -2147483648, max: 2147483647, empty: "" } }],
  [{ averyveryverylongextensionname: 1, "2nd": 2 }, { extensions: { averyveryverylongextensionname: 1, "2nd": 2 } }],
];

for (const [change, difference] of accepted)
  test(`accepts ${JSON.stringify(change)}`, () => {
    const event = unwrap(decodeStructured(JSON.stringify({ ...minimal, ...change })));
    assert.deepEqual(comparable(event), { ...minimalEvent, extensions: {}, data: undefined, ...difference });
  });

test("all faults are told at once", () => {
  const decoded = decodeStructured('{"specversion":"2","id":"","source":1,"X":1,"e":[]}');
  assert.deepEqual(faultsOf(decoded), [
    ["unsupported_specversion", "#/specversion"],
    ["invalid_attribute", "#/id"],
    ["wrong_type", "#/source"],
    ["invalid_attribute_name", "#/X"],
    ["wrong_type", "#/e"],
    ["missing_attribute", "#/type"],
  ]);
});

test("1.0-rc1 is read as 1.0 where that is asked for", () => {
  const event = unwrap(decodeStructured(JSON.stringify({ ...minimal, specversion: "1.0-rc1" }), { acceptRc1: true }));
  assert.match(bodyText(encodeStructured(event)), /^\{"specversion":"1\.0",/);
});

test("JSON data is taken verbatim, whatever stands before and after it", () => {
  const verbatim = '{ "n":9007199254740993,"f":1.0,\n"e":"\\u00e9", "b":0, "a":-0 }';
  const decoded = decodeStructured(`{"data" : ${verbatim} ,"specversion":"1.0","id":"1","type":"t","source":"s"}`);
  assert.deepEqual(unwrap(decoded).data, json(verbatim));
});

test("structured: decode(encode(x)) = x", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const { headers, body } = encodeStructured(event);
      assert.equal(detectMode(headers), "structured");
      assert.deepEqual(comparable(unwrap(decodeStructured(Buffer.from(body).toString()))), comparable(event));
    }),
    { numRuns: 500 },
  );
});

// ── Batched ────────────────────────────────────────────────────────────────────────────────────────────────────────

test("batched: decode(encode(x)) = x, the empty batch included", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 4 }), (events) => {
      const { headers, body } = encodeBatch(events);
      assert.equal(detectMode(headers), "batched");
      assert.deepEqual(unwrap(decodeBatch(Buffer.from(body).toString())).map(comparable), events.map(comparable));
    }),
  );
});

test("one bad element makes the batch bad, and every fault points into its element", () => {
  const batch = [minimal, "no object", { ...minimal, specversion: "0.9" }, { ...minimal, id: undefined, ext: [] }];
  assert.deepEqual(faultsOf(decodeBatch(JSON.stringify(batch))), [
    ["wrong_type", "#/1"],
    ["unsupported_specversion", "#/2/specversion"],
    ["wrong_type", "#/3/ext"],
    ["missing_attribute", "#/3/id"],
  ]);
  assert.deepEqual(faultsOf(decodeBatch(JSON.stringify(minimal))), [["wrong_type", "#"]]);
});

test("a hostile batch gets a bounded number of faults, of bounded length", () => {
  const decoded = decodeBatch(JSON.stringify([...Array(10_000).fill(0), { [`X${"x".repeat(10_000)}`]: 1 }]));
  assert.equal(faultsOf(decoded).length, 100);
  const long = decodeStructured(`{"${"x".repeat(10_000)}":1,"${"x".repeat(10_000)}":1}`);
  assert.ok(!long.ok && JSON.stringify(long.faults).length < 500);
});

// ── Binary ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const required = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t" };

test("binary: decode(encode(x)) = x, but for what headers cannot say", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const { headers, body } = encodeBinary(event);
      for (const value of Object.values(headers)) assert.match(value, /^[\x20-\x7e]*$/);
      assert.equal(detectMode(headers), "binary");
      assert.deepEqual(comparable(unwrap(decodeBinary(headers, body))), comparable(afterBinary(event)));
    }),
    { numRuns: 500 },
  );
});

/** The losses of binary mode, as `encodeBinary` states them. */
function afterBinary(event: Event): Event {
  const extensions = Object.fromEntries(Object.entries(event.extensions).map(([name, value]) => [name, String(value)]));
  const { data, ...rest } = event;
  if (data === undefined) return { ...rest, extensions };
  if ((data.kind === "text" && data.text === "") || (data.kind === "binary" && data.bytes.length === 0))
    return { ...rest, extensions };
  const mediaType = event.datacontenttype ?? (data.kind === "json" ? "application/json" : undefined);
  return { ...rest, extensions, data, ...(mediaType === undefined ? {} : { datacontenttype: mediaType }) };
}

const invalidHeaders: readonly (readonly [Readonly<Record<string, string | string[]>>, string])[] = [
  [{ "ce-id": "" }, "invalid_attribute"],
  [{ "ce-id": "%C0%A0" }, "invalid_header"],
  [{ "ce-id": "100%" }, "invalid_header"],
  [{ "ce-subject": '"open' }, "invalid_header"],
  [{ "ce-subject": "%00" }, "invalid_attribute"],
  [{ "ce-specversion": "0.3" }, "unsupported_specversion"],
  [{ "ce-time": "yesterday" }, "invalid_attribute"],
  [{ "ce-datacontenttype": "text/plain" }, "invalid_header"],
  [{ "ce-data": "x" }, "invalid_attribute_name"],
  [{ "ce-my_ext": "x" }, "invalid_attribute_name"],
  [{ "ce-my-ext": "x" }, "invalid_attribute_name"],
  [{ "ce-": "x" }, "invalid_attribute_name"],
  [{ "CE-ID": "2" }, "duplicate_header"],
  [{ "ce-ext": ["a", "b"] }, "duplicate_header"],
  [{ "content-type": "xyz" }, "invalid_attribute"],
];

for (const [change, code] of invalidHeaders)
  test(`refuses the headers ${JSON.stringify(change)}`, () => {
    assert.deepEqual(faultsOf(decodeBinary({ ...required, ...change }, new Uint8Array())), [[code, "#"]]);
  });

test("every required header that is missing is named", () => {
  const decoded = decodeBinary({ "ce-id": "1" }, new Uint8Array());
  assert.deepEqual(decoded.ok ? [] : decoded.faults.map(({ detail }) => detail), [
    "ce-specversion is required",
    "ce-source is required",
    "ce-type is required",
  ]);
});

test("header names come in any case, values in one round of decoding", () => {
  const headers = {
    "CE-SpecVersion": "1.0",
    "Ce-Id": '"a b"%2541',
    "cE-source": "/s",
    "ce-TYPE": "t",
    "ce-Ext": ["x"],
  };
  const event = unwrap(decodeBinary(headers, new Uint8Array()));
  assert.deepEqual(comparable(event), {
    id: "a b%41",
    source: "/s",
    type: "t",
    extensions: { ext: "x" },
    data: undefined,
  });
});

const bodies: readonly (readonly [string | undefined, string, unknown])[] = [
  ["application/json", ' {"a":1.0}\n', json(' {"a":1.0}\n')],
  ["application/json; charset=utf-8", "null", json("null")],
  ["application/x+json", '"é"', json('"é"')],
  ["text/plain", "é", text("é")],
  ["text/plain; charset=iso-8859-1", "é", { kind: "binary", hex: "c3a9" }],
  ["application/xml", "<a/>", text("<a/>")],
  ["application/octet-stream", "abc", { kind: "binary", hex: "616263" }],
  [undefined, "{}", { kind: "binary", hex: "7b7d" }],
  ["application/json", "", undefined],
];

for (const [mediaType, body, data] of bodies)
  test(`reads a body of ${mediaType}: ${JSON.stringify(body)}`, () => {
    const event = unwrap(decodeBinary({ ...required, "content-type": mediaType }, Buffer.from(body)));
    assert.deepEqual(Object(comparable(event)).data, data);
  });

test("text that is not UTF-8 stays bytes; JSON that is not UTF-8 or not JSON is refused", () => {
  const bytes = Uint8Array.from([0xe9]);
  const plain = unwrap(decodeBinary({ ...required, "content-type": "text/plain" }, bytes));
  assert.deepEqual(plain.data, { kind: "binary", bytes });
  const jsonHeaders = { ...required, "content-type": "application/json" };
  assert.deepEqual(faultsOf(decodeBinary(jsonHeaders, bytes)), [["invalid_utf8", "#"]]);
  assert.deepEqual(faultsOf(decodeBinary(jsonHeaders, Buffer.from("{,}"))), [["invalid_json", "#"]]);
  assert.deepEqual(faultsOf(decodeBinary(jsonHeaders, Buffer.from("\ufeff{}"))), [["invalid_data", "#"]]);
  assert.equal(faultsOf(decodeBinary(jsonHeaders, Buffer.from("[".repeat(99))))[0]?.[0], "json_too_deep");
});

test("data that came in binary mode fits into the envelope of structured mode", () => {
  const deep = (depth: number): Uint8Array => Buffer.from("[".repeat(depth) + "]".repeat(depth));
  const headers = { ...required, "content-type": "application/json" };
  const event = unwrap(decodeBinary(headers, deep(63)));
  assert.equal(decodeStructured(bodyText(encodeStructured(event))).ok, true);
  assert.equal(faultsOf(decodeBinary(headers, deep(64)))[0]?.[0], "json_too_deep");
});

test("a webhook in binary mode needs a body, a Content-Type and UTF-8", () => {
  const event: Event = { id: "1", type: "t", source: "/s", extensions: {} };
  assert.equal(fitsBinaryMode(event), false);
  assert.equal(fitsBinaryMode({ ...event, data: { kind: "json", text: "null" } }), true);
  assert.equal(fitsBinaryMode({ ...event, data: { kind: "binary", bytes: Uint8Array.of(1) } }), false);
  const latin = { ...event, datacontenttype: "text/plain; charset=iso-8859-1" };
  assert.equal(fitsBinaryMode({ ...latin, data: { kind: "text", text: "é" } }), false);
  assert.equal(fitsBinaryMode({ ...latin, data: { kind: "binary", bytes: Uint8Array.of(0xe9) } }), true);
});

// ── Modes ──────────────────────────────────────────────────────────────────────────────────────────────────────────

const modes: readonly (readonly [Readonly<Record<string, string>>, ContentMode])[] = [
  [{ "content-type": "application/cloudevents+json" }, "structured"],
  [{ "Content-Type": "Application/CloudEvents+JSON; charset=UTF-8" }, "structured"],
  [{ "content-type": "application/cloudevents+json", ...required }, "structured"],
  [{ "content-type": "application/cloudevents-batch+json" }, "batched"],
  [{ "content-type": "APPLICATION/CLOUDEVENTS-BATCH+JSON;a=b" }, "batched"],
  [{ "content-type": "application/cloudevents+avro" }, "unsupported"],
  [{ "content-type": "application/cloudevents+xml", ...required }, "unsupported"],
  [{ "content-type": "application/cloudevents-batch+xml" }, "unsupported"],
  [{ "content-type": "application/cloudevents+jsonp" }, "unsupported"],
  [{ "content-type": "application/cloudevents" }, "unsupported"],
  [{ "content-type": "application/json", ...required }, "binary"],
  [{ "CE-Id": "1" }, "binary"],
  [{ "ce-specversion": "1.0" }, "binary"],
  [{ "content-type": "application/json" }, "none"],
  [{ "content-type": "application/json", "ce-ext": "x", "cex-id": "1" }, "none"],
  [{}, "none"],
];

for (const [headers, mode] of modes)
  test(`${JSON.stringify(headers)} is ${mode}`, () => assert.equal(detectMode(headers), mode));

function text(content: string): unknown {
  return { kind: "text", text: content };
}

function json(content: string): unknown {
  return { kind: "json", text: content };
}

function bodyText({ body }: { readonly body: Uint8Array }): string {
  return Buffer.from(body).toString();
}

function unwrap<T>(result: Result<T>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function faultsOf(result: Result<unknown>): readonly (readonly [string, string])[] {
  return result.ok ? [] : result.faults.map(({ code, pointer }) => [code, pointer] as const);
}
