// A store in forty lines of memory per act: lists that are searched from end to end. What a real store answers to any
// sequence of acts must agree with it (modelled.ts).
import { advance, type DeliveryProgress, isSettled, newDelivery } from "../../domain/delivery.ts";
import type { EventDraft, Lease, PruneRequest } from "../store.ts";

export interface ModelDelivery {
  readonly id: string;
  readonly triggerId: number;
  readonly createdAt: number;
  progress: DeliveryProgress;
  fence: number;
  owner: string | null;
  recorded: number;
}

interface ModelEvent {
  readonly id: string;
  readonly sequence: number;
  readonly type: string;
  readonly acceptedAt: number;
  readonly deliveries: ModelDelivery[];
}

export interface Model {
  readonly events: ModelEvent[];
  /** By the time of their birth. */
  deliveries: ModelDelivery[];
  readonly deletedTriggers: Set<number>;
  readonly idempotencyKeys: Map<
    string,
    { readonly fingerprint: string; readonly expiresAt: number; readonly ids: readonly string[] }
  >;
}

export function createModel(): Model {
  return { events: [], deliveries: [], deletedTriggers: new Set(), idempotencyKeys: new Map() };
}

function bear(
  model: Model,
  event: ModelEvent,
  draft: EventDraft["deliveries"][number],
  now: number,
  deliverAt: number,
) {
  const born = newDelivery(now, deliverAt);
  const { lease } = draft;
  const claimed = lease === null ? null : advance(born, { kind: "claimed", at: now, leaseUntil: lease.until });
  const delivery: ModelDelivery = {
    id: draft.id,
    triggerId: draft.triggerId,
    createdAt: now,
    progress: claimed ?? born,
    fence: lease === null ? 0 : 1,
    owner: lease?.owner ?? null,
    recorded: 0,
  };
  event.deliveries.push(delivery);
  model.deliveries.push(delivery);
}

/** True when the event is new. `sequence` is what the store gave it. */
export function modelAccept(model: Model, draft: EventDraft, now: number, sequence: number): boolean {
  const { id, type } = draft.event;
  if (model.events.some((event) => event.id === id)) return false;
  const event: ModelEvent = { id, sequence, type, acceptedAt: now, deliveries: [] };
  model.events.push(event);
  for (const delivery of draft.deliveries) bear(model, event, delivery, now, draft.deliverAt);
  return true;
}

export function modelReplay(model: Model, eventId: string, drafts: EventDraft["deliveries"], now: number): void {
  const event = model.events.find((one) => one.id === eventId);
  if (event !== undefined) for (const draft of drafts) bear(model, event, draft, now, now);
}

/** What a claim may take of a trigger, the oldest due first. */
export function claimable(model: Model, triggerId: number, now: number): readonly ModelDelivery[] {
  if (model.deletedTriggers.has(triggerId)) return [];
  return model.deliveries
    .filter((one) => one.triggerId === triggerId && (one.progress.dueAt ?? Number.POSITIVE_INFINITY) <= now)
    .toSorted((one, other) => (one.progress.dueAt ?? 0) - (other.progress.dueAt ?? 0));
}

export function modelClaim(delivery: ModelDelivery, now: number, lease: Lease): void {
  const progress = advance(delivery.progress, { kind: "claimed", at: now, leaseUntil: lease.until });
  if (progress === null) throw new Error(`the store claimed ${delivery.id}, which is ${delivery.progress.state}`);
  Object.assign(delivery, { progress, fence: delivery.fence + 1, owner: lease.owner });
}

/** Whether the bearer of `fence` still holds the delivery. */
export function holds(delivery: ModelDelivery, fence: number, now: number): boolean {
  const { state, dueAt } = delivery.progress;
  return state === "in_flight" && delivery.fence === fence && dueAt !== null && dueAt > now;
}

export function modelCancel(deliveries: readonly ModelDelivery[], now: number): number {
  let cancelled = 0;
  for (const delivery of deliveries) {
    const progress = advance(delivery.progress, { kind: "cancelled", at: now });
    if (progress === null) continue;
    delivery.progress = progress;
    cancelled += 1;
  }
  return cancelled;
}

export function modelPrune(model: Model, { now, deliveredBefore, failedBefore }: Omit<PruneRequest, "limit">): void {
  for (const delivery of model.deliveries) if (model.deletedTriggers.has(delivery.triggerId)) dropOrphan(delivery, now);
  for (const [key, { expiresAt }] of model.idempotencyKeys) if (expiresAt <= now) model.idempotencyKeys.delete(key);
  const over = model.events.filter(({ acceptedAt, deliveries }) => {
    const hasFailed = deliveries.some((one) => one.progress.state === "failed");
    const overSince = Math.max(acceptedAt, ...deliveries.map((one) => one.progress.settledAt ?? 0));
    return (
      deliveries.every((one) => isSettled(one.progress.state)) &&
      overSince < (hasFailed ? failedBefore : deliveredBefore)
    );
  });
  for (const event of over) model.events.splice(model.events.indexOf(event), 1);
  model.deliveries = model.deliveries.filter((one) => !over.some((event) => event.deliveries.includes(one)));
}

function dropOrphan(delivery: ModelDelivery, now: number): void {
  const { state, dueAt } = delivery.progress;
  const isLost = state === "in_flight" && dueAt !== null && dueAt <= now;
  const waiting = isLost ? advance(delivery.progress, { kind: "interrupted", at: now }) : null;
  delivery.progress = waiting ?? delivery.progress;
  modelCancel([delivery], now);
}
