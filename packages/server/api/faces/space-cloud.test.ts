// Every row of the table in SEEDS §1 that a client of Space Cloud can see.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Conduct } from "../../../../test/live/receiver.ts";
import { startTestNode, type TestNode } from "../test-node.ts";

const queuePaths = ["/v1/api/default/event-triggers/queue", "/v1/api/default/eventing/queue"];
const queue = "/v1/api/default/eventing/queue";
const rules = "/v1/config/projects/default/eventing/triggers";

async function makeRule(
  node: TestNode,
  id = "welcome-email",
  wish: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const body = { type: "sent-email", url: node.receiver.url(`/${id}`), retries: 0, ...wish };
  assert.deepEqual((await node.demand(200, "POST", `${rules}/${id}`, { body })).json, {});
}

function answering(body: unknown, status = 200): Conduct {
  return () => ({ status, body: typeof body === "string" ? body : JSON.stringify(body) });
}

test("both paths take an event and tell its id, its time and its deliveries", async (context) => {
  const node = await startTestNode(context);
  await makeRule(node);
  for (const path of queuePaths) {
    const { json } = await node.demand(200, "POST", path, { body: { type: "sent-email", data: { to: "a" } } });
    assert.deepEqual(Object.keys(json), ["id", "deliverAt", "deliveries"]);
    assert.equal(json.deliveries, 1);
  }
  assert.equal((await node.demand(200, "POST", queue, { body: { type: "unknown" } })).json.deliveries, 0);
});

test("the webhook is the document's to the letter", async (context) => {
  const node = await startTestNode(context);
  await makeRule(node);
  const data = '{"to":"user1@email.com","n":12345678901234567890}';
  const { json } = await node.demand(200, "POST", queue, { body: `{"type":"sent-email","payload":${data}}` });
  const [arrival] = await node.receiver.until((arrivals) => arrivals.length === 1);
  assert.equal(arrival?.headers["content-type"], "application/json");
  const body = arrival?.body.toString() ?? "";
  assert.ok(body.includes(`"data":${data}`), body);
  const webhook = JSON.parse(body);
  assert.deepEqual(Object.keys(webhook).sort(), ["data", "id", "source", "specversion", "time", "type"]);
  assert.deepEqual([webhook.specversion, webhook.id, webhook.type], ["1.0-rc1", json.id, "sent-email"]);
  const event = await node.demand(200, "GET", `/events/${json.id}`);
  assert.deepEqual([webhook.source, webhook.time], [event.json.source, event.json.time]);
  assert.match(webhook.source, /^[0-9a-f-]{36}$/);
});

test("delay counts seconds, timestamp milliseconds; what looks like seconds is warned of", async (context) => {
  const node = await startTestNode(context);
  const queued = async (body: unknown) => (await node.demand(200, "POST", queue, { body })).json;
  const before = Date.now();
  const delayed = Date.parse((await queued({ type: "a", delay: 3600.5 })).deliverAt);
  assert.ok(delayed >= before + 3_600_500 && delayed <= Date.now() + 3_600_500);
  const at = Date.UTC(2035, 0);
  assert.equal((await queued({ type: "a", timestamp: at, delay: 60 })).deliverAt, "2035-01-01T00:01:00.000Z");
  assert.equal(
    (await queued({ type: "a", timestamp: "2035-01-01T01:00:00+01:00" })).deliverAt,
    "2035-01-01T00:00:00.000Z",
  );
  const past = await queued({ type: "a", timestamp: 1_587_902_400 });
  assert.match(past.warnings[0], /looks like seconds/);
  assert.ok(Date.parse(past.deliverAt) >= before);
  assert.equal((await node.demand(200, "GET", `/events/${past.id}`)).json.time, "1970-01-19T09:05:02.400Z");
});

