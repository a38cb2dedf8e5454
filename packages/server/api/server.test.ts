// The connections of the API: it stops in time, whatever clients do.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { createFacts } from "../observe/facts.ts";
import { systemClock } from "../outside/clock.ts";
import { systemRandomness } from "../outside/randomness.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import { StoreError } from "../store/errors.ts";
import type { Store } from "../store/store.ts";
import { createApi } from "./server.ts";
import { adminKey, startTestNode, type TestNode } from "./test-node.ts";

function open(context: TestContext, node: TestNode, request: string): Socket {
  const socket = connect(Number(new URL(node.url).port), "127.0.0.1");
  context.after(() => socket.destroy());
  socket.on("error", () => {});
  socket.write(request);
  return socket;
}

test("a stop ends connections that wait, and those that never finish what they say", async (context) => {
  const node = await startTestNode(context, { settings: { POSTHORN_SHUTDOWN_TIMEOUT_MS: "50" } });
  const idle = open(context, node, "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n");
  const [answer] = await once(idle, "data");
  assert.match(String(answer), /^HTTP\/1.1 200 /);
  const slow = open(
    context,
    node,
    `POST /v1/projects/default/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${adminKey}\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{`,
  );
  await once(slow, "connect");
  await node.demand(200, "GET", "/healthz");
  const ends = [once(idle, "close"), once(slow, "close")];
  await node.stop();
  await Promise.all(ends);
});

test("a synchronous caller is let go when the node stops", async (context) => {
  const node = await startTestNode(context, {
    conduct: () => "silence",
    settings: { POSTHORN_SHUTDOWN_TIMEOUT_MS: "500" },
  });
  const rule = { type: "a", url: node.receiver.url("/t") };
  await node.demand(200, "POST", "/v1/config/projects/default/eventing/triggers/t", { body: rule });
  const answer = node.demand(504, "POST", "/v1/api/default/eventing/queue", {
    body: { type: "a", isSynchronous: true },
  });
  await node.receiver.until((arrivals) => arrivals.length === 1);
  const stopped = node.stop();
  assert.match((await answer).json.error, /is stored/);
  await node.receiver.close();
  await stopped;
});

test("a store that is away is a 503 that says when to come back; what is broken inside stays inside", async (context) => {
  const failures: unknown[] = [];
  const facts = createFacts();
  facts.listen((fact) => fact.kind === "trouble" && failures.push(fact.error));
  let failure: Error = new StoreError("store_busy", "512 acts wait");
  const failing = async (): Promise<never> => {
    throw failure;
  };
  const catalogue = { bySlug: failing } as unknown as Pipeline["catalogue"];
  const api = createApi({
    pipeline: { catalogue } as unknown as Pipeline,
    store: { ping: failing } as unknown as Store,
    facts,
    config: { maxBodyBytes: 1024, maxBatchEvents: 1, maxTriggers: 1, rotationGraceHours: 1, shutdownTimeoutMs: 0 },
    clock: systemClock,
    randomness: systemRandomness,
    adminKey,
    checkTargetUrl: () => ({ ok: true }),
    checkTargetHeaders: (headers) => ({ ok: true, headers }),
    metrics: failing,
    version: "0.0.0-test",
  });
  const { url } = await api.listen({ host: "127.0.0.1", port: 0 });
  context.after(() => api.close());
  const ask = (path: string): Promise<Response> =>
    fetch(url + path, { headers: { authorization: `Bearer ${adminKey}` } });
  const busy = await ask("/v1/projects/default/stats");
  assert.deepEqual([busy.status, busy.headers.get("retry-after")], [503, "1"]);
  assert.match(await busy.text(), /"code":"store_busy"/);
  failure = new StoreError("store_unavailable", "EIO: /var/lib/posthorn");
  const away = await ask("/readyz");
  assert.deepEqual([away.status, away.headers.get("retry-after")], [503, "5"]);
  assert.ok(!(await away.text()).includes("/var/lib"));
  failure = new Error("a secret of the inside");
  for (const path of ["/metrics", "/v1/projects/default"]) {
    const broken = await ask(path);
    assert.equal(broken.status, 500);
    assert.ok(!(await broken.text()).includes("secret"));
  }
  assert.equal(failures.length, 4);
});

test("what comes over an open connection is answered in order, HEAD without a body", async (context) => {
  const node = await startTestNode(context);
  const socket = open(
    context,
    node,
    "HEAD /healthz HTTP/1.1\r\nhost: a\r\n\r\nGET /nothing HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
  );
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  await once(socket, "close");
  assert.match(text, /^HTTP\/1.1 200 OK\r\n[^{]*HTTP\/1.1 404 Not Found\r\n[^{]*\{/);
});
