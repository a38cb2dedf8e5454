// The model test: random acts, while time goes by, on a store and on the model of it. After every act both must hold the
// same deliveries in the same states; at the end every list must answer the same.
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { advance, type DeliveryProgress, deliveryStates } from "../../domain/delivery.ts";
import type { EventDraft, EventReceipt, Store } from "../store.ts";
import {
  claimable,
  createModel,
  holds,
  type Model,
  type ModelDelivery,
  modelAccept,
  modelCancel,
  modelClaim,
  modelPrune,
  modelReplay,
} from "./model.ts";
import {
  acceptAll,
  createWorld,
  fresh,
  makeAttempt,
  makeDelivery,
  makeEvent,
  missed,
  pruneAll,
  refresh,
  second,
  start,
  succeeded,
  type World,
} from "./world.ts";

const runs = 150;
const actsPerRun = 60;

export function modelTests(store: () => Store): void {
  // Time only goes on, from run to run as well: a row's sequence number would not let it go back.
  let now = start;
  it("agrees with a model of itself, whatever is asked of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyAct, { minLength: 10, maxLength: actsPerRun }), async (acts) => {
        const run: Run = {
          world: await createWorld(store(), 3),
          model: createModel(),
          now,
          prefix: fresh("run"),
        };
        for (const act of acts) {
          run.now += act.pauseMs;
          await perform(run, act);
          await compareStates(run);
        }
        await compareLists(run);
        now = run.now + second;
        // What stays would be pruned, and counted, by the next run.
        await store().deleteProject({ now: run.now, projectId: run.world.projectId });
        await pruneAll(store(), { now: run.now, deliveredBefore: 0, failedBefore: 0 });
      }),
      { numRuns: runs },
    );
  });
}

interface Run {
  readonly world: World;
  readonly model: Model;
  readonly prefix: string;
  now: number;
}

// ── Acts ───────────────────────────────────────────────────────────────────────────────────────────────────────────

type Act = { readonly pauseMs: number } & (
  | {
      readonly kind: "accept";
      /** Small numbers, so that ids, keys and triggers meet again. */
      readonly ids: readonly number[];
      readonly key: number | null;
      readonly delayMs: number;
      readonly triggers: readonly number[];
      readonly isLeased: boolean;
    }
  | { readonly kind: "claim"; readonly owner: string; readonly leaseMs: number; readonly limits: readonly number[] }
  | {
      readonly kind: "settle";
      readonly pick: number;
      readonly outcome: "succeeded" | "missed" | "dead" | "untried";
      readonly fenceOff: number;
    }
  | { readonly kind: "renew"; readonly owner: string; readonly fenceOff: number }
  | { readonly kind: "cancel" | "retry"; readonly pick: number }
  | { readonly kind: "replay"; readonly pick: number; readonly triggers: readonly number[] }
  | { readonly kind: "delete-trigger"; readonly trigger: number }
  | { readonly kind: "prune"; readonly deliveredAgoMs: number; readonly failedAgoMs: number; readonly limit: number }
);
type ActOf<Kind extends Act["kind"]> = Extract<Act, { readonly kind: Kind }>;

const pauseMs = fc.constantFrom(0, 0, 1, 500, second, 20 * second);
const pick = fc.nat();
const triggers = fc.uniqueArray(fc.nat({ max: 2 }), { maxLength: 3 });
const owner = fc.constantFrom("run-1", "run-2");
const fenceOff = fc.constantFrom(0, 0, 0, 1);

const anyAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("accept" as const),
      pauseMs,
      ids: fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 3 }),
      key: fc.option(fc.nat({ max: 5 })),
      delayMs: fc.constantFrom(0, 0, second, 60 * second),
      triggers,
      isLeased: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("claim" as const),
      pauseMs,
      owner,
      leaseMs: fc.constantFrom(500, 10 * second),
      limits: fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 3 })),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      pauseMs,
      pick,
      outcome: fc.constantFrom("succeeded" as const, "missed" as const, "dead" as const, "untried" as const),
      fenceOff,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("renew" as const), pauseMs, owner, fenceOff }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("cancel" as const, "retry" as const), pauseMs, pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("replay" as const), pauseMs, pick, triggers }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("delete-trigger" as const), pauseMs, trigger: fc.nat({ max: 9 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("prune" as const),
      pauseMs,
      deliveredAgoMs: fc.constantFrom(0, 10 * second),
      failedAgoMs: fc.constantFrom(0, 10 * second, 1_000 * second),
      limit: fc.integer({ min: 1, max: 20 }),
    }),
  },
);

function perform(run: Run, act: Act): Promise<void> {
  switch (act.kind) {
    case "accept":
      return performAccept(run, act);
    case "claim":
      return performClaim(run, act);
    case "settle":
      return performSettle(run, act);
    case "renew":
      return performRenew(run, act);
    case "cancel":
      return performCancel(run, act);
    case "retry":
      return performRetry(run, act);
    case "replay":
      return performReplay(run, act);
    case "delete-trigger":
      return performDeleteTrigger(run, act);
    case "prune":
      return performPrune(run, act);
    default:
      return act satisfies never;
  }
}

