import assert from "node:assert/strict";
import { test } from "node:test";
import { answering, assertAnswered, bodyText, http, networkTo, post, tcp } from "./test-exchanges.ts";

test("a request arrives as it was said, and its answer comes back", async () => {
  let seen = "";
  const server = await http((request, response) => {
    seen = `${request.method} ${request.url} ${request.headers["x-a"]} ${request.headers["content-length"]}`;
    response
      .writeHead(
        202,
        [
          ["x-b", "1"],
          ["x-b", "2"],
          ["Set-Cookie", "a"],
          ["set-cookie", "b"],
        ].flat(),
      )
      .end("thanks");
  });
  const answer = assertAnswered(await post(server, { headers: { "x-a": "ü" }, body: Buffer.from("{}") }));
  assert.equal(seen, "POST /hook?a=b ü 2");
  assert.equal(answer.status, 202);
  assert.equal(answer.headers["x-b"], "1, 2");
  assert.equal(answer.headers["set-cookie"], "a, b");
  assert.equal(answer.truncated, false);
  assert.equal(bodyText(answer), "thanks");
});

test("an answer without a length lasts until the connection ends", async () => {
  const server = await answering("HTTP/1.1 200 OK\r\n\r\nto the end", (socket) => socket.end());
  assert.equal(bodyText(await post(server)), "to the end");
});

test("redirects are answers, and nobody goes after them", async () => {
  const hidden = await http((_request, response) => response.end("secret"));
  for (const status of [301, 302, 303, 307, 308]) {
    const server = await http((_request, response) =>
      response.writeHead(status, { location: `http://127.0.0.1:${hidden.port}/` }).end(),
    );
    assert.equal(assertAnswered(await post(server)).status, status);
  }
  assert.equal(hidden.connections(), 0);
});

test("a proxy that the environment names is not used", async () => {
  const proxy = await http((_request, response) => response.end("proxied"));
  const server = await http((_request, response) => response.end("direct"));
  const names = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "NODE_USE_ENV_PROXY"];
  for (const name of names) process.env[name] = name.endsWith("USE_ENV_PROXY") ? "1" : `http://127.0.0.1:${proxy.port}`;
  assert.equal(bodyText(await post(server, {}, networkTo("127.0.0.1"))), "direct");
  for (const name of names) delete process.env[name];
  assert.equal(proxy.connections(), 0);
});

test("headers that cannot be sent fail the exchange, not the process", async () => {
  const server = await http((_request, response) => response.end());
  for (const headers of [
    { "x-a": "1\r\nx-b: 2" },
    { "x a": "1" },
    { "transfer-encoding": "chunked" },
    { "x-a": "€" },
  ]) {
    assert.equal((await post(server, { headers })).kind, "refused");
  }
  assert.equal(server.connections(), 0);
});

test("a signal ends what runs and keeps from starting", async () => {
  const stopping = new AbortController();
  const hanging = await tcp((socket) => socket.once("data", () => stopping.abort()));
  const all = Array.from({ length: 10 }, () => post(hanging, { signal: stopping.signal }));
  for (const exchange of await Promise.all(all)) assert.deepEqual(exchange, { kind: "aborted" });
  const before = hanging.connections();
  assert.deepEqual(await post(hanging, { signal: stopping.signal }), { kind: "aborted" });
  assert.equal(hanging.connections(), before);
});

test("a network that is closed ends its connections and starts nothing", async () => {
  const closing = networkTo("127.0.0.1", { connectionsPerOrigin: 1 });
  const hanging = await tcp((socket) => socket.once("data", () => closing.close()));
  const exchanges = await Promise.all([post(hanging, {}, closing), post(hanging, {}, closing)]);
  assert.deepEqual(exchanges, [{ kind: "aborted" }, { kind: "aborted" }]);
  assert.deepEqual(await post(hanging, {}, closing), { kind: "aborted" });
});
