// Claim and record: who holds a delivery, for how long, and who may still say what became of it.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Store } from "../store.ts";
import {
  acceptOne,
  claimAll,
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
  refresh,
  second,
  settle,
  start,
  statesOf,
  succeeded,
} from "./world.ts";

export function dispatchTests(store: () => Store): void {
  describe("claimDue", () => claiming(store));
  describe("settle", () => {
    settling(store);
    losing(store);
    describe("with what follows", () => following(store));
  });
  describe("a lease", () => leasing(store));
  describe("agenda", () => looking(store));
}

function claiming(store: () => Store): void {
  it("takes what is due and nothing else, under a lease with a fence", async () => {
    const world = await createWorld(store(), 1);
    const due = await acceptOne(world, { event: makeEvent({ data: { kind: "json", text: "[1]" } }), depth: 2 });
    await acceptOne(world, { deliverAt: start + 1 });
    const [claim, ...others] = await claimAll(world, start);
    assert(claim !== undefined && others.length === 0);
    assert.equal(claim.eventSequence, due.sequence);
    assert.deepEqual([claim.fence, claim.recorded, claim.depth, claim.projectId], [1, 0, 2, world.projectId]);
    assert.deepEqual([claim.progress.state, claim.progress.dueAt], ["in_flight", start + leaseMs]);
    assert.deepEqual(claim.event.data, { kind: "json", text: "[1]" });
    assert.deepEqual(await claimAll(world, start), []);
  });

  it("takes the oldest due first, as many as each quota says", async () => {
    const world = await createWorld(store(), 2);
    for (const dueAt of [start + 3, start + 1, start + 2]) await acceptOne(world, { deliverAt: dueAt });
    const claims = await claimAll(world, start + 5, { limit: 2 });
    const [first, second] = world.triggers.map((trigger) => trigger.id);
    assert.deepEqual(
      claims.map((claim) => [claim.triggerId, claim.progress.seriesStartedAt - start]),
      [
        [first, 1],
        [first, 2],
        [second, 1],
        [second, 2],
      ],
    );
  });

  it("stops at the size that it may take, but takes at least one", async () => {
    const world = await createWorld(store(), 2);
    const data = { kind: "text", text: "é".repeat(500) } as const;
    for (let made = 0; made < 3; made += 1) await acceptOne(world, { event: makeEvent({ data }) });
    assert.equal((await claimAll(world, start, { maxBytes: 1 })).length, 1);
    assert.equal((await claimAll(world, start, { maxBytes: 1_001 })).length, 2);
    assert.equal((await claimAll(world, start)).length, 3);
  });

  it("says when to look next for each trigger that still owes something", async () => {
    const world = await createWorld(store(), 3);
    const [first, second, third] = world.triggers.map((trigger) => trigger.id);
    assert(first !== undefined && second !== undefined && third !== undefined);
    await acceptOne(world, { deliveries: [makeDelivery(first), makeDelivery(second)] });
    await acceptOne(world, { deliveries: [makeDelivery(first)], deliverAt: start + 2 });
    const { agenda } = await store().claimDue({
      now: start,
      lease: { owner: me, until: start + leaseMs },
      quotas: [first, second, third].map((triggerId) => ({ triggerId, limit: 1 })),
      maxBytes: 1e9,
    });
    assert.deepEqual(agenda, [
      { projectId: world.projectId, triggerId: first, dueAt: start + 2 },
      { projectId: world.projectId, triggerId: second, dueAt: start + leaseMs },
    ]);
  });

  it("takes nothing of a trigger that is gone", async () => {
    const world = await createWorld(store(), 1);
    const triggerId = nth(world.triggers, 0).id;
    await acceptOne(world, { deliveries: [makeDelivery(triggerId, { owner: me, until: start + 1 })] });
    await store().deleteTrigger({ now: start, projectId: world.projectId, triggerId });
    assert.deepEqual(await claimAll(world, start + second), []);
  });
}

