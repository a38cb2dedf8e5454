// accept → match → store, one act (DESIGN §2). An answer from here means that the events and every delivery they owe are
// on disk; what may start at once has already been handed to dispatch.
import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { AcceptRequest, EventDraft, EventReceipt, Store } from "../store/store.ts";
import type { Catalogue, ProjectView } from "./catalogue.ts";
import type { Dispatch } from "./dispatch.ts";
import { draftDeliveries } from "./match.ts";
import { type Admitted, complete, faultsOf, type Publication, type PublicationFault } from "./publication.ts";

export interface AcceptInput {
  readonly project: string;
  readonly publications: readonly Publication[];
  /** The source of those that name none. */
  readonly defaultSource: string;
  readonly idempotency?: { readonly key: string; readonly fingerprint: string };
}

export type Acceptance =
  | { readonly kind: "accepted"; readonly receipts: readonly EventReceipt[]; readonly repeated: boolean }
  | { readonly kind: "refused"; readonly faults: readonly PublicationFault[] }
  | { readonly kind: "key-reused" }
  | { readonly kind: "no-project" };

export interface AcceptLimits {
  /** Deliveries that one event may owe. */
  readonly maxFanOut: number;
  /** How long an idempotency key is remembered. */
  readonly idempotencyMs: number;
}

export type Accept = (input: AcceptInput) => Promise<Acceptance>;

export interface AcceptParts {
  readonly store: Pick<Store, "accept">;
  readonly catalogue: Catalogue;
  readonly dispatch: Pick<Dispatch, "room" | "reserve" | "free" | "start" | "expect">;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly tell: Tell;
  readonly limits: AcceptLimits;
}

export function createAccept(parts: AcceptParts): Accept {
  return async (input) => {
    const now = parts.clock.now();
    let view = await parts.catalogue.bySlug(input.project);
    const admitted = input.publications.map((publication) =>
      complete(publication, input.defaultSource, now, parts.randomness),
    );
    const faults = input.publications.flatMap((publication, index) => faultsOf(publication, now, `/${index}`));
    if (faults.length > 0) return { kind: "refused", faults };
    for (;;) {
      if (view === null) return { kind: "no-project" };
      const drafts = match(admitted, view, now, parts);
      const tooWide = fanOutFaults(drafts, parts.limits.maxFanOut);
      if (tooWide.length > 0) return { kind: "refused", faults: tooWide };
      const wait = roomFor(drafts, view, now, parts);
      if (wait !== null) await wait;
      const outcome = await keep(drafts, view, now, input, parts);
      if (outcome !== "stale") return outcome;
      view = await parts.catalogue.refresh(view.project.id);
    }
  };
}

function fanOutFaults(drafts: readonly EventDraft[], maxFanOut: number): readonly PublicationFault[] {
  return drafts.flatMap((draft, index) =>
    draft.deliveries.length <= maxFanOut
      ? []
      : [
          {
            code: "fan_out_too_wide" as const,
            pointer: `/${index}/type`,
            detail: `${draft.deliveries.length} triggers want this event; one event may owe at most ${maxFanOut} deliveries`,
          },
        ],
  );
}

// ── match ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function match(
  admitted: readonly Admitted[],
  view: ProjectView,
  now: number,
  parts: AcceptParts,
): readonly EventDraft[] {
  return admitted.map((each) => ({
    ...each,
    depth: 0,
    deliveries: draftDeliveries(each.event, view, now, parts.randomness),
  }));
}

// ── store ──────────────────────────────────────────────────────────────────────────────────────────────────────────

async function keep(
  drafts: readonly EventDraft[],
  view: ProjectView,
  now: number,
  input: AcceptInput,
  parts: AcceptParts,
): Promise<Acceptance | "stale"> {
  const events = drafts.map((draft) => (draft.deliverAt > now ? draft : withPlaces(draft, view, now, parts)));
  const request: AcceptRequest = {
    now,
    projectId: view.project.id,
    catalogueVersion: view.version,
    events,
    ...(input.idempotency === undefined
      ? {}
      : { idempotency: { ...input.idempotency, expiresAt: now + parts.limits.idempotencyMs } }),
  };
  const result = await parts.store.accept(request).catch((error: unknown) => {
    freePlaces(events, view.project.id, parts);
    throw error;
  });
  if (result.kind !== "stored") freePlaces(events, view.project.id, parts);
  switch (result.kind) {
    case "stored":
      result.receipts.forEach((receipt, index) => {
        const draft = events[index];
        if (draft !== undefined) handOver(draft, receipt, view, parts);
      });
      return { kind: "accepted", receipts: result.receipts, repeated: false };
    case "repeated":
      return { kind: "accepted", receipts: result.receipts, repeated: true };
    case "key-reused":
    case "no-project":
      return { kind: result.kind };
    case "stale":
      return "stale";
    default:
      return result satisfies never;
  }
}

/** A lone event for a single trigger may wait a moment for its turn; whatever owes more takes the way of the claims. */
function roomFor(
  drafts: readonly EventDraft[],
  view: ProjectView,
  now: number,
  parts: AcceptParts,
): Promise<void> | null {
  const [draft] = drafts;
  const [delivery] = draft?.deliveries ?? [];
  if (draft === undefined || delivery === undefined || drafts.length > 1 || draft.deliveries.length > 1) return null;
  const trigger = view.triggers.get(delivery.triggerId);
  return trigger === undefined || draft.deliverAt > now ? null : parts.dispatch.room(trigger, now);
}

/** Where dispatch has a free place, the delivery is born in flight and needs no claim of its own. */
function withPlaces(draft: EventDraft, view: ProjectView, now: number, parts: AcceptParts): EventDraft {
  const deliveries = draft.deliveries.map((delivery) => {
    const trigger = view.triggers.get(delivery.triggerId);
    return trigger === undefined ? delivery : { ...delivery, lease: parts.dispatch.reserve(trigger, now) };
  });
  return { ...draft, deliveries };
}

function freePlaces(drafts: readonly EventDraft[], projectId: number, parts: AcceptParts): void {
  for (const { triggerId, lease } of drafts.flatMap((draft) => draft.deliveries))
    if (lease !== null) parts.dispatch.free({ projectId, id: triggerId });
}

function handOver(draft: EventDraft, receipt: EventReceipt, view: ProjectView, parts: AcceptParts): void {
  const projectId = view.project.id;
  parts.tell({
    kind: "event.accepted",
    projectId,
    eventId: receipt.id,
    type: receipt.type,
    deliveries: receipt.deliveries,
    duplicate: receipt.duplicate,
  });
  if (receipt.duplicate) freePlaces([draft], projectId, parts);
  else startOrExpect(draft, receipt, projectId, parts);
}

function startOrExpect(draft: EventDraft, receipt: EventReceipt, projectId: number, parts: AcceptParts): void {
  for (const delivery of draft.deliveries) {
    if (delivery.lease === null)
      parts.dispatch.expect({ projectId, triggerId: delivery.triggerId, dueAt: draft.deliverAt });
    else parts.dispatch.start({ draft, delivery, lease: delivery.lease, receipt, projectId });
  }
}
