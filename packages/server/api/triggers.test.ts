// The life of a trigger and of its deliveries, as the API shows it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestNode, type TestNode } from "./test-node.ts";

async function makeTrigger(node: TestNode, wish: Readonly<Record<string, unknown>> = {}) {
  const body = { name: "t", types: ["a"], target: { kind: "webhook", url: node.receiver.url("/t") }, ...wish };
  return (await node.demand(201, "POST", "/triggers", { body })).json;
}

test("a trigger is made with its defaults and its secret, which is shown once and on request", async (context) => {
  const node = await startTestNode(context);
  const made = await node.demand(201, "POST", "/triggers", {
    body: { name: "t", types: ["a", "b.*", "a"], target: { kind: "webhook", url: node.receiver.url("/t") } },
  });
  assert.equal(made.headers.get("location"), "/v1/projects/default/triggers/t");
  const { secret, id, createdAt, updatedAt, ...rest } = made.json;
  assert.match(secret, /^whsec_/);
  assert.deepEqual(rest, {
    name: "t",
    types: ["a", "b.*"],
    filters: [],
    target: { kind: "webhook", url: node.receiver.url("/t"), headers: {} },
    format: "cloudevents",
    timeoutMs: 5000,
    retry: {
      retries: 3,
      initialDelayMs: 5000,
      factor: 3,
      maxDelayMs: 3_600_000,
      jitter: 0.2,
      maxDurationMs: 604_800_000,
    },
    enabled: true,
    state: "active",
    paused: false,
    pausedReason: null,
    pausedAt: null,
    validation: { policy: "off", state: null, detail: null, at: null },
  });
  const read = await node.demand(200, "GET", "/triggers/t");
  assert.deepEqual(read.json, { id, createdAt, updatedAt, ...rest });
  const list = await node.demand(200, "GET", "/triggers");
  assert.ok(!list.text.includes(secret) && !read.text.includes(secret));
  assert.deepEqual((await node.demand(200, "GET", "/triggers/t/secret")).json, { secret, previous: [] });
  const taken = await node.demand(409, "POST", "/triggers", { body: { name: "t", types: ["a"], target: rest.target } });
  assert.equal(taken.json.code, "name_taken");
});

test("header values are masked, sent in full, and kept where a change sends the mask back", async (context) => {
  const node = await startTestNode(context);
  const target = {
    kind: "webhook",
    url: node.receiver.url("/t"),
    headers: { "X-Tenant": "one", Authorization: "Bearer abc" },
  };
  const made = await makeTrigger(node, { target });
  assert.deepEqual(made.target.headers, { "x-tenant": "***", authorization: "***" });
  const changed = await node.demand(200, "PATCH", "/triggers/t", {
    body: { target: { ...made.target, headers: { ...made.target.headers, "x-tenant": "two" } } },
  });
  assert.deepEqual(changed.json.target.headers, { "x-tenant": "***", authorization: "***" });
  await node.demand(202, "POST", "/events", { body: { type: "a" } });
  const [arrival] = await node.receiver.until((arrivals) => arrivals.length === 1, "/t");
  assert.equal(arrival?.headers["x-tenant"], "two");
  assert.equal(arrival?.headers.authorization, "Bearer abc");
});

test("a change replaces what it gives, the members of retry one by one", async (context) => {
  const node = await startTestNode(context);
  await makeTrigger(node, { filters: [{ exact: { subject: "s" } }] });
  const change = async (body: unknown) => (await node.demand(200, "PATCH", "/triggers/t", { body })).json;
  const first = await change({ retry: { retries: 1, jitter: 0 }, timeoutMs: 100 });
  assert.deepEqual([first.retry.retries, first.retry.jitter, first.retry.factor, first.timeoutMs], [1, 0, 3, 100]);
  assert.deepEqual(first.filters, [{ exact: { subject: "s" } }]);
  const scheduled = await change({ retry: { schedule: [1, 2, 3, 4, 5] } });
  assert.deepEqual([scheduled.retry.retries, scheduled.retry.schedule], [5, [1, 2, 3, 4, 5]]);
  const plain = await change({ retry: { schedule: null }, filters: [], enabled: false });
  assert.deepEqual([plain.retry.schedule, plain.filters, plain.state], [undefined, [], "disabled"]);
});