function settling(store: () => Store): void {
  it("keeps the attempt with its evidence and the new progress", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    const claim = nth(await claimAll(world, start), 0);
    const attempt = makeAttempt(claim, {
      outcome: "rejected",
      status: 500,
      durationMs: 3.25,
      evidence: { phase: "headers", error: "é \u0000", request: { url: "https://x/", headers: { a: "b" }, bytes: 9 } },
    });
    const progress = missed(claim.progress, start + 5, 30 * second);
    assert.deepEqual(await settle(world, claim, start + 5, { progress, attempt }), { kind: "recorded", receipts: [] });
    assert.deepEqual(await store().listAttempts(world.projectId, claim.id), [attempt]);
    const row = await store().findDelivery(world.projectId, claim.id);
    assert.deepEqual([row?.progress, row?.lastOutcome], [progress, "rejected"]);
    const again = nth(await claimAll(world, start + 40 * second), 0);
    assert.deepEqual([again.id, again.fence, again.recorded], [claim.id, 2, 1]);
    assert.deepEqual([again.progress.attempts, again.progress.seriesAttempts], [1, 1]);
  });

  it("lists the last attempts of many, in order, and those before a number", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    let deliveryId = "";
    for (let number = 1; number <= 5; number += 1) {
      const claim = nth(await claimAll(world, start + number * second), 0);
      const attempt = makeAttempt(claim, { outcome: "rejected", status: 500 });
      const progress = missed(claim.progress, start + number * second, second / 2);
      await settle(world, claim, start + number * second, { progress, attempt });
      deliveryId = claim.id;
    }
    const numbers = async (page?: { readonly limit: number; readonly before?: number }) =>
      (await store().listAttempts(world.projectId, deliveryId, page))?.map((attempt) => attempt.number);
    assert.deepEqual(await numbers(), [1, 2, 3, 4, 5]);
    assert.deepEqual(await numbers({ limit: 2 }), [4, 5]);
    assert.deepEqual(await numbers({ limit: 2, before: 4 }), [2, 3]);
    assert.deepEqual(await numbers({ limit: 2, before: 2 }), [1]);
  });

  it("gives back a claim that was never tried, without an attempt", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    const claim = nth(await claimAll(world, start), 0);
    const progress = { ...claim.progress, state: "pending", dueAt: start } as const;
    assert.equal((await settle(world, claim, start, { progress, attempt: null })).kind, "recorded");
    assert.deepEqual(await store().listAttempts(world.projectId, claim.id), []);
    const row = await store().findDelivery(world.projectId, claim.id);
    assert.deepEqual([row?.progress.state, row?.lastOutcome], ["pending", null]);
    assert.equal(nth(await claimAll(world, start), 0).fence, 2);
  });

  it("pauses the trigger in the same act, and keeps the first reason", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    await acceptOne(world);
    const [first, second] = await claimAll(world, start);
    assert(first !== undefined && second !== undefined);
    await settle(world, first, start + 1, { pause: { reason: "gone" } });
    await settle(world, second, start + 2, { pause: { reason: "gone again" } });
    const catalogue = await store().loadCatalogue({ id: world.projectId });
    assert.deepEqual(catalogue?.triggers[0]?.paused, { reason: "gone", at: start + 1 });
    assert.equal(catalogue?.version, world.version + 1);
  });

  it("still records for a trigger that was deleted while its try ran", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    const claim = nth(await claimAll(world, start), 0);
    await store().deleteTrigger({ now: start, projectId: world.projectId, triggerId: claim.triggerId });
    assert.equal((await settle(world, claim, start + 1)).kind, "recorded");
    assert.deepEqual(await statesOf(world), ["delivered"]);
  });
}

function losing(store: () => Store): void {
  it("loses what another claimed meanwhile, whose lease is over, or that was settled already", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    const claim = nth(await claimAll(world, start), 0);
    assert.deepEqual(await settle(world, claim, start + leaseMs), { kind: "lost" });
    const taken = nth(await claimAll(world, start + leaseMs, { owner: "run-2" }), 0);
    assert.deepEqual([taken.id, taken.fence], [claim.id, 2]);
    assert.deepEqual(await settle(world, claim, start + leaseMs + 1), { kind: "lost" });
    assert.deepEqual(await store().listAttempts(world.projectId, claim.id), []);
    assert.equal((await settle(world, taken, start + leaseMs + 1)).kind, "recorded");
    assert.deepEqual(await settle(world, taken, start + leaseMs + 2), { kind: "lost" });
    assert.equal((await store().listAttempts(world.projectId, claim.id))?.length, 1);
  });

  it("loses a delivery that is named with another's project or trigger", async () => {
    const world = await createWorld(store(), 2);
    const other = await createWorld(store(), 1);
    await acceptOne(world, { deliveries: [makeDelivery(nth(world.triggers, 0).id)] });
    const claim = nth(await claimAll(world, start), 0);
    const lost = { kind: "lost" };
    assert.deepEqual(await settle(world, claim, start, { projectId: other.projectId }), lost);
    assert.deepEqual(await settle(world, claim, start, { triggerId: nth(world.triggers, 1).id }), lost);
    assert.deepEqual(await settle(world, claim, start, { fence: 2 }), lost);
    assert.deepEqual(await settle(world, claim, start, { deliveryId: "unknown" }), lost);
    assert.deepEqual(await statesOf(world), ["in_flight"]);
  });
}

