import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEvent } from "./arbitrary-events.ts";
import { decodeNotification, encodeNotification } from "./notification.ts";

const event = {
  id: "order-1",
  type: "order.created",
  source: "/shop",
  extensions: {},
  data: { kind: "json", text: '{"big":9007199254740993,"b":1.0,"a":"\\u00e9"}' } as const,
};

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString();
}

test("the Notification Object is that of the document, version_Number and all, with data verbatim", () => {
  const { headers, body } = encodeNotification(event, { deliveryId: "d-1" });
  assert.equal(
    textOf(body),
    '{"notification_type":"order.created","version_Number":"1.0","notification_id":"d-1",' +
      '"notification_data":{"big":9007199254740993,"b":1.0,"a":"\\u00e9"}}',
  );
  assert.equal(headers["content-type"], "application/json; charset=utf-8");
});

test("no data is an empty object", () => {
  const { data: _data, ...empty } = event;
  assert.match(textOf(encodeNotification(empty, { deliveryId: "d" }).body), /"notification_data":\{\}\}$/);
});

test("what is written is read", () => {
  fc.assert(
    fc.property(anyEvent, fc.uuid(), (any, deliveryId) => {
      const decoded = decodeNotification(encodeNotification(any, { deliveryId }).body);
      assert.ok(decoded.ok, JSON.stringify(decoded));
      assert.equal(decoded.value.type, any.type);
      assert.equal(decoded.value.id, deliveryId);
      if (any.data?.kind === "json") assert.equal(decoded.value.dataText, any.data.text.trim());
    }),
  );
});

const whole = { notification_type: "t", version_Number: "1.0", notification_id: "1", notification_data: {} };

test("members that are not known are passed over, and data may be any JSON", () => {
  const body = JSON.stringify({ ...whole, extra: 1, notification_data: null });
  assert.deepEqual(decodeNotification(body), {
    ok: true,
    value: { id: "1", type: "t", versionNumber: "1.0", dataText: "null" },
  });
});

const refused: readonly (readonly [unknown, string, string])[] = [
  [[], "wrong_type", "#"],
  [{ ...whole, notification_type: undefined }, "missing_attribute", "#/notification_type"],
  [{ ...whole, notification_type: 1 }, "missing_attribute", "#/notification_type"],
  [{ ...whole, notification_type: "" }, "invalid_attribute", "#/notification_type"],
  [{ ...whole, notification_id: null }, "missing_attribute", "#/notification_id"],
  [{ ...whole, version_Number: 1 }, "missing_attribute", "#/version_Number"],
  [{ ...whole, version_Number: undefined, version_number: "1.0" }, "missing_attribute", "#/version_Number"],
  [{ ...whole, notification_data: undefined }, "missing_attribute", "#/notification_data"],
];

for (const [body, code, pointer] of refused)
  test(`refuses ${JSON.stringify(body)}`, () => {
    const decoded = decodeNotification(JSON.stringify(body));
    assert.deepEqual(decoded.ok ? [] : decoded.faults.map((fault) => [fault.code, fault.pointer]), [[code, pointer]]);
  });
