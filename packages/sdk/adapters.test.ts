// Each adapter in its framework, over real HTTP.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { serve } from "@hono/node-server";
import express from "express";
import fastify from "fastify";
import { Hono } from "hono";
import { toExpress, toFastify, toHono, toNext, toNode } from "./adapters.ts";
import { receiver } from "./receiver.ts";
import { signTestRequest } from "./sign-test-request.ts";
import { secret } from "./test-events.ts";

const closing: (() => unknown)[] = [];
after(async () => {
  for (const close of closing) await close();
});

function makeHooks() {
  const handled: unknown[] = [];
  const hooks = receiver({ secret, maxBodyBytes: 100_000 }).fallback((event) => void handled.push(event.data));
  return { hooks, handled };
}
type Hooks = ReturnType<typeof makeHooks>["hooks"];

async function urlOf(server: Server): Promise<string> {
  if (!server.listening) await once(server, "listening");
  closing.push(() => server.close());
  // A server that listens on TCP.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`;
}

/** How each framework is used, as the documentation has it. */
const frameworks: Readonly<Record<string, (hooks: Hooks) => Promise<string>>> = {
  "node:http": (hooks) => urlOf(createServer(toNode(hooks)).listen(0, "127.0.0.1")),
  Express: (hooks) => {
    const app = express();
    app.all("/webhook", toExpress(hooks));
    app.use(express.json());
    return urlOf(app.listen(0, "127.0.0.1"));
  },
  "Express with raw bodies": (hooks) => {
    const app = express();
    app.use(express.raw({ type: "*/*" }));
    app.all("/webhook", toExpress(hooks));
    return urlOf(app.listen(0, "127.0.0.1"));
  },
  "Express with text bodies": (hooks) => {
    const app = express();
    app.use(express.text({ type: "*/*" }));
    app.all("/webhook", toExpress(hooks));
    return urlOf(app.listen(0, "127.0.0.1"));
  },
  "Express whose parser keeps the bytes": (hooks) => {
    const app = express();
    app.use(
      express.json({ type: "*/*", verify: (request, _response, bytes) => Reflect.set(request, "rawBody", bytes) }),
    );
    app.all("/webhook", toExpress(hooks));
    return urlOf(app.listen(0, "127.0.0.1"));
  },
  Fastify: async (hooks) => {
    const app = fastify();
    app.post("/other", async (request) => request.body);
    app.register(toFastify(hooks, "/webhook"));
    closing.push(() => app.close());
    return `${await app.listen({ port: 0, host: "127.0.0.1" })}/webhook`;
  },
  Hono: async (hooks) => {
    const app = new Hono();
    app.all("/webhook", toHono(hooks));
    // The node server of Hono is one of node:http.
    return urlOf(serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server);
  },
};

/** A test request over the wire. */
async function post(url: string, change: { readonly type?: string; readonly body?: string } = {}): Promise<Response> {
  const request = await signTestRequest({ secret, url, event: { type: change.type ?? "t", data: { text: "é😀" } } });
  return fetch(url, { method: "POST", headers: request.headers, body: change.body ?? (await request.bytes()) });
}

for (const [name, start] of Object.entries(frameworks)) {
  test(`${name}: a signed message is handled and answered`, async () => {
    const { hooks, handled } = makeHooks();
    const response = await post(await start(hooks));
    assert.deepEqual([response.status, await response.json()], [200, { status: "success" }]);
    assert.deepEqual(handled, [{ text: "é😀" }]);
  });

  test(`${name}: a forged message is refused`, async () => {
    const { hooks, handled } = makeHooks();
    const response = await post(await start(hooks), { body: '{"specversion":"1.0"}' });
    assert.deepEqual([response.status, Reflect.get(Object(await response.json()), "code")], [400, "no_match"]);
    assert.deepEqual(handled, []);
  });

  test(`${name}: the handshake is answered`, async () => {
    const url = await start(makeHooks().hooks);
    const response = await fetch(url, { method: "OPTIONS", headers: { "webhook-request-origin": "example.com" } });
    assert.equal(response.headers.get("webhook-allowed-origin"), "example.com");
  });

  test(`${name}: a body that is too large is answered with 413`, async () => {
    const response = await post(await start(makeHooks().hooks), { body: "x".repeat(1_000_000) });
    assert.equal(response.status, 413);
  });
}

test("Fastify: other routes keep their parsers", async () => {
  const app = fastify();
  app.post("/other", async (request) => request.body);
  app.register(toFastify(makeHooks().hooks, "/webhook"));
  closing.push(() => app.close());
  const response = await app.inject({ method: "POST", url: "/other", payload: { a: 1 } });
  assert.deepEqual(response.json(), { a: 1 });
});

test("Next: a route is two functions of a request", async () => {
  const { hooks, handled } = makeHooks();
  const { POST, OPTIONS } = toNext(hooks);
  assert.equal((await POST(await signTestRequest({ secret, event: { type: "t", data: 1 } }))).status, 200);
  assert.equal((await OPTIONS(new Request("http://localhost/", { method: "OPTIONS" }))).status, 204);
  assert.deepEqual(handled, [1]);
});

// ── Bodies that were parsed already ────────────────────────────────────────────────────────────────────────────────

async function assertParsed(response: Response, remedy: RegExp): Promise<void> {
  const answer = Object(await response.json());
  assert.deepEqual([response.status, answer.code], [500, "body_already_parsed"]);
  assert.match(answer.error, remedy);
}

test("Express: a parser before the route is detected, and the line to change is named", async () => {
  const app = express();
  app.use(express.json({ type: "*/*" }));
  app.all("/webhook", toExpress(makeHooks().hooks));
  const response = await post(await urlOf(app.listen(0, "127.0.0.1")));
  await assertParsed(
    response,
    /move the line `app\.all\("\/webhook", toExpress\(hooks\)\)` above `app\.use\(express\.json\(\)\)`/,
  );
});

test("node:http: a stream that was read already is detected", async () => {
  const handle = toNode(makeHooks().hooks);
  const server = createServer(async (request, response) => {
    for await (const _chunk of request);
    await handle(request, response);
  });
  await assertParsed(await post(await urlOf(server.listen(0, "127.0.0.1"))), /before `toNode\(hooks\)` gets it/);
});

test("Hono: a middleware that read the body is detected", async () => {
  const app = new Hono();
  app.use(async (context, next) => {
    await context.req.json();
    await next();
  });
  app.all("/webhook", toHono(makeHooks().hooks));
  await assertParsed(await app.request(await signTestRequest({ secret, event: { type: "t" } })), /request\.clone\(\)/);
});

test("a sender that hangs up in the middle harms nobody", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const hooks = receiver({ secret, observe: ({ outcome }) => resolve(outcome) });
  const url = await urlOf(createServer(toNode(hooks)).listen(0, "127.0.0.1"));
  const request = httpRequest(url, { method: "POST", headers: { "content-length": "1000" } });
  request.on("error", () => {});
  request.write("{", () => request.destroy());
  assert.equal(await promise, "failed");
  assert.equal((await post(url)).status, 400);
});

test("a header that came twice is no header", async () => {
  const url = await urlOf(createServer(toNode(makeHooks().hooks)).listen(0, "127.0.0.1"));
  const signed = await signTestRequest({ secret, url, event: { type: "t" } });
  const headers = { ...Object.fromEntries(signed.headers), "webhook-id": ["a", "b"] };
  const request = httpRequest(url, { method: "POST", headers });
  request.end(await signed.bytes());
  const [response] = await once(request, "response");
  response.resume();
  assert.equal(response.statusCode, 400);
});
