// What a person asks of deliveries that exist: cancel, replay, retry.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Store } from "../store.ts";
import {
  acceptOne,
  claimAll,
  createTrigger,
  createWorld,
  day,
  leaseMs,
  makeAttempt,
  makeDelivery,
  me,
  missed,
  nth,
  second,
  settle,
  start,
  statesOf,
} from "./world.ts";

export function repeatTests(store: () => Store): void {
  describe("cancel", () => cancelling(store));
  describe("replay", () => replaying(store));
  describe("retry", () => retrying(store));
}

function cancelling(store: () => Store): void {
  it("cancels what waits and leaves what flies or is settled", async () => {
    const world = await createWorld(store(), 3);
    const { sequence: eventSequence } = await acceptOne(world);
    const [delivered, retrying, flying] = await claimAll(world, start);
    assert(delivered !== undefined && retrying !== undefined && flying !== undefined);
    await settle(world, delivered, start);
    await settle(world, retrying, start, {
      progress: missed(retrying.progress, start, day),
      attempt: makeAttempt(retrying, { outcome: "timeout", status: null }),
    });
    const request = { now: start + 1, projectId: world.projectId, eventSequence };
    const states = { delivered: 1, cancelled: 1, in_flight: 1 };
    assert.deepEqual(await store().cancel(request), { cancelled: 1, states });
    assert.deepEqual(await store().cancel({ ...request, now: start + 2 }), { cancelled: 0, states });
    const cancelled = await store().findDelivery(world.projectId, retrying.id);
    assert.deepEqual([cancelled?.progress.dueAt, cancelled?.progress.settledAt], [null, start + 1]);
    assert.equal((await settle(world, flying, start + 1)).kind, "recorded");
    assert.deepEqual(await claimAll(world, start + 2 * day), []);
  });

  it("touches no other event, and knows none that is not there", async () => {
    const world = await createWorld(store(), 1);
    const { sequence: eventSequence } = await acceptOne(world, { deliverAt: start + day });
    await acceptOne(world, { deliverAt: start + day });
    await store().cancel({ now: start, projectId: world.projectId, eventSequence });
    assert.deepEqual(await statesOf(world), ["cancelled", "scheduled"]);
    assert.equal(await store().cancel({ now: start, projectId: world.projectId, eventSequence: 1 }), null);
  });
}

function replaying(store: () => Store): void {
  it("owes an old event again, due now, to the triggers given", async () => {
    const world = await createWorld(store(), 2);
    const { sequence: eventSequence, id } = await acceptOne(world, { deliveries: [] });
    const [first, second] = world.triggers.map((trigger) => trigger.id);
    assert(first !== undefined && second !== undefined);
    const lease = { owner: me, until: start + day + leaseMs };
    const request = {
      now: start + day,
      projectId: world.projectId,
      catalogueVersion: world.version,
      eventSequence,
      deliveries: [makeDelivery(first), makeDelivery(second, lease)],
    };
    assert.equal(await store().replay(request), "stored");
    const [detail] = await store().findEvents(world.projectId, id);
    assert.deepEqual([detail?.deliveries, detail?.states], [2, { pending: 1, in_flight: 1 }]);
    const [claim, ...others] = await claimAll(world, start + day);
    assert.deepEqual([claim?.event.id, claim?.progress.seriesStartedAt, others.length], [id, start + day, 0]);
    assert.deepEqual((await store().listEvents(world.projectId, { status: "unmatched" }, { limit: 1 })).rows, []);
  });

  it("is stale when the triggers have changed, and missing without the event", async () => {
    const world = await createWorld(store(), 1);
    const { sequence: eventSequence } = await acceptOne(world);
    const { projectId, version: catalogueVersion } = world;
    const request = { now: start, projectId, catalogueVersion, eventSequence, deliveries: [] };
    assert.equal(await store().replay({ ...request, eventSequence: 1 }), "missing");
    await createTrigger(store(), projectId, "another");
    assert.equal(await store().replay(request), "stale");
    assert.deepEqual(await statesOf(world), ["pending"]);
  });
}

function retrying(store: () => Store): void {
  it("makes what is settled, scheduled or retrying due now, with a fresh series", async () => {
    const world = await createWorld(store(), 3);
    const [failing, retrying, delivered] = (await acceptAndClaim()).slice(0, 3);
    assert(failing !== undefined && retrying !== undefined && delivered !== undefined);
    const attempt = makeAttempt(failing, { outcome: "rejected", status: 500 });
    await settle(world, failing, start, { progress: missed(failing.progress, start, null), attempt });
    await settle(world, retrying, start, { progress: missed(retrying.progress, start, day), attempt });
    await settle(world, delivered, start);
    const now = start + second;
    for (const { id: deliveryId } of [failing, retrying, delivered]) {
      assert.deepEqual(await store().retry({ now, projectId: world.projectId, deliveryId }), { kind: "done" });
      const progress = (await store().findDelivery(world.projectId, deliveryId))?.progress;
      const fresh = { attempts: 1, seriesAttempts: 0, seriesStartedAt: now, dueAt: now, settledAt: null };
      assert.deepEqual(progress, { state: "pending", ...fresh });
    }
    assert.deepEqual(
      (await claimAll(world, now)).map((claim) => claim.recorded),
      [1, 1, 1],
    );

    async function acceptAndClaim() {
      await acceptOne(world);
      return claimAll(world, start);
    }
  });

  it("brings a scheduled or cancelled delivery forward", async () => {
    const world = await createWorld(store(), 1);
    const { sequence: eventSequence } = await acceptOne(world, { deliverAt: start + day });
    const id = nth((await store().listDeliveries(world.projectId, {}, { limit: 1 })).rows, 0).id;
    await store().cancel({ now: start, projectId: world.projectId, eventSequence });
    assert.equal((await store().retry({ now: start, projectId: world.projectId, deliveryId: id })).kind, "done");
    assert.equal((await claimAll(world, start)).length, 1);
  });

  it("says busy of what is due or in flight, and missing of what is not there", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    const id = nth((await store().listDeliveries(world.projectId, {}, { limit: 1 })).rows, 0).id;
    const retry = (deliveryId: string) => store().retry({ now: start, projectId: world.projectId, deliveryId });
    assert.deepEqual(await retry(id), { kind: "busy", state: "pending" });
    await claimAll(world, start);
    assert.deepEqual(await retry(id), { kind: "busy", state: "in_flight" });
    assert.deepEqual(await retry("unknown"), { kind: "missing" });
  });

  it("has nowhere to send what a deleted trigger was owed", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    const claim = nth(await claimAll(world, start), 0);
    await settle(world, claim, start);
    const { projectId } = world;
    await store().deleteTrigger({ now: start, projectId, triggerId: claim.triggerId });
    assert.deepEqual(await store().retry({ now: start, projectId, deliveryId: claim.id }), { kind: "no-trigger" });
  });
}