/** The triggers that matching would have found: those that live. */
function living({ world, model }: Run, numbers: readonly number[]): readonly number[] {
  return numbers.flatMap((number) => {
    const trigger = world.triggers[number];
    return trigger === undefined || model.deletedTriggers.has(trigger.id) ? [] : [trigger.id];
  });
}

async function performAccept(run: Run, act: ActOf<"accept">): Promise<void> {
  const { world, model, now, prefix } = run;
  const lease = act.isLeased && act.delayMs === 0 ? { owner: "run-1", until: now + second } : null;
  const drafts = act.ids.map(
    (id): EventDraft => ({
      event: makeEvent({ id: `${prefix}-${id}`, type: `type-${id % 3}` }),
      deliverAt: now + act.delayMs,
      depth: 0,
      mayRepeat: true,
      deliveries: living(run, act.triggers).map((triggerId) => makeDelivery(triggerId, lease)),
    }),
  );
  const idempotency = { key: String(act.key), fingerprint: act.ids.join(), expiresAt: now + 30 * second };
  const result = await acceptAll(world, drafts, { now, ...(act.key === null ? {} : { idempotency }) });
  const known = act.key === null ? undefined : model.idempotencyKeys.get(idempotency.key);
  if (known !== undefined && known.expiresAt > now) {
    assert.equal(result.kind, known.fingerprint === idempotency.fingerprint ? "repeated" : "key-reused");
    if (result.kind === "repeated")
      assert.deepEqual(
        result.receipts.map((receipt) => receipt.id),
        known.ids,
      );
    return;
  }
  assert(result.kind === "stored");
  for (const [index, draft] of drafts.entries()) {
    const receipt: EventReceipt | undefined = result.receipts[index];
    assert(receipt !== undefined);
    assert.equal(receipt.duplicate, !modelAccept(model, draft, now, receipt.sequence));
  }
  if (act.key !== null) {
    model.idempotencyKeys.set(idempotency.key, { ...idempotency, ids: drafts.map((draft) => draft.event.id) });
  }
}

async function performClaim({ world, model, now }: Run, act: ActOf<"claim">): Promise<void> {
  const lease = { owner: act.owner, until: now + act.leaseMs };
  const quotas = world.triggers.map(({ id }, index) => ({ triggerId: id, limit: act.limits[index] ?? 0 }));
  const { deliveries } = await world.store.claimDue({ now, lease, quotas, maxBytes: 1e9 });
  for (const { triggerId, limit } of quotas) {
    const due = claimable(model, triggerId, now).map((one) => one.progress.dueAt);
    const taken = deliveries.filter((claim) => claim.triggerId === triggerId).map((claim) => find(model, claim.id));
    // Among those that are due at the same time the store may choose.
    assert.deepEqual(
      taken.map((one) => one.progress.dueAt),
      due.slice(0, limit),
    );
    for (const one of taken) modelClaim(one, now, lease);
  }
  for (const claim of deliveries) {
    const { progress, fence, recorded } = find(model, claim.id);
    assert.deepEqual([claim.progress, claim.fence, claim.recorded], [progress, fence, recorded]);
  }
}

function find(model: Model, id: string): ModelDelivery {
  const delivery = model.deliveries.find((one) => one.id === id);
  assert(delivery !== undefined, `the model knows no delivery ${id}`);
  return delivery;
}

function choose<T>(list: readonly T[], number: number): T | undefined {
  return list[number % list.length];
}

async function performSettle({ world, model, now }: Run, act: ActOf<"settle">): Promise<void> {
  const flying = model.deliveries.filter((one) => one.progress.state === "in_flight");
  const delivery = choose(flying, act.pick);
  if (delivery === undefined) return;
  const progress = ended(delivery.progress, act.outcome, now);
  const fence = delivery.fence + act.fenceOff;
  const isHeld = holds(delivery, fence, now);
  const { id: deliveryId, triggerId, recorded } = delivery;
  const attempt = act.outcome === "untried" ? null : makeAttempt({ recorded });
  const { projectId } = world;
  const result = await world.store.settle({ now, projectId, triggerId, deliveryId, fence, progress, attempt });
  assert.equal(result.kind, isHeld ? "recorded" : "lost");
  if (isHeld) Object.assign(delivery, { progress, recorded: recorded + (attempt === null ? 0 : 1), owner: null });
}

function ended(progress: DeliveryProgress, outcome: ActOf<"settle">["outcome"], at: number): DeliveryProgress {
  switch (outcome) {
    case "succeeded":
      return succeeded(progress, at);
    case "missed":
      return missed(progress, at, 5 * second);
    case "dead":
      return missed(progress, at, null);
    case "untried":
      return advance(progress, { kind: "interrupted", at }) ?? progress;
    default:
      return outcome satisfies never;
  }
}

