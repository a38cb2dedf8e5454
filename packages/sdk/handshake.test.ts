// The receiving side of the CloudEvents webhook validation (WH-11 to WH-14).
import assert from "node:assert/strict";
import { test } from "node:test";
import type { HandshakeOptions } from "./handshake.ts";
import { receiver } from "./receiver.ts";
import { secret } from "./test-events.ts";

async function ask(headers: Readonly<Record<string, string>>, handshake?: HandshakeOptions): Promise<Headers> {
  const hooks = receiver({ secret, ...(handshake && { handshake }) });
  const response = await hooks.fetch(new Request("http://localhost/", { method: "OPTIONS", headers }));
  assert.match(response.headers.get("allow") ?? "", /POST/);
  return response.headers;
}

const origin = { "webhook-request-origin": "eventemitter.example.com" };

test("an origin that asks is allowed, at the rate it asks for", async () => {
  const headers = await ask({ ...origin, "webhook-request-rate": "120" });
  assert.equal(headers.get("webhook-allowed-origin"), "eventemitter.example.com");
  assert.equal(headers.get("webhook-allowed-rate"), "*");
});

test("no rate is named where none was asked for and none is set", async () => {
  assert.equal((await ask(origin)).get("webhook-allowed-rate"), null);
});

for (const [asked, granted] of [
  ["120", "60"],
  ["30", "30"],
  ["many", "60"],
  ["", "60"],
] as const)
  test(`of at most 60 a minute, ${asked || "nothing"} asked for is ${granted} granted`, async () => {
    const headers = await ask({ ...origin, "webhook-request-rate": asked }, { ratePerMinute: 60 });
    assert.equal(headers.get("webhook-allowed-rate"), granted);
  });

test("an origin that is not on the list gets no consent", async () => {
  const headers = await ask(origin, { origins: ["other.example.com"] });
  assert.equal(headers.get("webhook-allowed-origin"), null);
  assert.equal(
    (await ask(origin, { origins: ["EventEmitter.example.com"] })).get("webhook-allowed-origin"),
    origin["webhook-request-origin"],
  );
});

test("an OPTIONS that asks for nothing gets nothing but the methods", async () => {
  assert.equal((await ask({})).get("webhook-allowed-origin"), null);
});