test("a secret is rotated: for a while both are shown, and both sign", async (context) => {
  const node = await startTestNode(context);
  const { secret } = await makeTrigger(node);
  const rotated = (await node.demand(200, "POST", "/triggers/t/rotate-secret", { body: { graceHours: 0.5 } })).json;
  assert.notEqual(rotated.secret, secret);
  const shown = (await node.demand(200, "GET", "/triggers/t/secret")).json;
  assert.deepEqual(shown, { secret: rotated.secret, previous: [{ secret, expiresAt: rotated.previousExpiresAt }] });
  await node.demand(202, "POST", "/events", { body: { type: "a" } });
  const [arrival] = await node.receiver.until((arrivals) => arrivals.length === 1, "/t");
  assert.equal(arrival?.headers["webhook-signature"]?.split(" ").length, 2);
  const own = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const brought = (
    await node.demand(200, "POST", "/triggers/t/rotate-secret", { body: { secret: own, graceHours: 0 } })
  ).json;
  assert.deepEqual(brought, { secret: own, previousExpiresAt: null });
});

test("a trigger may bring its own secret", async (context) => {
  const node = await startTestNode(context);
  const secret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
  assert.equal((await makeTrigger(node, { secret })).secret, secret);
});

test("a paused trigger collects events and sends them once it is resumed", async (context) => {
  const node = await startTestNode(context);
  await makeTrigger(node);
  const paused = await node.demand(200, "POST", "/triggers/t/pause", { body: { reason: "maintenance" } });
  assert.deepEqual([paused.json.state, paused.json.paused, paused.json.pausedReason], ["paused", true, "maintenance"]);
  const { id } = (await node.demand(202, "POST", "/events", { body: { type: "a" } })).json;
  const waiting = await node.demand(200, "GET", `/deliveries?event=${id}`);
  assert.equal(waiting.json.data[0].state, "pending");
  assert.equal((await node.demand(409, "POST", "/triggers/t/test")).json.code, "trigger_not_running");
  const resumed = await node.demand(200, "POST", "/triggers/t/resume");
  assert.deepEqual([resumed.json.state, resumed.json.pausedAt], ["active", null]);
  await node.receiver.until((arrivals) => arrivals.length === 1, "/t");
});

test("a test goes to its trigger alone, and its delivery can be read", async (context) => {
  const node = await startTestNode(context);
  await makeTrigger(node, { types: ["order.*"] });
  await makeTrigger(node, { name: "all", types: ["*"] });
  const settled = node.nextFact((fact) => fact.kind === "attempt.finished");
  const sent = (await node.demand(202, "POST", "/triggers/t/test")).json;
  assert.equal(sent.type, "order.test");
  await settled;
  const { json } = await node.demand(200, "GET", `/deliveries/${sent.deliveryId}`);
  assert.deepEqual([json.trigger, json.state, json.eventId], ["t", "delivered", sent.eventId]);
  assert.equal((await node.demand(200, "GET", `/deliveries?event=${sent.eventId}`)).json.data.length, 1);
  await node.demand(200, "PATCH", "/triggers/t", { body: { enabled: false } });
  assert.match((await node.demand(409, "POST", "/triggers/t/test")).json.detail, /disabled/);
});