async function performRenew({ world, model, now }: Run, act: ActOf<"renew">): Promise<void> {
  const lease = { owner: act.owner, until: now + 10 * second };
  const flying = model.deliveries.filter((one) => one.progress.state === "in_flight");
  const claims = flying.map((one) => ({ deliveryId: one.id, fence: one.fence + act.fenceOff }));
  const held = flying.filter((one) => one.owner === act.owner && holds(one, one.fence + act.fenceOff, now));
  const lost = await world.store.renew({ now, lease, claims });
  assert.deepEqual(new Set(lost), new Set(flying.filter((one) => !held.includes(one)).map((one) => one.id)));
  for (const one of held) one.progress = { ...one.progress, dueAt: lease.until };
}

async function performCancel({ world, model, now }: Run, act: ActOf<"cancel" | "retry">): Promise<void> {
  const event = choose(model.events, act.pick);
  if (event === undefined) return;
  const result = await world.store.cancel({ now, projectId: world.projectId, eventSequence: event.sequence });
  assert.equal(result?.cancelled, modelCancel(event.deliveries, now));
}

async function performRetry({ world, model, now }: Run, act: ActOf<"cancel" | "retry">): Promise<void> {
  const delivery = choose(model.deliveries, act.pick);
  if (delivery === undefined) return;
  const result = await world.store.retry({ now, projectId: world.projectId, deliveryId: delivery.id });
  if (model.deletedTriggers.has(delivery.triggerId)) return assert.deepEqual(result, { kind: "no-trigger" });
  const progress = advance(delivery.progress, { kind: "asked-again", at: now });
  assert.equal(result.kind, progress === null ? "busy" : "done");
  delivery.progress = progress ?? delivery.progress;
}

async function performReplay(run: Run, act: ActOf<"replay">): Promise<void> {
  const { world, model, now } = run;
  const event = choose(model.events, act.pick);
  if (event === undefined) return;
  const deliveries = living(run, act.triggers).map((triggerId) => makeDelivery(triggerId));
  const { projectId, version: catalogueVersion } = world;
  const { sequence: eventSequence } = event;
  const result = await world.store.replay({ now, projectId, catalogueVersion, eventSequence, deliveries });
  assert.equal(result, "stored");
  modelReplay(model, event.id, deliveries, now);
}

async function performDeleteTrigger({ world, model, now }: Run, act: ActOf<"delete-trigger">): Promise<void> {
  const trigger = world.triggers[act.trigger];
  if (trigger === undefined || model.deletedTriggers.has(trigger.id)) return;
  await world.store.deleteTrigger({ now, projectId: world.projectId, triggerId: trigger.id });
  model.deletedTriggers.add(trigger.id);
  modelCancel(
    model.deliveries.filter((one) => one.triggerId === trigger.id),
    now,
  );
  await refresh(world);
}

async function performPrune({ world, model, now }: Run, act: ActOf<"prune">): Promise<void> {
  const request = { now, deliveredBefore: now - act.deliveredAgoMs, failedBefore: now - act.failedAgoMs };
  await pruneAll(world.store, request, act.limit);
  modelPrune(model, request);
}

// ── Comparisons ────────────────────────────────────────────────────────────────────────────────────────────────────

async function compareStates({ world, model }: Run): Promise<void> {
  const { rows } = await world.store.listDeliveries(world.projectId, {}, { limit: 1_000 });
  const real = rows.map((row) => [row.id, row.progress, row.createdAt]).toReversed();
  assert.deepEqual(
    real,
    model.deliveries.map((one) => [one.id, one.progress, one.createdAt]),
  );
  const stats = await world.store.stats(world.projectId);
  assert.equal(stats.events, model.events.length);
  for (const state of deliveryStates) {
    const count = model.deliveries.filter((one) => one.progress.state === state).length;
    assert.equal(stats.deliveries[state], count, state);
  }
}

async function compareLists({ world, model }: Run): Promise<void> {
  const { store, projectId } = world;
  const newestFirst = model.events.toReversed();
  for (const status of deliveryStates) {
    const { rows } = await store.listEvents(projectId, { status }, { limit: 1_000 });
    const wanted = newestFirst.filter((event) => event.deliveries.some((one) => one.progress.state === status));
    assert.deepEqual(
      rows.map((row) => row.event.id),
      wanted.map((event) => event.id),
      status,
    );
  }
  const { rows } = await store.listEvents(projectId, {}, { limit: 1_000 });
  assert.deepEqual(
    rows.map((row) => [row.event.id, row.deliveries, row.acceptedAt]),
    newestFirst.map((event) => [event.id, event.deliveries.length, event.acceptedAt]),
  );
  for (const delivery of model.deliveries) {
    const attempts = await store.listAttempts(projectId, delivery.id);
    assert.deepEqual(
      attempts?.map((attempt) => attempt.number),
      Array.from({ length: delivery.recorded }, (_, n) => n + 1),
    );
  }
}