test("errors are written the way of Space Cloud, whatever they are", async (context) => {
  const node = await startTestNode(context);
  const cases: readonly (readonly [number, unknown, RegExp])[] = [
    [400, { type: "DB_INSERT" }, /DB_INSERT/],
    [400, { type: "a", dta: 1 }, /"dta" is no field/],
    [400, { type: "a", data: 1, payload: 1 }, /data and payload/],
    [400, { type: "a", delay: -1 }, /delay/],
    [400, { type: "a", timestamp: "tomorrow" }, /timestamp/],
    [400, { type: "a", isSynchronous: "yes" }, /isSynchronous/],
    [400, {}, /type is required/],
    [400, [], /object/],
    [400, "{", /JSON/],
    [400, '{"type":"a","type":"b"}', /twice/],
    [400, "", /body/],
  ];
  for (const [status, body, error] of cases) {
    const answer = await node.demand(status, "POST", queue, { body });
    assert.deepEqual(Object.keys(answer.json), ["error"]);
    assert.match(answer.json.error, error);
  }
  assert.deepEqual(Object.keys((await node.demand(401, "POST", queue, { key: null, body: {} })).json), ["error"]);
  assert.deepEqual(Object.keys((await node.demand(404, "POST", queue.replace("default", "none"), { body: {} })).json), [
    "error",
  ]);
  assert.deepEqual(Object.keys((await node.demand(405, "GET", queue)).json), ["error"]);
  const both = { body: { type: "a", isSynchronous: true }, headers: { "idempotency-key": "k" } };
  assert.match((await node.demand(400, "POST", queue, both)).json.error, /Idempotency-Key/);
  assert.equal((await node.demand(200, "GET", "/stats")).json.events, 0);
});

test("a synchronous caller gets the webhook's response, character for character", async (context) => {
  const node = await startTestNode(context, { conduct: answering('{"response": {"n":12345678901234567890}}') });
  await makeRule(node);
  const body = { type: "sent-email", isSynchronous: true };
  assert.equal((await node.demand(200, "POST", queue, { body })).text, '{"result":{"n":12345678901234567890}}');
  node.receiver.behave(answering({ response: null }));
  assert.deepEqual((await node.demand(200, "POST", queue, { body })).json, { result: null });
  node.receiver.behave(() => ({ status: 204 }));
  assert.deepEqual((await node.demand(200, "POST", queue, { body })).json, { result: null });
  assert.deepEqual((await node.demand(200, "POST", queue, { body: { ...body, type: "nobody" } })).json, {
    result: null,
  });
});

test("of several webhooks the one that responds is heard, and one that fails spoils nothing", async (context) => {
  const conduct: Conduct = ({ path }) =>
    path === "/speaks" ? { status: 200, body: '{"response":"here"}' } : { status: path === "/fails" ? 500 : 204 };
  const node = await startTestNode(context, { conduct });
  for (const id of ["fails", "silent", "speaks"]) await makeRule(node, id);
  const body = { type: "sent-email", isSynchronous: true };
  assert.deepEqual((await node.demand(200, "POST", queue, { body })).json, { result: "here" });
});

test("a synchronous caller hears of failure only when no try is left", async (context) => {
  const node = await startTestNode(context, { conduct: answering({ error: "no such user" }) });
  await makeRule(node);
  const body = { type: "sent-email", isSynchronous: true };
  const failed = await node.demand(502, "POST", queue, { body });
  assert.match(failed.json.error, /is stored, and its webhook failed: welcome-email: /);
  await node.demand(200, "PATCH", "/triggers/welcome-email", {
    body: { retry: { retries: 1, initialDelayMs: 1, jitter: 0 } },
  });
  let tries = 0;
  node.receiver.behave(() => {
    tries += 1;
    return tries === 1 ? { status: 500 } : { status: 200, body: '{"response":2}' };
  });
  assert.deepEqual((await node.demand(200, "POST", queue, { body })).json, { result: 2 });
});

