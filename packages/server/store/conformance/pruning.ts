// Prune: what nobody needs goes, piece by piece; what is owed stays, however old it is.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Store } from "../store.ts";
import {
  acceptAll,
  acceptOne,
  claimAll,
  createTrigger,
  createWorld,
  day,
  leaseMs,
  makeAttempt,
  makeDelivery,
  makeDraft,
  makeEvent,
  me,
  missed,
  nth,
  pruneAll,
  second,
  settle,
  start,
  statesOf,
  type World,
} from "./world.ts";

/** Prune knows no projects, so these tests need a store that nobody else uses. */
export function pruneTests(store: () => Store): void {
  describe("prune", () => {
    removing(store);
    keeping(store);
    leftovers(store);
  });
}

const later = start + 30 * day;

async function countOf(world: World): Promise<number> {
  return (await world.store.stats(world.projectId)).events;
}

/** One event whose single delivery ends as `outcome` says, at `at`. */
async function acceptEnded(world: World, outcome: "delivered" | "failed", at = start): Promise<void> {
  await acceptOne(world);
  const claim = nth(await claimAll(world, at), 0);
  const attempt = makeAttempt(claim, { outcome: "rejected", status: 500 });
  if (outcome === "delivered") await settle(world, claim, at);
  else await settle(world, claim, at, { progress: missed(claim.progress, at, null), attempt });
}

function removing(store: () => Store): void {
  it("removes what is settled and old enough, with its deliveries and attempts", async () => {
    const world = await createWorld(store(), 1);
    await acceptEnded(world, "delivered");
    await acceptOne(world, { deliveries: [] });
    const { id } = nth((await store().listDeliveries(world.projectId, {}, { limit: 1 })).rows, 0);
    await pruneAll(store(), { now: later, deliveredBefore: start, failedBefore: start });
    assert.equal(await countOf(world), 2);
    const removed = await pruneAll(store(), { now: later, deliveredBefore: start + 1, failedBefore: start + 1 });
    assert.equal(removed, 4);
    assert.equal(await countOf(world), 0);
    assert.equal(await store().listAttempts(world.projectId, id), null);
  });

  it("keeps what failed for longer", async () => {
    const world = await createWorld(store(), 1);
    await acceptEnded(world, "failed");
    await pruneAll(store(), { now: later, deliveredBefore: later, failedBefore: start });
    assert.equal(await countOf(world), 1);
    await pruneAll(store(), { now: later, deliveredBefore: start, failedBefore: later });
    assert.equal(await countOf(world), 0);
  });

  it("counts from the day on which the last delivery was settled", async () => {
    const world = await createWorld(store(), 1);
    await acceptEnded(world, "delivered", start + 10 * day);
    await pruneAll(store(), { now: later, deliveredBefore: start + 10 * day, failedBefore: later });
    assert.equal(await countOf(world), 1);
    await pruneAll(store(), { now: later, deliveredBefore: start + 10 * day + 1, failedBefore: later });
    assert.equal(await countOf(world), 0);
  });
}

