import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import {
  answering,
  assertAnswered,
  assertFailed,
  bodyText,
  http,
  longBody,
  networkTo,
  post,
  tcp,
} from "./test-exchanges.ts";

test("one connection serves request after request", async () => {
  const server = await http((_request, response) => response.end("x".repeat(1_000)));
  for (let count = 0; count < 50; count += 1) assertAnswered(await post(server));
  assert.equal(server.connections(), 1);
});

test("a server that closes after its answer costs nothing but a new connection", async () => {
  const server = await http((_request, response) => response.setHeader("connection", "close").end("x"));
  for (let count = 0; count < 5; count += 1) assert.equal(bodyText(await post(server)), "x");
  assert.equal(server.connections(), 5);
});

test("a limit of connections is kept, and everybody gets a turn", async () => {
  const server = await http((_request, response) => response.end());
  const few = networkTo("127.0.0.1", { connectionsPerOrigin: 4 });
  const exchanges = await Promise.all(Array.from({ length: 40 }, () => post(server, {}, few)));
  for (const exchange of exchanges) assertAnswered(exchange);
  assert.ok(server.connections() <= 4);
});

test("connections that nobody needs are let go, the oldest first", async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const first = await tcp((socket) => {
    closed = once(socket, "close");
    socket.on("data", () => socket.write("HTTP/1.1 204 No Content\r\n\r\n"));
  });
  const second = await http((_request, response) => response.end());
  const few = networkTo("127.0.0.1", { idleConnections: 1 });
  assertAnswered(await post(first, {}, few));
  assertAnswered(await post(second, {}, few));
  await closed;
  assertAnswered(await post(first, {}, few));
  assert.equal(first.connections(), 2);
});

test("waiting for a connection counts, and who times out makes room", async () => {
  let requests = 0;
  const server = await http((_request, response) => {
    requests += 1;
    if (requests > 1) response.end("second");
  });
  const single = networkTo("127.0.0.1", { connectionsPerOrigin: 1 });
  const [hanging, waitingLong, waitingShort] = [
    post(server, { timeoutMs: 300 }, single),
    post(server, {}, single),
    post(server, { timeoutMs: 30 }, single),
  ];
  assertFailed(await waitingShort, "timeout", "connect", /all connections to http:\/\/127.0.0.1:\d+ were in use/);
  assertFailed(await hanging, "timeout", "headers", /300 ms/);
  assert.equal(bodyText(await waitingLong), "second");
});

test("a whole answer that overtakes the request counts, and its connection is not used again", async () => {
  const server = await answering("HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok", (socket) => socket.pause());
  assert.equal(bodyText(await post(server, longBody)), "ok");
  assert.equal(bodyText(await post(server)), "ok");
  assert.equal(server.connections(), 2);
});
