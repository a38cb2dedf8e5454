import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answering,
  assertAnswered,
  assertFailed,
  http,
  longBody,
  networkTo,
  post,
  tcp,
  tls,
  toLoopback,
} from "./test-exchanges.ts";
import { authorityFile, startTcp } from "./test-servers.ts";

test("each failure names its phase and says what happened", async () => {
  const nobody = await startTcp(() => {});
  await nobody.close();
  assertFailed(await post(nobody), "network", "connect", new RegExp(`refused by 127.0.0.1:${nobody.port}`));

  const resetting = await tcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
  assertFailed(await post(resetting), "network", "headers", /reset while waiting/);
  assertFailed(await post(resetting, longBody), "network", "send", /reset while sending the request/);

  const closing = await tcp((socket) => socket.once("data", () => socket.end()));
  assertFailed(await post(closing), "network", "headers", /closed while waiting/);

  const babbling = await answering("220 smtp.example ready\r\n");
  assertFailed(await post(babbling), "network", "headers", /did not answer in HTTP/);

  const cutting = await answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", (socket) => socket.end());
  assertFailed(await post(cutting), "network", "body", /closed/);
  const resettingLate = await answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf", (socket) =>
    setImmediate(() => socket.resetAndDestroy()),
  );
  assertFailed(await post(resettingLate), "network", "body", /reset while reading the answer's body/);
});

test("certificates are always verified, and what is wrong with one is said", async (t) => {
  const trusting = networkTo("127.0.0.1, shop.example, other.example", { caFile: authorityFile, lookup: toLoopback });
  const good = await tls("server");
  assert.equal(assertAnswered(await post(`https://shop.example:${good.port}/`, {}, trusting)).status, 204);
  assert.equal(assertAnswered(await post(`https://127.0.0.1:${good.port}/`, {}, trusting)).status, 204);

  const expired = await tls("expired");
  assertFailed(
    await post(`https://shop.example:${expired.port}/`, {}, trusting),
    "network",
    "tls",
    /shop.example expired on 2021-01-01/,
  );

  assertFailed(
    await post(`https://other.example:${good.port}/`, {}, trusting),
    "network",
    "tls",
    /is not for other.example/,
  );

  const plain = await http((_request, response) => response.end());
  assertFailed(await post(`https://127.0.0.1:${plain.port}/`), "network", "tls", /does not speak TLS/);

  t.mock.method(process, "emitWarning", () => {});
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  const untrusting = networkTo("127.0.0.1");
  assertFailed(
    await post(`https://127.0.0.1:${good.port}/`, {}, untrusting),
    "network",
    "tls",
    /not issued by an authority/,
  );
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
});

test("a name that does not resolve is said to", async () => {
  const fail = (code: string) => async () => {
    throw Object.assign(new Error(code), { code });
  };
  const unknown = networkTo("", { lookup: fail("ENOTFOUND") });
  assertFailed(
    await post("https://nope.example/", {}, unknown),
    "network",
    "dns",
    /name nope.example does not resolve/,
  );
  const empty = networkTo("", { lookup: async () => [] });
  assertFailed(await post("https://nope.example/", {}, empty), "network", "dns", /does not resolve/);
  const deaf = networkTo("", { lookup: fail("EAI_AGAIN") });
  assertFailed(await post("https://nope.example/", {}, deaf), "network", "dns", /no name server answered/);
});
