// What the parts of the suite share: a store, and small worlds in it. Every test lives in a project of its own, so that
// one store serves them all, and nothing that a test sees can come from another.
import assert from "node:assert/strict";
import type { Event } from "@posthorn/wire/event";
import type { Attempt } from "../../domain/attempt.ts";
import { advance, type DeliveryProgress } from "../../domain/delivery.ts";
import type {
  AcceptResult,
  ClaimedDelivery,
  DeliveryDraft,
  EventDraft,
  EventReceipt,
  Store,
  TriggerRecord,
} from "../store.ts";

/** One store for a part of the suite. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes the store and opens what it kept. `store` of the answer is the new one. */
  reopen(): Promise<StoreUnderTest>;
  close(): Promise<void>;
}
export type OpenStore = () => Promise<StoreUnderTest>;

/** When every test begins; times only ever come in as arguments. */
export const start = Date.UTC(2026, 6, 1);
export const second = 1_000;
export const day = 24 * 3_600_000;

let made = 0;
/** A name that no other test uses. */
export function fresh(prefix: string): string {
  made += 1;
  return `${prefix}-${made}`;
}

export interface World {
  readonly store: Store;
  readonly projectId: number;
  readonly slug: string;
  readonly triggers: readonly TriggerRecord[];
  /** As of the last call of `refresh`. */
  version: number;
}

/** A new project with triggers. */
export async function createWorld(store: Store, triggerCount = 1): Promise<World> {
  const slug = fresh("project");
  const project = await store.createProject({ now: start, slug, name: "A project" });
  assert(project.kind === "done");
  const triggers: TriggerRecord[] = [];
  for (let number = 1; number <= triggerCount; number += 1) {
    triggers.push(await createTrigger(store, project.value.id, `trigger-${number}`));
  }
  return refresh({ store, projectId: project.value.id, slug, triggers, version: 0 });
}

export async function createTrigger(store: Store, projectId: number, name: string): Promise<TriggerRecord> {
  const trigger = await store.createTrigger({
    now: start,
    projectId,
    name,
    definition: `{"name":"${name}"}`,
    sealed: "sealed",
    maxTriggers: 100,
  });
  assert(trigger.kind === "done");
  return trigger.value;
}

/** Reads the version of the triggers anew. */
export async function refresh(world: World): Promise<World> {
  const catalogue = await world.store.loadCatalogue({ id: world.projectId });
  assert(catalogue !== null);
  world.version = catalogue.version;
  return world;
}

export function nth<T>(list: readonly T[], index: number): T {
  const value = list[index];
  assert(value !== undefined, `there is no element ${index} among ${list.length}`);
  return value;
}

// ── Drafts ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export function makeEvent(parts: Partial<Event> = {}): Event {
  return {
    id: fresh("event"),
    source: "/tests",
    type: "order.created",
    time: "2026-07-01T00:00:00Z",
    extensions: Object.assign(Object.create(null), parts.extensions),
    ...withoutExtensions(parts),
  };
}

function withoutExtensions({ extensions: _extensions, ...rest }: Partial<Event>): Partial<Event> {
  return rest;
}

export function makeDelivery(triggerId: number, lease: DeliveryDraft["lease"] = null): DeliveryDraft {
  return { id: fresh("delivery"), triggerId, lease };
}

/** An event owed to all triggers of the world, unless `parts` says otherwise. */
export function makeDraft(world: World, parts: Partial<EventDraft> = {}): EventDraft {
  return {
    event: makeEvent(),
    deliverAt: start,
    depth: 0,
    mayRepeat: false,
    deliveries: world.triggers.map((trigger) => makeDelivery(trigger.id)),
    ...parts,
  };
}

// ── Acts that most tests need ──────────────────────────────────────────────────────────────────────────────────────

export async function acceptAll(
  world: World,
  events: readonly EventDraft[],
  parts: Partial<Parameters<Store["accept"]>[0]> = {},
): Promise<AcceptResult> {
  return world.store.accept({
    now: start,
    projectId: world.projectId,
    catalogueVersion: world.version,
    events,
    ...parts,
  });
}

/** Accepts one event and answers its receipt. */
export async function acceptOne(world: World, parts: Partial<EventDraft> = {}, now = start): Promise<EventReceipt> {
  const result = await acceptAll(world, [makeDraft(world, parts)], { now });
  assert(result.kind === "stored");
  return nth(result.receipts, 0);
}

export const me = "run-1";
export const leaseMs = 10 * second;

/** Claims what is due for all triggers of the world. */
export async function claimAll(
  world: World,
  now: number,
  { limit = 100, owner = me, maxBytes = 1e9 }: { limit?: number; owner?: string; maxBytes?: number } = {},
): Promise<readonly ClaimedDelivery[]> {
  const { deliveries } = await world.store.claimDue({
    now,
    lease: { owner, until: now + leaseMs },
    quotas: world.triggers.map((trigger) => ({ triggerId: trigger.id, limit })),
    maxBytes,
  });
  return deliveries;
}

export function makeAttempt(claim: Pick<ClaimedDelivery, "recorded">, parts: Partial<Attempt> = {}): Attempt {
  return {
    number: claim.recorded + 1,
    startedAt: start,
    durationMs: 12,
    outcome: "delivered",
    status: 200,
    evidence: {},
    ...parts,
  };
}

export function succeeded(progress: DeliveryProgress, at: number): DeliveryProgress {
  return moved(advance(progress, { kind: "succeeded", at }));
}

/** A miss with one more try after `pauseMs`, or none. */
export function missed(progress: DeliveryProgress, at: number, pauseMs: number | null): DeliveryProgress {
  const policy = {
    retries: 1_000,
    initialDelayMs: pauseMs ?? 0,
    factor: 1,
    maxDelayMs: 1e12,
    jitter: 0,
    maxDurationMs: 1e12,
  };
  return moved(advance(progress, { kind: "missed", at, policy, final: pauseMs === null, chance: 0 }));
}

function moved(progress: DeliveryProgress | null): DeliveryProgress {
  assert(progress !== null);
  return progress;
}

/** Records a success, unless `parts` says otherwise. */
export function settle(
  world: World,
  claim: ClaimedDelivery,
  now: number,
  parts: Partial<Parameters<Store["settle"]>[0]> = {},
): ReturnType<Store["settle"]> {
  return world.store.settle({
    now,
    projectId: claim.projectId,
    triggerId: claim.triggerId,
    deliveryId: claim.id,
    fence: claim.fence,
    progress: succeeded(claim.progress, now),
    attempt: makeAttempt(claim),
    ...parts,
  });
}

/** Prunes until nothing is left to do. Answers how many rows went. */
export async function pruneAll(
  store: Store,
  request: { readonly now: number; readonly deliveredBefore: number; readonly failedBefore: number },
  limit = 1_000,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const done = await store.prune({ ...request, limit });
    removed += done.removed;
    if (!done.more) return removed;
  }
}

export async function statesOf(world: World): Promise<readonly string[]> {
  const page = await world.store.listDeliveries(world.projectId, {}, { limit: 1_000 });
  return page.rows.map((row) => row.progress.state).toReversed();
}
