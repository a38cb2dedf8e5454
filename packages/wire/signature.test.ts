import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Result } from "./errors.ts";
import { formatPrivateKey, formatSecret, parseSecret, publicKeyOf, sign, verify } from "./signature.ts";

const secret = formatSecret(new Uint8Array(32).fill(7));
const otherSecret = formatSecret(new Uint8Array(24).fill(8));
const privateKey = formatPrivateKey(new Uint8Array(32).fill(9));
const message = { id: "msg_1", timestampSeconds: 1_700_000_000, body: '{"a":1}' };
const now = { nowSeconds: message.timestampSeconds };

function headersFor(signature: string, change: Readonly<Record<string, string | undefined>> = {}) {
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(message.timestampSeconds),
    "webhook-signature": signature,
    ...change,
  };
}

test("v1 is HMAC-SHA256 over id.timestamp.body, as in the specification's own example", () => {
  // The example of the Standard Webhooks specification and its reference libraries.
  const signature = sign(
    {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestampSeconds: 1_614_265_330,
      body: '{"test": 2432232314}',
    },
    ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
  );
  assert.equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test("what is signed verifies, whatever the bytes; any change of them does not", () => {
  const keys = fc.constantFrom(
    [secret, [secret]],
    [privateKey, [unwrap(publicKeyOf(privateKey))]],
    [privateKey, [privateKey]],
  );
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), keys, (body, [signer, verifiers]) => {
      const headers = headersFor(sign({ ...message, body }, [String(signer)]));
      const known = [verifiers].flat();
      assert.equal(verify(headers, body, known, now).ok, true);
      const changed = Uint8Array.from(body, (byte, index) => (index === body.length - 1 ? byte ^ 1 : byte));
      assert.equal(codeOf(verify(headers, changed, known, now)), "no_match");
    }),
    { numRuns: 60 },
  );
});

test("several secrets sign side by side, and each alone verifies", () => {
  const signature = sign(message, [secret, otherSecret, privateKey]);
  assert.match(signature, /^v1,\S+ v1,\S+ v1a,\S+$/);
  for (const key of [secret, otherSecret, unwrap(publicKeyOf(privateKey)), secret.slice("whsec_".length)])
    assert.equal(verify(headersFor(signature), message.body, [key], now).ok, true);
  assert.equal(verify(headersFor(sign(message, [secret])), message.body, [otherSecret, secret], now).ok, true);
});

test("header names come in any case, versions that are not known are passed over", () => {
  const signature = `v0,abc v2 , v1 v1, v1a,AAAA x ${sign(message, [secret])}`;
  const headers = { "Webhook-Id": message.id, "WEBHOOK-TIMESTAMP": "1700000000", "Webhook-Signature": [signature] };
  assert.deepEqual(verify(headers, message.body, [secret], now), {
    ok: true,
    value: { id: "msg_1", timestampSeconds: 1_700_000_000 },
  });
});

const signed = sign(message, [secret]);
const refused: readonly (readonly [Readonly<Record<string, string | undefined>>, string])[] = [
  [{ "webhook-id": undefined }, "missing_header"],
  [{ "webhook-timestamp": undefined }, "missing_header"],
  [{ "webhook-signature": "" }, "missing_header"],
  [{ "webhook-id": "msg_2" }, "no_match"],
  [{ "webhook-timestamp": "1700000001" }, "no_match"],
  [{ "webhook-timestamp": "1700000000abc" }, "bad_timestamp"],
  [{ "webhook-timestamp": "1700000000.5" }, "bad_timestamp"],
  [{ "webhook-timestamp": "-1700000000" }, "bad_timestamp"],
  [{ "webhook-timestamp": " 1700000000" }, "bad_timestamp"],
  [{ "webhook-timestamp": "1e9" }, "bad_timestamp"],
  [{ "webhook-timestamp": "1699999699" }, "timestamp_too_old"],
  [{ "webhook-timestamp": "1700000301" }, "timestamp_too_new"],
  [{ "webhook-signature": signed.replace("v1,", "v1a,") }, "no_match"],
  [{ "webhook-signature": signed.slice(0, -1) }, "no_match"],
  [{ "webhook-signature": signed.slice(3) }, "no_match"],
  [{ "webhook-signature": "v1," }, "no_match"],
  [{ "webhook-signature": `${"v1,AAAA ".repeat(32)}${signed}` }, "no_match"],
];

for (const [change, code] of refused)
  test(`refuses ${JSON.stringify(change).slice(0, 80)}`, () => {
    assert.equal(codeOf(verify(headersFor(signed, change), message.body, [secret], now)), code);
  });

test("the tolerance is five minutes both ways, or what is asked for", () => {
  const at = (nowSeconds: number, toleranceSeconds?: number): string | undefined =>
    codeOf(
      verify(headersFor(signed), message.body, [secret], {
        nowSeconds,
        ...(toleranceSeconds === undefined ? {} : { toleranceSeconds }),
      }),
    );
  assert.equal(at(message.timestampSeconds + 300), undefined);
  assert.equal(at(message.timestampSeconds + 301), "timestamp_too_old");
  assert.equal(at(message.timestampSeconds - 300), undefined);
  assert.equal(at(message.timestampSeconds - 301), "timestamp_too_new");
  assert.equal(at(message.timestampSeconds + 11, 10), "timestamp_too_old");
});

test("secrets are told apart and checked", () => {
  assert.deepEqual(parseSecret(secret), { ok: true, value: "symmetric" });
  assert.deepEqual(parseSecret(privateKey), { ok: true, value: "key pair" });
  assert.deepEqual(parseSecret(unwrap(publicKeyOf(privateKey))), { ok: true, value: "public" });
  const bytes = (prefix: string, length: number): string => prefix + Buffer.alloc(length, 1).toString("base64");
  for (const bad of [
    "",
    "whsec_",
    "whsec_!",
    "whsec_abc",
    bytes("whsec_", 23),
    bytes("whsec_", 65),
    bytes("whsk_", 32),
    bytes("whsk_", 64),
    bytes("whpk_", 31),
    bytes("other_", 32),
  ])
    assert.equal(codeOf(parseSecret(bad)), "invalid_secret", bad);
  assert.throws(() => formatSecret(new Uint8Array(23)), RangeError);
  assert.throws(() => formatPrivateKey(new Uint8Array(64)), RangeError);
  assert.equal(codeOf(publicKeyOf(secret)), "invalid_secret");
  assert.equal(codeOf(verify(headersFor(signed), message.body, ["whsec_"], now)), "invalid_secret");
});

test("what cannot sign is a mistake of the program", () => {
  assert.throws(() => sign(message, [unwrap(publicKeyOf(privateKey))]), TypeError);
  assert.throws(() => sign(message, ["whsec_"]), TypeError);
  assert.throws(() => sign({ ...message, id: "a.b" }, [secret]), TypeError);
});

test("a text and its UTF-8 bytes have one signature", () => {
  const body = '{"é":"😀"}';
  assert.equal(sign({ ...message, body }, [secret]), sign({ ...message, body: Buffer.from(body) }, [secret]));
  const expected = createHmac("sha256", Buffer.alloc(32, 7)).update(`msg_1.1700000000.${body}`).digest("base64");
  assert.equal(sign({ ...message, body }, [secret]), `v1,${expected}`);
});

function unwrap<T>(result: Result<T>): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

function codeOf(result: Result<unknown>): string | undefined {
  return result.ok ? undefined : result.faults[0]?.code;
}
