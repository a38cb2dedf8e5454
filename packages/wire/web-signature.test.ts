// The twins agree: what the one signs the other accepts, and they refuse the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatPrivateKey, formatSecret, publicKeyOf, sign, verify } from "./signature.ts";
import { signWithWebCrypto, verifyWithWebCrypto } from "./web-signature.ts";

const symmetric = formatSecret(new Uint8Array(32).fill(7));
const other = formatSecret(new Uint8Array(24).fill(8));
const keyPair = formatPrivateKey(new Uint8Array(32).fill(9));
const halves = publicKeyOf(keyPair);
const publicKey = halves.ok ? halves.value : "";
const nowSeconds = 1_700_000_000;

function headersFor(signature: string, timestamp = String(nowSeconds)) {
  return { "webhook-id": "msg_1", "webhook-timestamp": timestamp, "webhook-signature": signature };
}

test("both write the same signatures, whatever the bytes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async (body) => {
      const message = { id: "msg_1", timestampSeconds: nowSeconds, body };
      const secrets = [symmetric, other, keyPair];
      assert.equal(await signWithWebCrypto(message, secrets), sign(message, secrets));
    }),
    { numRuns: 30 },
  );
});

test("both answer the same to good and bad messages", async () => {
  const message = { id: "msg_1", timestampSeconds: nowSeconds, body: '{"é":1}' };
  const signature = sign(message, [symmetric, keyPair]);
  const headers = [
    headersFor(signature),
    headersFor(`v2,x v1,AAAA ${signature}`),
    headersFor(`${"v1,AAAA ".repeat(32)}${signature}`),
    headersFor(signature.slice(1)),
    headersFor(signature, "1700000000abc"),
    headersFor(signature, "1699999699"),
    headersFor(signature, "1700000301"),
    headersFor(""),
  ];
  const keyRings = [
    [symmetric],
    [symmetric.slice("whsec_".length)],
    [keyPair],
    [publicKey],
    [other],
    [other, symmetric],
    ["whsec_"],
  ];
  for (const given of headers)
    for (const keys of keyRings)
      for (const body of [message.body, "{}"])
        assert.deepEqual(
          await verifyWithWebCrypto(given, body, keys, { nowSeconds }),
          verify(given, body, keys, { nowSeconds }),
          JSON.stringify([given, keys, body]),
        );
});

test("what cannot sign is a mistake of the program", async () => {
  const message = { id: "msg_1", timestampSeconds: nowSeconds, body: "{}" };
  await assert.rejects(signWithWebCrypto(message, [publicKey]), TypeError);
  await assert.rejects(signWithWebCrypto(message, ["whsec_"]), TypeError);
  await assert.rejects(signWithWebCrypto({ ...message, id: "a.b" }, [symmetric]), TypeError);
});
