// Events for later: never before their time, in its order, and not at all when they are cancelled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTrigger, type Delivery, type Page, type Receipt } from "../live/api.ts";
import { type NodeUnderTest, startNodeUnderTest } from "../live/node-under-test.ts";

interface Schedule {
  readonly deliverAt?: string;
  readonly delay?: number;
}

function publish({ api }: NodeUnderTest, type: string, schedule: Schedule): Promise<Receipt> {
  return api.demand<Receipt>(202, "POST", "/events", { body: { type, data: null, ...schedule } });
}

function momentIn(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

/** How late an event may come on a machine that has other things to do; the platform itself needs milliseconds. */
const latenessMs = 1000;

test("scheduled events arrive at their time, not before, in the order of their times", async (context) => {
  const node = await startNodeUnderTest(context);
  const { api, receiver } = node;
  await createTrigger(api, { name: "all", url: receiver.url("/all") });
  const third = await publish(node, "third", { delay: 0.75 });
  const first = await publish(node, "first", { deliverAt: momentIn(250) });
  const second = await publish(node, "second", { deliverAt: momentIn(500) });
  const states = await api.demand<Page<Delivery>>(200, "GET", "/deliveries");
  assert.deepEqual(new Set(states.data.map(({ state }) => state)), new Set(["scheduled"]));

  const arrivals = await receiver.until(({ length }) => length === 3);
  assert.deepEqual(
    arrivals.map(({ body }) => JSON.parse(body.toString()).type),
    ["first", "second", "third"],
  );
  for (const [index, { deliverAt }] of [first, second, third].entries()) {
    const late = (arrivals[index]?.at ?? 0) - Date.parse(deliverAt);
    assert.ok(late >= 0 && late < latenessMs, `${late} ms after its time`);
  }
});

test("a time that has passed means now", async (context) => {
  const node = await startNodeUnderTest(context);
  await createTrigger(node.api, { name: "all", url: node.receiver.url("/all") });
  await publish(node, "past", { deliverAt: "2001-01-01T00:00:00Z" });
  await node.receiver.until(({ length }) => length === 1);
});

test("a cancelled event does not arrive", async (context) => {
  const node = await startNodeUnderTest(context);
  const { api, receiver } = node;
  await createTrigger(api, { name: "all", url: receiver.url("/all") });
  const { id } = await publish(node, "cancelled", { delay: 0.3 });
  await publish(node, "kept", { delay: 0.4 });
  await api.demand(200, "POST", `/events/${id}/cancel`);
  const [arrival] = await receiver.until(({ length }) => length > 0);
  assert.equal(JSON.parse(arrival?.body.toString() ?? "").type, "kept");
  const page = await api.demand<Page<Delivery>>(200, "GET", "/deliveries?state=cancelled");
  assert.deepEqual(
    page.data.map(({ eventId }) => eventId),
    [id],
  );
});
