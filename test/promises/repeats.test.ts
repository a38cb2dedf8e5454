// Requests that come more than once, and requests that are half right: one event, or none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTrigger, type Page, type Receipt } from "../live/api.ts";
import { type NodeUnderTest, startNodeUnderTest } from "../live/node-under-test.ts";
import { untilNothingIsOwed } from "../live/owed.ts";

const repeats = 100;
const body = { type: "order.placed", data: { n: 1 } };

async function startWithTrigger(...[context]: Parameters<typeof startNodeUnderTest>): Promise<NodeUnderTest> {
  const node = await startNodeUnderTest(context);
  await createTrigger(node.api, { name: "all", url: node.receiver.url("/all") });
  return node;
}

async function assertCounts({ api, receiver }: NodeUnderTest, events: number): Promise<void> {
  await untilNothingIsOwed(api);
  const page = await api.demand<Page<unknown>>(200, "GET", "/events");
  assert.deepEqual([page.data.length, receiver.arrivals().length], [events, events]);
}

function publishAtOnce({ api }: NodeUnderTest, message: Parameters<typeof api.demand>[3]): Promise<readonly Receipt[]> {
  return Promise.all(Array.from({ length: repeats }, () => api.demand<Receipt>(202, "POST", "/events", message)));
}

test("one Idempotency-Key sent a hundred times at once makes one event", async (context) => {
  const node = await startWithTrigger(context);
  const headers = { "idempotency-key": "order-1037" };
  const receipts = await publishAtOnce(node, { body, headers });
  assert.equal(new Set(receipts.map(({ id }) => id)).size, 1);
  await node.api.demand(422, "POST", "/events", { body: { ...body, data: { n: 2 } }, headers });
  await assertCounts(node, 1);
});

test("one source and id sent a hundred times at once makes one event", async (context) => {
  const node = await startWithTrigger(context);
  const receipts = await publishAtOnce(node, { body: { ...body, source: "/shop", id: "order-1037" } });
  assert.equal(receipts.filter(({ duplicate }) => !duplicate).length, 1);
  await assertCounts(node, 1);
});

test("a batch with one bad element stores nothing, and says which", async (context) => {
  const node = await startWithTrigger(context);
  const batch = [body, { ...body, colour_: "red" }, body];
  const answer = await node.api.ask("POST", "/events", { body: batch });
  assert.equal(answer.status, 400, answer.text);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.match(answer.text, /\/1\/colour_/);
  await assertCounts(node, 0);
});
