// What a target's answer leads to: another try, a pause as long as it asks for, the end of the trigger, or success.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createTrigger, type Delivery, type Page, type Receipt } from "../live/api.ts";
import { type NodeUnderTest, settles, startNodeUnderTest } from "../live/node-under-test.ts";
import { countStates } from "../live/owed.ts";
import { type Arrival, accepted, type Reply } from "../live/receiver.ts";

const noJitter = { retries: 3, initialDelayMs: 50, factor: 4, maxDelayMs: 60_000, jitter: 0 };
/** A moment is kept in whole milliseconds, so a pause may look so much shorter. */
const roundingMs = 2;

/** A node whose one trigger, "orders", wants everything at a target that answers `reply` until it is told otherwise. */
async function startWithOrders(context: TestContext, reply: Reply, retry: Readonly<Record<string, number>>) {
  const node = await startNodeUnderTest(context, { conduct: () => reply });
  await createTrigger(node.api, { name: "orders", url: node.receiver.url("/orders"), retry });
  return node;
}

function publish({ api }: NodeUnderTest, n: number): Promise<Receipt> {
  return api.demand<Receipt>(202, "POST", "/events", { body: { type: "order.placed", data: { n, price: 1.5 } } });
}

async function onlyDelivery({ api }: NodeUnderTest): Promise<Delivery> {
  const page = await api.demand<Page<Delivery>>(200, "GET", "/deliveries");
  const [delivery] = page.data;
  assert.ok(delivery !== undefined && page.data.length === 1, "there is one delivery");
  return delivery;
}

function pausesBetween(arrivals: readonly Arrival[]): readonly number[] {
  return arrivals.slice(1).map((arrival, index) => arrival.at - (arrivals[index]?.at ?? 0));
}

test("retries: 3 at a target that answers 500 makes four tries with growing pauses, and retry delivers", async (context) => {
  const node = await startWithOrders(context, { status: 500 }, noJitter);
  const { api, receiver, nextFact } = node;
  const failure = nextFact(settles("orders", "failed"));
  const { id, deliveries } = await publish(node, 1);
  assert.equal(deliveries, 1);
  await failure;
  const tries = receiver.arrivals();
  assert.equal(tries.length, 4);
  assertGrowing(pausesBetween(tries), [50, 200, 800]);

  const { id: deliveryId, ...failed } = await onlyDelivery(node);
  assert.deepEqual([failed.eventId, failed.state, failed.attempts], [id, "failed", 4]);
  const attempts = await api.demand<Page<{ status: number }>>(200, "GET", `/deliveries/${deliveryId}/attempts`);
  assert.deepEqual(
    attempts.data.map(({ status }) => status),
    [500, 500, 500, 500],
  );

  receiver.behave(() => accepted);
  const success = nextFact(settles("orders", "delivered"));
  await api.demand(202, "POST", `/deliveries/${deliveryId}/retry`);
  await success;
  assert.equal((await onlyDelivery(node)).state, "delivered");
  assert.equal(receiver.arrivals().length, 5);
  assertSame(receiver.arrivals(), id);
});

function assertGrowing(pauses: readonly number[], leastMs: readonly number[]): void {
  const text = `the pauses were ${pauses.join(", ")} ms`;
  assert.ok(
    pauses.every((pause, index) => pause >= (leastMs[index] ?? 0) - roundingMs),
    text,
  );
  assert.ok(
    pauses.every((pause, index) => index === 0 || pause > (pauses[index - 1] ?? 0)),
    text,
  );
}

/** Every try carried the same event, under the same ids, in the same bytes. */
function assertSame(arrivals: readonly Arrival[], eventId: string): void {
  const [first] = arrivals;
  assert.equal(JSON.parse(first?.body.toString() ?? "").id, eventId);
  for (const { headers, body } of arrivals) {
    assert.equal(headers["webhook-id"], first?.headers["webhook-id"]);
    assert.deepEqual(body, first?.body);
  }
}

test("410 pauses the trigger with its reason; events are still collected, and resume sends them", async (context) => {
  const node = await startWithOrders(context, { status: 410 }, noJitter);
  const { api, receiver, nextFact } = node;
  const pause = nextFact((fact) => fact.kind === "trigger.paused");
  await publish(node, 1);
  await pause;
  type Paused = { readonly paused: boolean; readonly pausedReason: string | null };
  const paused = await api.demand<Paused>(200, "GET", "/triggers/orders");
  assert.match(paused.pausedReason ?? "", /410/);

  const { id, deliveries } = await publish(node, 2);
  assert.equal(deliveries, 1);
  receiver.behave(() => accepted);
  const success = nextFact(settles("orders", "delivered"));
  const resumed = await api.demand<Paused>(200, "POST", "/triggers/orders/resume");
  assert.equal(resumed.paused, false);
  await success;
  // Two arrivals in all: nothing was sent between the pause and its end.
  assert.deepEqual(
    receiver.arrivals().map(({ body }) => JSON.parse(body.toString()).data.n),
    [1, 2],
  );
  assert.equal(JSON.parse(receiver.arrivals()[1]?.body.toString() ?? "").id, id);
});

test("a pause gives back what waits in hand: it reads as pending, and can be cancelled", async (context) => {
  const node = await startNodeUnderTest(context, {
    conduct: () => ({ status: 410 }),
    settings: { POSTHORN_TRIGGER_CONCURRENCY: "1" },
  });
  const { api, nextFact } = node;
  await createTrigger(api, { name: "orders", url: node.receiver.url("/orders"), retry: noJitter });
  const pause = nextFact((fact) => fact.kind === "trigger.paused");
  // One place: one or two are tried before the pause is known, some wait in the hand, the rest in the store.
  const events = Array.from({ length: 8 }, (_, n) => ({ type: "order.placed", data: n }));
  const receipts = await api.demand<readonly Receipt[]>(202, "POST", "/events", { body: events });
  await pause;
  for (let counts = await countStates(api); counts.in_flight !== 0; counts = await countStates(api));
  const last = receipts.at(-1);
  const { cancelled } = await api.demand<{ readonly cancelled: number }>(200, "POST", `/events/${last?.id}/cancel`);
  assert.equal(cancelled, 1);
});

test("Retry-After is obeyed, by everything that is owed to that target", async (context) => {
  const askedMs = 1000;
  const node = await startWithOrders(context, { status: 503, headers: { "retry-after": "1" } }, { initialDelayMs: 1 });
  const { receiver, nextFact } = node;
  const refusal = nextFact((fact) => fact.kind === "attempt.finished");
  await publish(node, 1);
  await refusal;
  receiver.behave(() => accepted);
  await publish(node, 2);
  const [first, ...later] = await receiver.until((arrivals) => arrivals.length === 3);
  for (const { at } of later) {
    const pause = at - (first?.at ?? 0);
    assert.ok(pause >= askedMs - roundingMs, `came after ${pause} ms`);
  }
});