test("a delivery shows its attempts with their proof, and is tried again on request", async (context) => {
  const node = await startTestNode(context, { conduct: () => ({ status: 500, body: "not today" }) });
  await makeTrigger(node, { retry: { retries: 0 } });
  const failed = node.nextFact((fact) => fact.kind === "attempt.finished" && fact.state === "failed");
  const event = (await node.demand(202, "POST", "/events", { body: { type: "a" } })).json;
  await failed;
  const list = await node.demand(200, "GET", "/deliveries?state=failed&trigger=t");
  const [delivery] = list.json.data;
  assert.equal(delivery.eventId, event.id);
  assert.deepEqual([delivery.attempts, delivery.nextAttemptAt, delivery.lastOutcome], [1, null, "rejected"]);
  const [attempt] = (await node.demand(200, "GET", `/deliveries/${delivery.id}/attempts`)).json.data;
  assert.deepEqual(
    [attempt.number, attempt.outcome, attempt.status, attempt.response.body],
    [1, "rejected", 500, "not today"],
  );
  assert.equal(attempt.request.url, node.receiver.url("/t"));
  assert.equal((await node.demand(200, "GET", `/events/${event.id}`)).json.states.failed, 1);

  node.receiver.behave(() => ({ status: 204 }));
  const delivered = node.nextFact((fact) => fact.kind === "attempt.finished" && fact.state === "delivered");
  await node.demand(202, "POST", `/deliveries/${delivery.id}/retry`);
  await delivered;
  const { json } = await node.demand(200, "GET", `/deliveries/${delivery.id}`);
  assert.deepEqual([json.state, json.attempts], ["delivered", 2]);
  assert.deepEqual((await node.demand(200, "GET", "/deliveries?trigger=nobody")).json.data, []);
  assert.deepEqual((await node.demand(200, "GET", "/deliveries?event=nothing")).json.data, []);
});

test("what is due or under way cannot be retried", async (context) => {
  const node = await startTestNode(context, { conduct: () => "silence" });
  await makeTrigger(node, { timeoutMs: 60_000 });
  await node.demand(202, "POST", "/events", { body: { type: "a" } });
  await node.receiver.until((arrivals) => arrivals.length === 1);
  const [delivery] = (await node.demand(200, "GET", "/deliveries")).json.data;
  assert.deepEqual([delivery.state, delivery.nextAttemptAt], ["in_flight", null]);
  assert.equal((await node.demand(409, "POST", `/deliveries/${delivery.id}/retry`)).json.code, "delivery_busy");
});

test("a deleted trigger is gone, and its deliveries keep its name", async (context) => {
  const node = await startTestNode(context);
  await makeTrigger(node);
  const settled = node.nextFact((fact) => fact.kind === "attempt.finished");
  await node.demand(202, "POST", "/events", { body: { type: "a" } });
  await settled;
  await node.demand(204, "DELETE", "/triggers/t");
  await node.demand(404, "GET", "/triggers/t");
  assert.equal((await node.demand(200, "GET", "/deliveries")).json.data[0].trigger, "t");
  assert.equal((await node.demand(202, "POST", "/events", { body: { type: "a" } })).json.deliveries, 0);
});

test("a project has room for so many triggers", async (context) => {
  const node = await startTestNode(context, { settings: { POSTHORN_MAX_TRIGGERS: "1" } });
  await makeTrigger(node);
  const body = { name: "u", types: ["a"], target: { kind: "webhook", url: node.receiver.url("/u") } };
  const answer = await node.demand(409, "POST", "/triggers", { body });
  assert.equal(answer.json.code, "too_many_triggers");
  assert.match(answer.json.detail, /POSTHORN_MAX_TRIGGERS/);
});

test("an interval up to a maximum time is a policy with as many retries as fit, none of them brisk", async (context) => {
  const node = await startTestNode(context);
  const interval = { retries: 100_000, initialDelayMs: 30_000, factor: 1, jitter: 0, maxDurationMs: 86_400_000 };
  const made = await makeTrigger(node, { retry: interval });
  assert.deepEqual(made.retry, { ...interval, maxDelayMs: 3_600_000 });
  for (const retry of [{ initialDelayMs: 999 }, { retries: 100_001 }]) {
    const refused = await node.demand(400, "PATCH", "/triggers/t", { body: { retry } });
    assert.deepEqual([refused.json.code, refused.json.errors[0].pointer], ["invalid_field", "#/retry/retries"]);
  }
  await node.demand(200, "PATCH", "/triggers/t", { body: { retry: { retries: 100, initialDelayMs: 0 } } });
});
