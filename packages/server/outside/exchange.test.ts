import assert from "node:assert/strict";
import { test } from "node:test";
import {
  answering,
  assertAnswered,
  assertFailed,
  capBytes,
  http,
  longBody,
  networkTo,
  post,
  tcp,
} from "./test-exchanges.ts";

test("one deadline covers every phase, and the phase is named", async () => {
  const timeoutMs = 250;
  const silent = await tcp((socket) => socket.pause());
  const stalled = await answering("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
  const lost = networkTo("127.0.0.1", { lookup: () => new Promise<never>(() => {}) });
  const [dns, tls, send, headers, body] = await Promise.all([
    post("http://shop.example/", { timeoutMs }, lost),
    post(`https://127.0.0.1:${silent.port}/`, { timeoutMs }),
    post(silent, { ...longBody, timeoutMs }),
    post(silent, { timeoutMs }),
    post(stalled, { timeoutMs }),
  ]);
  assertFailed(dns, "timeout", "dns", /longer than 250 ms.*name was looked up/);
  assertFailed(tls, "timeout", "tls", /longer than 250 ms.*TLS handshake/);
  assertFailed(send, "timeout", "send", /longer than 250 ms.*sending the request/);
  assertFailed(headers, "timeout", "headers", /longer than 250 ms.*waiting for the answer/);
  assertFailed(body, "timeout", "body", /longer than 250 ms.*answer's body/);
});

test("a server that drips cannot stretch the deadline", async () => {
  for (const [head, phase] of [
    ["HTTP/1.1 200 OK\r\nx: ", "headers"],
    ["HTTP/1.1 200 OK\r\n\r\n", "body"],
  ] as const) {
    const server = await answering(head, (socket) => {
      const drip = setInterval(() => socket.write("a"), 5);
      socket.once("close", () => clearInterval(drip));
    });
    const started = performance.now();
    assertFailed(await post(server, { timeoutMs: 250 }), "timeout", phase, /longer than 250 ms/);
    assert.ok(performance.now() - started < 2_500);
  }
});

test("a refusal counts although its body never ends", async () => {
  const refusing = await answering("HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 10\r\n\r\nhalf");
  const answer = assertAnswered(await post(refusing, { timeoutMs: 250 }));
  assert.deepEqual([answer.status, answer.headers["retry-after"], answer.truncated], [503, "7", true]);
});

test("reading stops at the cap: a server that streams cannot send everything", async () => {
  let sent = 0;
  let ended: Promise<unknown> = Promise.resolve();
  const total = 64 * 1024 * 1024;
  const server = await answering(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`, (socket) => {
    ended = new Promise((resolve) => socket.once("close", resolve));
    const chunk = Buffer.alloc(16 * 1024, "x");
    const next = (): void => {
      sent += chunk.length;
      if (sent < total) socket.write(chunk, (error) => error || next());
    };
    next();
  });
  const answer = assertAnswered(await post(server));
  await ended;
  assert.equal(answer.status, 200);
  assert.equal(answer.body.length, capBytes);
  assert.ok(answer.truncated);
  assert.ok(sent < total / 4, `${sent} bytes were sent`);
});

test("a body of exactly the cap is whole and leaves the connection fit; one byte more is cut", async () => {
  let size = capBytes;
  const server = await http((_request, response) => response.end("x".repeat(size)));
  const whole = assertAnswered(await post(server));
  assert.deepEqual([whole.body.length, whole.truncated], [capBytes, false]);
  size = capBytes + 1;
  const cut = assertAnswered(await post(server));
  assert.deepEqual([cut.body.length, cut.truncated], [capBytes, true]);
  assert.equal(server.connections(), 1);
  assertAnswered(await post(server));
  assert.equal(server.connections(), 2);
});

test("headers without end are not read to their end", async () => {
  const server = await answering(`HTTP/1.1 200 OK\r\nx: ${"a".repeat(20_000)}`);
  assertFailed(await post(server), "network", "headers", /exceed 16 KiB/);
});

test("an answer that comes before the request was read counts, although the connection then breaks", async () => {
  for (const status of ["413 Too Large", "200 OK"]) {
    const server = await answering(`HTTP/1.1 ${status}\r\ncontent-length: 10\r\n\r\nhalf`, (socket) =>
      setImmediate(() => socket.resetAndDestroy()),
    );
    const answer = assertAnswered(await post(server, longBody));
    assert.equal(answer.status, Number(status.slice(0, 3)));
  }
});
