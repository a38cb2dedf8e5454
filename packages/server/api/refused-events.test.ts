// Bad input gets a 4xx that names the field and the rule; never a 5xx, never a hang, never a half-stored event (DESIGN §8.9).
// Here: events.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import type { ProblemCode } from "./problems.ts";
import { startTestNode } from "./test-node.ts";
import { assertRefused, type Case, text } from "./test-refusals.ts";

const binary = { "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/s", "ce-type": "t" };
const structured = { "content-type": "application/cloudevents+json" };

const events: readonly Case[] = [
  ["no body", ["POST", "/events"], 400, "body_missing"],
  ["an empty body", ["POST", "/events", text("")], 400, "body_missing"],
  ["not JSON", ["POST", "/events", text("{")], 400, "invalid_json", ["#"]],
  ["a comma too many", ["POST", "/events", text('{"type":"a",}')], 400, "invalid_json", ["#"]],
  ["two values", ["POST", "/events", text('{"type":"a"}{}')], 400, "invalid_json", ["#"]],
  ["a key twice", ["POST", "/events", text('{"type":"a","type":"b"}')], 400, "duplicate_key", ["#/type"]],
  [
    "a key twice, deep in the data",
    ["POST", "/events", text('{"type":"a","data":{"b":[{"c":1,"c":2}]}}')],
    400,
    "duplicate_key",
    ["#/data/b/0/c"],
  ],
  ["a byte order mark", ["POST", "/events", text('\ufeff{"type":"a"}')], 400, "invalid_json", ["#"]],
  [
    "invalid UTF-8",
    ["POST", "/events", { body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) }],
    400,
    "invalid_utf8",
    ["#"],
  ],
  [
    "too deep",
    ["POST", "/events", text(`{"type":"a","data":${"[".repeat(100)}${"]".repeat(100)}}`)],
    400,
    "json_too_deep",
  ],
  ["sixty thousand brackets", ["POST", "/events", text("[".repeat(60_000))], 400, "json_too_deep"],
  ["a number", ["POST", "/events", text("7")], 400, "wrong_type", ["#"]],
  ["an element that is no object", ["POST", "/events", { body: [{ type: "a" }, 7] }], 400, "wrong_type", ["#/1"]],
  ["no type", ["POST", "/events", { body: {} }], 400, "missing_attribute", ["#/type"]],
  ["an unknown field", ["POST", "/events", { body: { type: "a", Dat: 1 } }], 400, "unknown_field", ["#/Dat"]],
  ["a prototype", ["POST", "/events", text('{"type":"a","__proto__":{"x":1}}')], 400, "unknown_field", ["#/__proto__"]],
  [
    "an extension that is an object",
    ["POST", "/events", { body: { type: "a", ext: {} } }],
    400,
    "wrong_type",
    ["#/ext"],
  ],
  [
    "a time that is none",
    ["POST", "/events", { body: { type: "a", time: "yesterday" } }],
    400,
    "invalid_attribute",
    ["#/time"],
  ],
  [
    "deliverAt and delay",
    ["POST", "/events", { body: { type: "a", deliverAt: 1, delay: 1 } }],
    400,
    "conflicting_fields",
    ["#"],
  ],
  ["a delay in words", ["POST", "/events", { body: { type: "a", delay: "1m" } }], 400, "invalid_field", ["#/delay"]],
  [
    "a delay of a million years",
    ["POST", "/events", { body: { type: "a", delay: 3e13 } }],
    400,
    "schedule_too_far",
    ["#/delay"],
  ],
  ["a system type", ["POST", "/events", { body: { type: "PRE_USER_CREATE" } }], 400, "system_type", ["#/type"]],
  [
    "a system type in an array",
    ["POST", "/events", { body: [{ type: "a" }, { type: "DB_INSERT" }] }],
    400,
    "system_type",
    ["#/1/type"],
  ],
  [
    "faults of two kinds",
    ["POST", "/events", { body: [{ type: "a", X: 1 }, {}] }],
    400,
    "invalid_request",
    ["#/0/X", "#/1/type"],
  ],
  [
    "form data",
    ["POST", "/events", text("type=a", { "content-type": "application/x-www-form-urlencoded" })],
    415,
    "unsupported_media_type",
  ],
  [
    "a content type that is none",
    ["POST", "/events", text("{}", { "content-type": "xyz" })],
    415,
    "unsupported_media_type",
  ],
  [
    "CloudEvents in XML",
    ["POST", "/events", text("<a/>", { "content-type": "application/cloudevents+xml" })],
    415,
    "unsupported_media_type",
  ],
  [
    "a compressed body",
    ["POST", "/events", text('{"type":"a"}', { "content-encoding": "gzip" })],
    415,
    "unsupported_media_type",
  ],
  ["a body too large", ["POST", "/events", text(`{"type":"a","data":"${"x".repeat(70_000)}"}`)], 413, "body_too_large"],
  ["too many events", ["POST", "/events", { body: Array(6).fill({ type: "a" }) }], 413, "batch_too_large"],
  [
    "structured without an id",
    ["POST", "/events", text('{"specversion":"1.0","source":"/s","type":"t"}', structured)],
    400,
    "missing_attribute",
    ["#/id"],
  ],
  [
    "structured of another version",
    ["POST", "/events", text('{"specversion":"0.9","id":"1","source":"/s","type":"t"}', structured)],
    400,
    "unsupported_specversion",
  ],
  ["structured with nothing in it", ["POST", "/events", text("", structured)], 400, "body_missing"],
  [
    "binary without a type",
    ["POST", "/events", text("{}", { ...binary, "ce-type": "" })],
    400,
    "invalid_attribute",
    ["#"],
  ],
  [
    "binary with a stray percent sign",
    ["POST", "/events", text("{}", { ...binary, "ce-subject": "100%" })],
    400,
    "invalid_header",
    ["#"],
  ],
  ["binary with a body that is not its JSON", ["POST", "/events", text("{", binary)], 400, "invalid_json"],
  [
    "an idempotency key too long",
    ["POST", "/events", { body: { type: "a" }, headers: { "idempotency-key": "k".repeat(256) } }],
    400,
    "invalid_idempotency_key",
  ],
  [
    "an idempotency key without its last quote",
    ["POST", "/events", { body: { type: "a" }, headers: { "idempotency-key": '"k' } }],
    400,
    "invalid_idempotency_key",
  ],
  [
    "an empty idempotency key",
    ["POST", "/events", { body: { type: "a" }, headers: { "idempotency-key": '""' } }],
    400,
    "invalid_idempotency_key",
  ],
];

test("every kind of bad event is answered with its own problem", async (context) => {
  const settings = { POSTHORN_MAX_BODY_BYTES: "64KiB", POSTHORN_MAX_BATCH_EVENTS: "5" };
  await assertRefused(context, await startTestNode(context, { settings }), events);
});

test("bytes that are no request are answered too, and the connection ends", async (context) => {
  const node = await startTestNode(context);
  const cases: readonly (readonly [string, number, ProblemCode])[] = [
    ["nonsense\r\n\r\n", 400, "malformed_request"],
    [`GET /${"x".repeat(80_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 431, "headers_too_large"],
    [
      "POST /events HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
      400,
      "malformed_request",
    ],
  ];
  for (const [request, status, code] of cases) {
    const socket = connect(Number(new URL(node.url).port), "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {});
    socket.write(request);
    await once(socket, "close");
    const answer = Buffer.concat(chunks).toString();
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.equal(JSON.parse(answer.split("\r\n\r\n")[1] ?? "").code, code);
  }
});