test("what is due only later is not waited for", async (context) => {
  const node = await startTestNode(context);
  await makeRule(node);
  const late = await node.demand(504, "POST", queue, { body: { type: "sent-email", delay: 60, isSynchronous: true } });
  assert.match(late.json.error, /is stored, but its webhook did not answer in time/);
  assert.equal((await node.demand(200, "GET", "/stats")).json.events, 1);
});

test("events that a webhook answers are published next", async (context) => {
  const conduct: Conduct = ({ path }) =>
    path === "/first" ? { status: 200, body: '{"event":{"type":"second","payload":1}}' } : { status: 204 };
  const node = await startTestNode(context, { conduct });
  await makeRule(node, "first");
  await makeRule(node, "second", { type: "second" });
  await node.demand(200, "POST", queue, { body: { type: "sent-email" } });
  const [arrival] = await node.receiver.until((arrivals) => arrivals.length === 1, "/second");
  assert.equal(JSON.parse(arrival?.body.toString() ?? "").data, 1);
});

test("triggers are set, listed and deleted by their names", async (context) => {
  const node = await startTestNode(context);
  await makeRule(node, "welcome-email", { id: "welcome-email", options: {}, timeout: 0, retries: undefined });
  const rule = {
    type: "sent-email",
    retries: 3,
    timeout: 5000,
    id: "welcome-email",
    url: node.receiver.url("/welcome-email"),
    options: {},
  };
  for (const path of [rules, `${rules}?id=welcome-email`, `${rules}?id=*`, `${rules}/welcome-email`])
    assert.deepEqual((await node.demand(200, "GET", path)).json, { result: [rule] });
  await makeRule(node, "welcome-email", { type: "other", retries: 1, timeout: 100 });
  assert.deepEqual((await node.demand(200, "GET", rules)).json.result, [
    { ...rule, type: "other", retries: 1, timeout: 100 },
  ]);
  assert.equal((await node.demand(200, "GET", "/triggers/welcome-email")).json.format, "space-cloud");
  assert.deepEqual((await node.demand(200, "DELETE", `${rules}/welcome-email`)).json, {});
  assert.deepEqual((await node.demand(200, "GET", rules)).json, { result: [] });
  assert.deepEqual(Object.keys((await node.demand(404, "DELETE", `${rules}/welcome-email`)).json), ["error"]);
});

test("the configuration refuses what it does not know, and triggers of other formats", async (context) => {
  const node = await startTestNode(context);
  const url = node.receiver.url("/t");
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ type: "a" }, /url is required/],
    [{ type: "a", url, id: "other" }, /id must be t/],
    [{ type: "a", url, options: { db: "mysql" } }, /"db" is no field of options/],
    [{ type: "a", url, template: "go" }, /"template" is no field/],
    [{ type: "a", url: "https://10.0.0.1/" }, /POSTHORN_ALLOW_TARGETS/],
    [{ type: "a*b", url }, /type must be an exact type/],
  ];
  for (const [body, error] of cases)
    assert.match((await node.demand(400, "POST", `${rules}/t`, { body })).json.error, error);
  await node.demand(400, "POST", `${rules}/${encodeURIComponent("a/b")}`, { body: { type: "a", url } });
  await node.demand(201, "POST", "/triggers", { body: { name: "t", types: ["a"], target: { kind: "webhook", url } } });
  assert.match(
    (await node.demand(409, "POST", `${rules}/t`, { body: { type: "a", url } })).json.error,
    /format cloudevents/,
  );
  await node.demand(409, "DELETE", `${rules}/t`);
});

test("a content type was never asked for, and a repeat by Idempotency-Key is safe here too", async (context) => {
  const node = await startTestNode(context);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  await node.demand(200, "POST", queue, { body: '{"type":"a"}', headers: form });
  const once = { body: { type: "a" }, headers: { "idempotency-key": "k" } };
  const [first, again] = [await node.demand(200, "POST", queue, once), await node.demand(200, "POST", queue, once)];
  assert.equal(first.text, again.text);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
});