function keeping(store: () => Store): void {
  it("never removes what is still owed", async () => {
    const world = await createWorld(store(), 2);
    const [first, second] = world.triggers.map((trigger) => trigger.id);
    assert(first !== undefined && second !== undefined);
    const lease = { owner: me, until: start + leaseMs };
    await acceptOne(world, { deliveries: [makeDelivery(first)] });
    await acceptOne(world, { deliveries: [makeDelivery(first, lease)] });
    await acceptOne(world, { deliveries: [makeDelivery(first)], deliverAt: later + day });
    await acceptOne(world, { deliveries: [makeDelivery(second)] });
    const [owed, retrying] = await claimAll(world, start);
    assert(owed !== undefined && retrying !== undefined);
    const progress = missed(retrying.progress, start, 60 * day);
    await settle(world, retrying, start, { progress, attempt: makeAttempt(retrying, { outcome: "timeout" }) });
    const before = await statesOf(world);
    assert.equal(await pruneAll(store(), { now: later, deliveredBefore: later, failedBefore: later }), 0);
    assert.deepEqual(await statesOf(world), before);
  });

  it("works in small pieces, also past a crowd that has to stay", async () => {
    const world = await createWorld(store(), 1);
    const waiting = Array.from({ length: 25 }, () => makeDraft(world, { deliverAt: later + day }));
    await acceptAll(world, waiting);
    await acceptAll(
      world,
      Array.from({ length: 25 }, () => makeDraft(world, { deliveries: [] })),
    );
    const request = { now: later, deliveredBefore: later, failedBefore: later, limit: 10 };
    const removed: number[] = [];
    for (let more = true; more; ) {
      const done = await store().prune(request);
      removed.push(done.removed);
      more = done.more;
    }
    assert(
      removed.every((count) => count <= 10),
      String(removed),
    );
    assert.equal(
      removed.reduce((sum, count) => sum + count, 0),
      25,
    );
    assert.deepEqual(await countOf(world), 25);
  });
}

function leftovers(store: () => Store): void {
  const forget = { now: later, deliveredBefore: 0, failedBefore: 0 };

  it("forgets expired idempotency keys and no others", async () => {
    const world = await createWorld(store(), 0);
    const key = (name: string, expiresAt: number) => ({ idempotency: { key: name, fingerprint: "f", expiresAt } });
    await acceptAll(world, [], key("old", start + second));
    await acceptAll(world, [], key("new", later + 1));
    assert.equal(await pruneAll(store(), forget), 1);
    assert.deepEqual(await acceptAll(world, [], key("new", later)), { kind: "repeated", receipts: [] });
  });

  it("cancels the rest of what a deleted trigger was owed", async () => {
    const world = await createWorld(store(), 1);
    const triggerId = nth(world.triggers, 0).id;
    const many = (count: number) => Array.from({ length: count }, () => makeDelivery(triggerId));
    const lease = { owner: me, until: later + 1 };
    await acceptOne(world, { deliveries: [...many(1_500), makeDelivery(triggerId, lease)] });
    await store().deleteTrigger({ now: start, projectId: world.projectId, triggerId });
    await pruneAll(store(), forget, 100);
    const { cancelled, in_flight: flying, pending } = (await store().stats(world.projectId)).deliveries;
    assert.deepEqual([cancelled, flying, pending], [1_500, 1, 0]);
    await pruneAll(store(), { ...forget, now: later + 1 });
    assert.equal((await store().stats(world.projectId)).deliveries.cancelled, 1_501);
  });

  it("keeps a deleted trigger's name while a delivery shows it", async () => {
    const world = await createWorld(store(), 1);
    await acceptEnded(world, "delivered");
    const triggerId = nth(world.triggers, 0).id;
    await store().deleteTrigger({ now: start, projectId: world.projectId, triggerId });
    assert.equal(await pruneAll(store(), forget), 0);
    assert.equal(nth((await store().listDeliveries(world.projectId, {}, { limit: 1 })).rows, 0).trigger, "trigger-1");
    assert.equal(await pruneAll(store(), { ...forget, deliveredBefore: later }), 4);
  });

  it("erases what a deleted project held, owed or not", async () => {
    const world = await createWorld(store(), 1);
    const other = await createWorld(store(), 1);
    await acceptOne(other);
    await acceptEnded(world, "failed");
    for (let made = 0; made < 30; made += 1) await acceptOne(world, { event: makeEvent(), deliverAt: later + day });
    await acceptAll(world, [], { idempotency: { key: "k", fingerprint: "f", expiresAt: later + day } });
    await store().deleteProject({ now: start, projectId: world.projectId });
    assert.equal(await pruneAll(store(), forget, 10), 31 + 31 + 1 + 1);
    assert.equal(await pruneAll(store(), forget), 0);
    assert.equal(await countOf(other), 1);
    assert.equal((await createTrigger(store(), other.projectId, "next")).name, "next");
  });
}
