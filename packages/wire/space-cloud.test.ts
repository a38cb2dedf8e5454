import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEvent, comparable } from "./arbitrary-events.ts";
import type { Event } from "./event.ts";
import { decodeQueueRequest, decodeWebhook, decodeWebhookAnswer, encodeWebhook } from "./space-cloud.ts";

test("the examples of the document are read", () => {
  assert.deepEqual(read('{"type":"sent-email","data":{"to":"user1@email.com"}}'), {
    type: "sent-email",
    data: { kind: "json", text: '{"to":"user1@email.com"}' },
    isSynchronous: false,
    warnings: [],
  });
  assert.deepEqual(read('{"type":"e","delay":3600,"timestamp":1587902400,"data":{"foo":"bar"}}'), {
    type: "e",
    delay: 3600,
    timestamp: 1587902400,
    data: { kind: "json", text: '{"foo":"bar"}' },
    isSynchronous: false,
    warnings: ["timestamp 1587902400 looks like seconds; it was read as milliseconds since 1970"],
  });
});

test("payload is data, timestamps may be RFC 3339, null is absent", () => {
  assert.deepEqual(read('{"type":"e","payload":[1.0],"timestamp":"2020-04-26T12:00:00Z","isSynchronous":true}'), {
    type: "e",
    timestamp: "2020-04-26T12:00:00Z",
    data: { kind: "json", text: "[1.0]" },
    isSynchronous: true,
    warnings: [],
  });
  assert.deepEqual(read('{"type":"e","delay":null,"timestamp":null,"isSynchronous":null}'), {
    type: "e",
    isSynchronous: false,
    warnings: [],
  });
});

const invalid: readonly (readonly [string, string, string])[] = [
  ["{}", "missing_attribute", "#/type"],
  ['{"type":""}', "invalid_attribute", "#/type"],
  ['{"type":1}', "wrong_type", "#/type"],
  ['{"type":"e","data":{},"payload":{}}', "conflicting_fields", "#/payload"],
  ['{"type":"e","delay":-1}', "invalid_field", "#/delay"],
  ['{"type":"e","delay":"60"}', "invalid_field", "#/delay"],
  ['{"type":"e","timestamp":"soon"}', "invalid_field", "#/timestamp"],
  ['{"type":"e","timestamp":1e300}', "invalid_field", "#/timestamp"],
  ['{"type":"e","isSynchronous":"yes"}', "wrong_type", "#/isSynchronous"],
  ['{"type":"e","extra":1}', "unknown_field", "#/extra"],
  ["[]", "wrong_type", "#"],
];

for (const [body, code, pointer] of invalid)
  test(`refuses ${body}`, () => {
    const decoded = decodeQueueRequest(body);
    assert.deepEqual(decoded.ok ? [] : decoded.faults.map((fault) => [fault.code, fault.pointer]), [[code, pointer]]);
  });

test("the webhook is the document's, to the letter", () => {
  const event: Event = {
    id: "43e32d79-f2bf-41c0-be5f-a75c8c1bcfbf",
    type: "my-custom-event",
    source: "1fb07d5d-b670-468e-ba94-ad5f06a5c053",
    time: "2019-10-19T12:40:50.053Z",
    subject: "left out",
    extensions: { left: "out" },
    data: { kind: "json", text: '{ "foo": 1.0 }' },
  };
  const { headers, body } = encodeWebhook(event);
  assert.deepEqual(headers, { "content-type": "application/json" });
  assert.equal(
    Buffer.from(body).toString(),
    '{"specversion":"1.0-rc1","id":"43e32d79-f2bf-41c0-be5f-a75c8c1bcfbf","type":"my-custom-event",' +
      '"source":"1fb07d5d-b670-468e-ba94-ad5f06a5c053","time":"2019-10-19T12:40:50.053Z","data":{ "foo": 1.0 }}',
  );
});

test("decode(encode(x)) = x, but for what the shape has no place for", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const decoded = decodeWebhook(encodeWebhook(event).body);
      assert.ok(decoded.ok);
      assert.deepEqual(comparable(decoded.value), comparable(asWebhook(event)));
    }),
  );
});

function asWebhook({ id, type, source, time, data }: Event): Event {
  const core = { id, type, source, ...(time === undefined ? {} : { time }), extensions: {} };
  if (data === undefined || (data.kind === "json" && data.text === "null")) return core;
  if (data.kind === "json") return { ...core, data };
  const content = data.kind === "text" ? data.text : Buffer.from(data.bytes).toString("base64");
  return { ...core, data: { kind: "json", text: JSON.stringify(content) } };
}

test("an answer leads to events, a response and an error, its JSON verbatim", () => {
  const answer = decodeWebhookAnswer(
    Buffer.from(
      ' {"event":{"type":"a","data":1.0},"events":[{"type":"b","delay":5},{"typ":"c"}],"response":{"x":[ 1.0 ]},"error":"no"}',
    ),
  );
  assert.deepEqual(
    answer.events.map(({ type, delay, data }) => [type, delay, data?.kind === "json" ? data.text : undefined]),
    [
      ["a", undefined, "1.0"],
      ["b", 5, undefined],
    ],
  );
  assert.equal(answer.response, '{"x":[ 1.0 ]}');
  assert.equal(answer.error, "no");
  assert.deepEqual(
    answer.faults.map(({ code, pointer }) => [code, pointer]),
    [
      ["unknown_field", "#/events/1/typ"],
      ["missing_attribute", "#/events/1/type"],
    ],
  );
});

for (const body of ["", "OK", "[]", "null", '"{}"', "{", '{"a":1,"a":2}', "{}x", '{"status":"success"}', "{}"])
  test(`the answer ${JSON.stringify(body)} says nothing`, () => {
    assert.deepEqual(decodeWebhookAnswer(Buffer.from(body)), { events: [], faults: [] });
  });

test("an answer's null and empty members say nothing; other errors are kept as JSON", () => {
  assert.deepEqual(decodeWebhookAnswer(Buffer.from('{"event":null,"events":null,"response":null,"error":""}')), {
    events: [],
    faults: [],
    response: "null",
  });
  assert.equal(decodeWebhookAnswer(Buffer.from('{"error":{"code":5}}')).error, '{"code":5}');
  const wrong = decodeWebhookAnswer(Buffer.from('{"event":[],"events":{}}'));
  assert.deepEqual(
    wrong.faults.map(({ code, pointer }) => [code, pointer]),
    [
      ["wrong_type", "#/event"],
      ["wrong_type", "#/events"],
    ],
  );
});

function read(body: string): unknown {
  const decoded = decodeQueueRequest(body);
  assert.ok(decoded.ok, JSON.stringify(decoded));
  return decoded.value;
}
