import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { formatSecret, sign } from "./signature.ts";
import { decodeStandardWebhook, encodeStandardWebhook } from "./standard-webhooks.ts";

const event = {
  id: "e-1",
  type: "user.created",
  source: "/users",
  time: "2022-11-03T20:26:10.344522Z",
  extensions: {},
  data: { kind: "json", text: '{"id":9007199254740993}' } as const,
};

test("the payload is that of the specification, the id in its header", () => {
  const { headers, body } = encodeStandardWebhook(event, { deliveryId: "msg_1" });
  assert.equal(
    Buffer.from(body).toString(),
    '{"type":"user.created","timestamp":"2022-11-03T20:26:10.344522Z","data":{"id":9007199254740993}}',
  );
  assert.equal(headers["webhook-id"], "msg_1");
});

test("the reference library accepts it", () => {
  const secret = formatSecret(new Uint8Array(32).fill(5));
  const { headers, body } = encodeStandardWebhook(event, { deliveryId: "msg_1" });
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const signature = sign({ id: "msg_1", timestampSeconds, body }, [secret]);
  const signed = { ...headers, "webhook-timestamp": String(timestampSeconds), "webhook-signature": signature };
  const text = Buffer.from(body).toString();
  assert.deepEqual(new Webhook(secret).verify(text, signed), JSON.parse(text));
});

test("a payload without timestamp or data is an event without", () => {
  const decoded = decodeStandardWebhook({ "Webhook-Id": "msg_2" }, '{"type":"t","more":1}');
  assert.ok(decoded.ok);
  assert.deepEqual(
    { ...decoded.value, extensions: {} },
    { id: "msg_2", type: "t", source: "standard-webhooks", extensions: {} },
  );
});

const refused: readonly (readonly [Readonly<Record<string, string>>, string, string])[] = [
  [{}, '{"type":"t"}', "missing_header"],
  [{ "webhook-id": "1" }, "[]", "wrong_type"],
  [{ "webhook-id": "1" }, "{}", "missing_attribute"],
  [{ "webhook-id": "1" }, '{"type":7}', "missing_attribute"],
  [{ "webhook-id": "1" }, '{"type":""}', "invalid_attribute"],
  [{ "webhook-id": "1" }, '{"type":"t","timestamp":1667507170}', "invalid_attribute"],
];

for (const [headers, body, code] of refused)
  test(`refuses ${body}`, () => {
    const decoded = decodeStandardWebhook(headers, body);
    assert.equal(decoded.ok ? undefined : decoded.faults[0]?.code, code);
  });
