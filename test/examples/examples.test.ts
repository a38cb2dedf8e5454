// Every example runs, and does what it says.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { signTestRequest, type TestRequestOptions } from "@posthorn/sdk";
import { secret, startExample } from "./program.ts";

const time = "2025-01-31T10:00:00.000Z";
const project = { id: 5, created_at: time, updated_at: time, name: "Widget" };
const inverse = { id: 9, created_at: time, updated_at: time, iteration: 3, input: [1], satisfied_at: time };

type Wish = Omit<TestRequestOptions, "secret" | "url"> & { readonly secret?: string };

async function post(url: string, wish: Wish): Promise<readonly [number, unknown]> {
  const request = await signTestRequest({ secret, url, ...wish });
  const response = await fetch(url, { method: "POST", headers: request.headers, body: await request.bytes() });
  const text = await response.text();
  return [response.status, text === "" ? undefined : JSON.parse(text)];
}

const resource = (type: string, data: unknown): Wish => ({ format: "resource", event: { type, data } });

for (const name of ["webhook-express", "webhook-fastify", "webhook-hono", "webhook-node-http"])
  test(`${name} handles both events and says what is wrong with others`, async (context) => {
    const { url, line } = await startExample(context, name);
    assert.deepEqual(await post(url, resource("project.created", project)), [200, { status: "success" }]);
    assert.equal(await line(), "New project 5 created");
    assert.deepEqual(await post(url, resource("inverse.suggested", inverse)), [200, { status: "success" }]);
    assert.equal(await line(), "Inverse step 3 suggested");
    const error = 'The event name "project.lost" is invalid.';
    assert.deepEqual(await post(url, resource("project.lost", {})), [400, { error }]);
    assert.equal(await line(), `Error processing webhook: ${error}`);
    const forged = { ...resource("project.created", project), secret: `whsec_${btoa("x".repeat(32))}` };
    assert.equal((await post(url, forged))[0], 400);
  });

test("webhook-fetch answers requests", async () => {
  process.env.POSTHORN_SECRET = secret;
  const { default: handler } = await import("../../examples/webhook-fetch.ts");
  const request = await signTestRequest({ secret, ...resource("project.created", project) });
  assert.deepEqual(await (await handler.fetch(request)).json(), { status: "success" });
  assert.equal((await handler.fetch(await signTestRequest({ secret, ...resource("x", {}) }))).status, 400);
});

function makeFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-example-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("receiver takes every format, and a second try once", async (context) => {
  const { url, line } = await startExample(context, "receiver", { DATABASE: join(makeFolder(context), "webhooks.db") });
  const order = { type: "order.created", data: { id: "o-1", total: 5 } };
  assert.deepEqual(await post(url, { event: order, messageId: "m-1" }), [200, { status: "success" }]);
  assert.deepEqual([await line(), await line()], ["Order o-1 of 5", "handled"]);
  assert.deepEqual(await post(url, { event: order, messageId: "m-1" }), [200, { status: "success" }]);
  assert.equal(await line(), "handled");
  await post(url, { format: "notification", event: { type: "inverse.suggested", data: inverse } });
  assert.deepEqual([await line(), await line()], ["Inverse step 3 suggested: satisfied", "handled"]);
  const [status, answer] = await post(url, { event: { ...order, data: { id: 1 } } });
  assert.deepEqual([status, Object(answer).code], [400, "bad_payload"]);
  assert.equal(await line(), "refused");
});

test("queue-worker answers 202 and works from its queue, each notification once, also after a restart", async (context) => {
  const environment = { DATABASE: join(makeFolder(context), "queue.db") };
  const notification = (messageId: string, data: unknown): Wish => ({
    ...{ format: "notification", messageId, event: { type: "request.completed", data } },
  });
  const first = await startExample(context, "queue-worker", environment);
  assert.deepEqual(await post(first.url, notification("n-1", { request: 1 })), [202, undefined]);
  assert.equal(await first.line(), 'request.completed: {"request":1}');
  const second = await startExample(context, "queue-worker", environment);
  assert.deepEqual(await post(second.url, notification("n-1", { request: 1 })), [202, undefined]);
  assert.deepEqual(await post(second.url, notification("n-2", { request: 2 })), [202, undefined]);
  assert.equal(await second.line(), 'request.completed: {"request":2}');
});
