// A bad day, many times over: whatever the seed brings, nothing that was accepted is lost, and what the store says in the
// end agrees with what the targets saw. A failing seed is named, and fails again.
import assert from "node:assert/strict";
import test from "node:test";
import { addTrigger, createWorld, projectSlug, type World } from "./world.ts";

const retries = 4;
const triggers = [
  ["all", ["*"]],
  ["orders", ["order.*"]],
  ["paid", ["order.paid"]],
] as const;
const types = ["order.created", "order.paid", "user.created"] as const;

interface Published {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly deliverAt: number;
}

async function publish(world: World, count: number): Promise<Published> {
  const type = types[Math.floor(world.chance() * types.length)] ?? types[0];
  const data = `{"n":${count},"big":12345678901234567890}`;
  const isLater = world.chance() < 0.2;
  const acceptance = await world.node().accept({
    project: projectSlug,
    defaultSource: "/sim",
    publications: [
      {
        event: { type, extensions: {}, data: { kind: "json", text: data } },
        ...(isLater ? { delaySeconds: world.chance() * 30 } : {}),
      },
    ],
  });
  assert.equal(acceptance.kind, "accepted");
  const [receipt] = acceptance.kind === "accepted" ? acceptance.receipts : [];
  assert.ok(receipt);
  return { id: receipt.id, type, data, deliverAt: receipt.deliverAt };
}

async function badDay(world: World): Promise<readonly Published[]> {
  const published: Published[] = [];
  for (const [name, wanted] of triggers) await addTrigger(world, name, wanted, retries);
  for (let count = 0; count < 40; count += 1) {
    published.push(await publish(world, count));
    if (world.chance() < 0.5) await world.pass(Math.floor(world.chance() * 400));
    if (world.chance() < 0.08) await world.crash();
  }
  return published;
}

function wantedBy(type: string): number {
  if (type === "order.paid") return 3;
  return type.startsWith("order.") ? 2 : 1;
}

for (const seed of [1, 2, 3, 5, 8, 13, 21, 34]) {
  test(`seed ${seed}: accepted means delivered, or failed after every try it had`, async () => {
    const world = await createWorld(seed);
    const published = await badDay(world);
    assert.ok(await world.passUntilSettled(15 * 60_000), "something is still owed");
    const view = await world.node().catalogue.bySlug(projectSlug);
    assert.ok(view);
    for (const event of published) {
      const [found] = await world.store.findEvents(view.project.id, event.id);
      assert.ok(found, `event ${event.id} is gone`);
      const page = await world.store.listDeliveries(view.project.id, { eventSequence: found.sequence }, { limit: 100 });
      assert.equal(page.rows.length, wantedBy(event.type));
      for (const delivery of page.rows) {
        const arrivals = world.arrivals.filter((arrival) => arrival.deliveryId === delivery.id);
        const wasDelivered = arrivals.some((arrival) => arrival.outcome === "delivered");
        const { state, attempts } = delivery.progress;
        assert.ok(arrivals.length >= attempts, "a try was counted that the target never saw");
        assert.ok(arrivals.every((arrival) => arrival.eventId === event.id && arrival.data === event.data));
        assert.ok(
          arrivals.every((arrival) => arrival.at >= event.deliverAt),
          "a try came before its time",
        );
        if (state === "delivered") assert.ok(wasDelivered);
        else assert.deepEqual([state, attempts], ["failed", retries + 1]);
      }
    }
    await world.close();
  });
}

test("the same seed makes the same day", async () => {
  const days: unknown[] = [];
  for (let run = 0; run < 2; run += 1) {
    const world = await createWorld(42);
    await badDay(world);
    await world.passUntilSettled(15 * 60_000);
    days.push({ arrivals: world.arrivals, facts: world.facts });
    await world.close();
  }
  assert.deepEqual(days[0], days[1]);
});
