import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEvent } from "./arbitrary-events.ts";
import { decodeResource, encodeResource } from "./resource.ts";

const time = "2025-01-31T10:00:00.000Z";
const event = {
  id: "e-1",
  type: "project.created",
  source: "/projects",
  time,
  subject: "optional-subject-id",
  extensions: {},
  data: { kind: "json", text: '{"id":9007199254740993}' } as const,
};

test("the event is that of the document, with an integer id and data verbatim", () => {
  assert.equal(
    Buffer.from(encodeResource(event, { sequence: 123 }).body).toString(),
    '{"id":123,"created_at":"2025-01-31T10:00:00.000Z","updated_at":"2025-01-31T10:00:00.000Z","disabled_at":null,' +
      '"name":"project.created","subject":"optional-subject-id","data":{"id":9007199254740993}}',
  );
});

test("what is written is read", () => {
  fc.assert(
    fc.property(anyEvent, fc.nat(Number.MAX_SAFE_INTEGER), (any, sequence) => {
      const decoded = decodeResource(encodeResource({ ...any, time }, { sequence }).body);
      assert.ok(decoded.ok, JSON.stringify(decoded));
      assert.deepEqual(
        [decoded.value.id, decoded.value.name, decoded.value.subject, decoded.value.createdAt],
        [sequence, any.type, any.subject ?? null, time],
      );
      if (any.data?.kind === "json") assert.equal(decoded.value.dataText, any.data.text.trim());
    }),
  );
});

const whole = { id: 1, created_at: time, updated_at: time, disabled_at: null, name: "n", subject: null, data: {} };

test("camelCase is the same event, and what is not known is passed over", () => {
  const camel = { id: 1, createdAt: time, updatedAt: time, disabledAt: null, name: "n", data: {}, extra: true };
  assert.deepEqual(decodeResource(JSON.stringify(camel)), decodeResource(JSON.stringify(whole)));
});

const refused: readonly (readonly [unknown, string, string])[] = [
  ["text", "wrong_type", "#"],
  [{ ...whole, id: undefined }, "missing_attribute", "#/id"],
  [{ ...whole, name: null }, "missing_attribute", "#/name"],
  [{ ...whole, data: undefined }, "missing_attribute", "#/data"],
  [{ ...whole, created_at: undefined }, "missing_attribute", "#/created_at"],
  [{ ...whole, createdAt: time }, "conflicting_fields", "#/createdAt"],
  [{ ...whole, id: "1" }, "wrong_type", "#/id"],
  [{ ...whole, id: 1.5 }, "wrong_type", "#/id"],
  [{ ...whole, id: -1 }, "wrong_type", "#/id"],
  [{ ...whole, id: 2 ** 53 }, "wrong_type", "#/id"],
  [{ ...whole, name: 1 }, "wrong_type", "#/name"],
  [{ ...whole, name: "" }, "invalid_attribute", "#/name"],
  [{ ...whole, subject: 1 }, "wrong_type", "#/subject"],
  [{ ...whole, updated_at: "yesterday" }, "wrong_type", "#/updated_at"],
  [{ ...whole, disabled_at: 5 }, "wrong_type", "#/disabled_at"],
];

for (const [body, code, pointer] of refused)
  test(`refuses ${JSON.stringify(body)}`, () => {
    const decoded = decodeResource(JSON.stringify(body));
    assert.deepEqual(decoded.ok ? [] : decoded.faults.map((fault) => [fault.code, fault.pointer]), [[code, pointer]]);
  });