function following(store: () => Store): void {
  it("accepts the events that follow in the same act", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world, { event: makeEvent({ id: "known" }) });
    const claim = nth(await claimAll(world, start), 0);
    const known = makeDraft(world, { event: makeEvent({ id: "known" }), mayRepeat: true });
    const events = [makeDraft(world, { depth: 1 }), known];
    const result = await settle(world, claim, start + 1, { follow: { catalogueVersion: world.version, events } });
    assert(result.kind === "recorded");
    assert.deepEqual(
      result.receipts.map((receipt) => receipt.duplicate),
      [false, true],
    );
    assert.equal((await store().findEvents(world.projectId, nth(events, 0).event.id))[0]?.depth, 1);
    assert.deepEqual(await statesOf(world), ["delivered", "pending"]);
  });

  it("changes nothing when they were matched against old triggers, or the project is gone", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    const claim = nth(await claimAll(world, start), 0);
    const follow = { catalogueVersion: world.version - 1, events: [makeDraft(world)] };
    assert.deepEqual(await settle(world, claim, start + 1, { follow }), { kind: "stale" });
    assert.deepEqual(await statesOf(world), ["in_flight"]);
    await store().deleteProject({ now: start, projectId: world.projectId });
    const current = { ...follow, catalogueVersion: world.version };
    assert.deepEqual(await settle(world, claim, start + 2, { follow: current }), { kind: "stale" });
    assert.equal((await settle(world, claim, start + 3)).kind, "recorded");
  });

  it("says lost rather than stale", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world);
    const claim = nth(await claimAll(world, start), 0);
    const follow = { catalogueVersion: 0, events: [] };
    assert.deepEqual(await settle(world, claim, start + day, { follow }), { kind: "lost" });
  });
}

function leasing(store: () => Store): void {
  it("is prolonged for its bearer alone, while it lasts", async () => {
    const world = await createWorld(store(), 1);
    for (let made = 0; made < 4; made += 1) await acceptOne(world);
    const [held, settled, fenced, expired] = await claimAll(world, start);
    assert(held !== undefined && settled !== undefined && fenced !== undefined && expired !== undefined);
    await settle(world, settled, start);
    const until = start + 3 * leaseMs;
    const renew = (claims: readonly { id: string; fence: number }[], owner: string, now: number) =>
      store().renew({
        now,
        lease: { owner, until },
        claims: claims.map(({ id, fence }) => ({ deliveryId: id, fence })),
      });
    const now = start + leaseMs - 1;
    assert.deepEqual(await renew([held, settled, { ...fenced, fence: 2 }], me, now), [settled.id, fenced.id]);
    assert.deepEqual(await renew([held], "run-2", now), [held.id]);
    assert.deepEqual(await renew([expired], me, start + leaseMs), [expired.id]);
    const taken = await claimAll(world, start + leaseMs);
    assert.deepEqual(new Set(taken.map((claim) => claim.id)), new Set([fenced.id, expired.id]));
    assert.equal((await settle(world, held, until - 1)).kind, "recorded");
  });

  it("of an earlier run is over when the store knows that the run is", async () => {
    const world = await createWorld(store(), 1);
    const triggerId = nth(world.triggers, 0).id;
    await acceptOne(world, { deliveries: [makeDelivery(triggerId, { owner: "run-0", until: start + day })] });
    await acceptOne(world, { deliveries: [makeDelivery(triggerId, { owner: me, until: start + day })] });
    const recovered = await store().recover({ now: start + 1, owner: me });
    const claims = await claimAll(world, start + 1);
    // A store that others share cannot know, and leaves the lease to its end.
    if (recovered === 0) return assert.deepEqual(claims, []);
    assert.deepEqual(
      claims.map((claim) => claim.fence),
      [2],
    );
    assert.deepEqual(await statesOf(world), ["in_flight", "in_flight"]);
  });
}

function looking(store: () => Store): void {
  it("names every trigger that owes something, with its earliest time", async () => {
    const world = await createWorld(store(), 4);
    const [waiting, flying, settled, idle] = world.triggers.map((trigger) => trigger.id);
    assert(waiting !== undefined && flying !== undefined && settled !== undefined && idle !== undefined);
    await acceptOne(world, { deliveries: [makeDelivery(waiting)], deliverAt: start + 2 });
    await acceptOne(world, { deliveries: [makeDelivery(waiting)], deliverAt: start + 1 });
    await acceptOne(world, { deliveries: [makeDelivery(flying, { owner: me, until: start + leaseMs })] });
    await acceptOne(world, { deliveries: [makeDelivery(settled)] });
    const claim = (await claimAll(world, start)).find((one) => one.triggerId === settled);
    assert(claim !== undefined);
    await settle(world, claim, start, { progress: succeeded(claim.progress, start) });
    const mine = (await store().agenda()).filter((entry) => entry.projectId === world.projectId);
    assert.deepEqual(mine, [
      { projectId: world.projectId, triggerId: waiting, dueAt: start + 1 },
      { projectId: world.projectId, triggerId: flying, dueAt: start + leaseMs },
    ]);
  });

  it("leaves out triggers that are gone", async () => {
    const world = await createWorld(store(), 1);
    await acceptOne(world, { deliveries: [makeDelivery(nth(world.triggers, 0).id, { owner: me, until: start + 1 })] });
    await store().deleteTrigger({ now: start, projectId: world.projectId, triggerId: nth(world.triggers, 0).id });
    await refresh(world);
    assert.deepEqual(
      (await store().agenda()).filter((entry) => entry.projectId === world.projectId),
      [],
    );
    await pruneAll(store(), { now: start + 1, deliveredBefore: 0, failedBefore: 0 });
    assert.deepEqual(await statesOf(world), ["cancelled"]);
  });
}
