// Other people's code at the other end: the npm packages `cloudevents` and `standardwebhooks`, as far as they conform.
// Where they do not, the reason stands beside what was left out (STANDARDS CEH-7, SW-19).
import assert from "node:assert/strict";
import { test } from "node:test";
import { CloudEvent, HTTP } from "cloudevents";
import { Webhook } from "standardwebhooks";
import {
  decodeBatch,
  decodeBinary,
  decodeStructured,
  detectMode,
  encodeBinary,
  encodeStructured,
} from "./cloudevents.ts";
import type { Event } from "./event.ts";
import { formatSecret, sign, verify } from "./signature.ts";

/** Plain ASCII in the attributes: the package neither encodes header values nor decodes them. */
const event: Event = {
  id: "1234-1234",
  type: "com.example.someevent",
  source: "/mycontext",
  subject: "larger-context",
  time: "2018-04-05T17:31:00.000Z",
  datacontenttype: "application/json",
  dataschema: "https://example.com/schema",
  extensions: Object.assign(Object.create(null), { comexampleextension: "value" }),
  data: { kind: "json", text: '{"appinfo":"é","n":[1,2]}' },
};
const { extensions: _extensions, data: _data, ...core } = event;

/** The package writes times anew through Date, so only whole milliseconds in UTC come through it unchanged. */
const theirs = new CloudEvent({ ...core, comexampleextension: "value", data: { appinfo: "é", n: [1, 2] } });

test("their structured message is read", () => {
  const { headers, body } = HTTP.structured(theirs);
  assert.equal(detectMode(asHeaders(headers)), "structured");
  assert.deepEqual(decodeStructured(String(body)), { ok: true, value: event });
});

test("their binary message is read", () => {
  const { headers, body } = HTTP.binary(theirs);
  assert.equal(detectMode(asHeaders(headers)), "binary");
  const decoded = decodeBinary(asHeaders(headers), Buffer.from(String(body)));
  // They name charset=utf-8 only when no datacontenttype was given.
  assert.deepEqual(decoded, { ok: true, value: event });
});

test("their events in an array are a batch", () => {
  const decoded = decodeBatch(JSON.stringify([theirs, theirs]));
  assert.deepEqual(decoded, { ok: true, value: [event, event] });
});

for (const [mode, encode] of [
  ["structured", encodeStructured],
  ["binary", encodeBinary],
] as const)
  test(`they read our ${mode} message`, () => {
    const { headers, body } = encode(event);
    // Their parser knows Content-Types by the whole text and takes the body as a string.
    const contentType = mode === "structured" ? "application/cloudevents+json" : headers["content-type"];
    const read = HTTP.toEvent({
      headers: { ...headers, "content-type": contentType },
      body: Buffer.from(body).toString(),
    });
    assert.ok(!Array.isArray(read));
    assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(theirs)));
  });

// Left out: data 0, "" and false (lost by them), more than milliseconds in `time`, attributes outside ASCII in binary mode
// (sent raw), and their acceptance of invalid events, which we refuse.

const secret = formatSecret(new Uint8Array(32).fill(3));
const webhook = new Webhook(secret);
const nowSeconds = Math.floor(Date.now() / 1000);
const body = '{"type":"t","data":"é😀"}';

test("their signature verifies here, ours there", () => {
  const timestamp = new Date(nowSeconds * 1000);
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(nowSeconds) };
  const ours = sign({ id: "msg_1", timestampSeconds: nowSeconds, body: Buffer.from(body) }, [secret]);
  assert.equal(webhook.sign("msg_1", timestamp, body), ours);
  assert.deepEqual(webhook.verify(body, { ...headers, "webhook-signature": ours }), JSON.parse(body));
  const signed = { ...headers, "webhook-signature": webhook.sign("msg_1", timestamp, body) };
  assert.equal(verify(signed, Buffer.from(body), [secret], { nowSeconds }).ok, true);
});

test("they find their signature among several, as in a rotation", () => {
  const other = formatSecret(new Uint8Array(32).fill(4));
  const signature = sign({ id: "msg_1", timestampSeconds: nowSeconds, body }, [other, secret]);
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(nowSeconds), "webhook-signature": signature };
  assert.deepEqual(webhook.verify(body, headers), JSON.parse(body));
});

// Left out: bytes that are not UTF-8 (they sign what these decode to), v1a and whsk_ (unknown to them), and timestamps like
// "1614265330abc" (they read the digits, we refuse).

function asHeaders(headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
