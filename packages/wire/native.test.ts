import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEvent, comparable } from "./arbitrary-events.ts";
import { structuredText } from "./cloudevents.ts";
import type { Event } from "./event.ts";
import { decodeNative, type NativeEvent } from "./native.ts";

test("type is enough", () => {
  assert.deepEqual(plain('{"type":"order.created"}'), [{ type: "order.created", extensions: {} }]);
});

test("every field is read, and data stays verbatim", () => {
  const body = `{"type":"t","source":"/s","subject":"x","id":"1","time":"2018-04-05T17:31:00Z","deliverAt":1522949460000,
    "datacontenttype":"application/json","dataschema":"urn:a:b","partitionkey":"p","count":3,"data":{"b":1.0,"a":[ ]}}`;
  assert.deepEqual(plain(body), [
    {
      type: "t",
      source: "/s",
      subject: "x",
      id: "1",
      time: "2018-04-05T17:31:00Z",
      deliverAt: 1522949460000,
      datacontenttype: "application/json",
      dataschema: "urn:a:b",
      extensions: { partitionkey: "p", count: 3 },
      data: { kind: "json", text: '{"b":1.0,"a":[ ]}' },
    },
  ]);
});

test("null is absent, but data may be null", () => {
  assert.deepEqual(plain('{"type":"t","id":null,"delay":null,"deliverAt":null,"data":null}'), [
    { type: "t", extensions: {}, data: { kind: "json", text: "null" } },
  ]);
});

test("any CloudEvent in JSON is a native event", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const decoded = decodeNative(structuredText(event));
      assert.ok(decoded.ok);
      assert.deepEqual(decoded.value.events.map(complete).map(comparable), [comparable(event)]);
    }),
  );
});

test("arrays are told from single events", () => {
  const lone = decodeNative('{"type":"t"}');
  const list = decodeNative('[{"type":"a"},{"type":"b","delay":0.5}]');
  assert.ok(lone.ok && list.ok);
  assert.equal(lone.value.isArray, false);
  assert.equal(list.value.isArray, true);
  assert.deepEqual(
    list.value.events.map(({ type, delay }) => [type, delay]),
    [
      ["a", undefined],
      ["b", 0.5],
    ],
  );
});

const invalid: readonly (readonly [string, string, string])[] = [
  ["{}", "missing_attribute", "#/type"],
  ['{"type":null}', "missing_attribute", "#/type"],
  ['{"type":""}', "invalid_attribute", "#/type"],
  ['{"type":"t","dataBase64":"x"}', "unknown_field", "#/dataBase64"],
  ['{"type":"t","deliver_at":"x"}', "unknown_field", "#/deliver_at"],
  ['{"type":"t","__proto__":{}}', "unknown_field", "#/__proto__"],
  ['{"type":"t","payload":{}}', "wrong_type", "#/payload"],
  ['{"type":"t","specversion":"0.3"}', "unsupported_specversion", "#/specversion"],
  ['{"type":"t","delay":-1}', "invalid_field", "#/delay"],
  ['{"type":"t","delay":"5"}', "invalid_field", "#/delay"],
  ['{"type":"t","delay":1e999}', "invalid_field", "#/delay"],
  ['{"type":"t","deliverAt":"tomorrow"}', "invalid_field", "#/deliverAt"],
  ['{"type":"t","deliverAt":1.5}', "invalid_field", "#/deliverAt"],
  ['{"type":"t","deliverAt":1e16}', "invalid_field", "#/deliverAt"],
  ['{"type":"t","deliverAt":true}', "invalid_field", "#/deliverAt"],
  ['{"type":"t","deliverAt":0,"delay":0}', "conflicting_fields", "#"],
  ['{"type":"t","data":1,"data_base64":"TWE="}', "conflicting_fields", "#"],
  ['{"type":"t","type":"u"}', "duplicate_key", "#/type"],
  ['"t"', "wrong_type", "#"],
  ["", "invalid_json", "#"],
];

for (const [body, code, pointer] of invalid)
  test(`refuses ${body}`, () => {
    const decoded = decodeNative(body);
    assert.deepEqual(decoded.ok ? [] : decoded.faults.map((fault) => [fault.code, fault.pointer]), [[code, pointer]]);
  });

test("every fault of an array points into its element, and the detail names the field", () => {
  const decoded = decodeNative('[{"type":"t"},{},7,{"type":"t","my-ext":1,"delay":-1}]');
  assert.deepEqual(decoded.ok ? [] : decoded.faults.map(({ pointer }) => pointer), [
    "#/1/type",
    "#/2",
    "#/3/my-ext",
    "#/3/delay",
  ]);
  assert.match(decoded.ok ? "" : (decoded.faults[2]?.detail ?? ""), /"my-ext"/);
});

function complete(event: NativeEvent): Event {
  return { id: "", source: "", ...event };
}

function plain(body: string): unknown {
  const decoded = decodeNative(body);
  assert.ok(decoded.ok, JSON.stringify(decoded));
  return decoded.value.events.map((event) => ({ ...event, extensions: { ...event.extensions } }));
}
