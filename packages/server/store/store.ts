// SEAM 1. A store keeps events and what is owed for them. Each method is one whole business act in one transaction;
// no transaction, connection or row crosses this line. Calls that come at the same time share a commit (group commit),
// and an act that has answered is on disk. Times are milliseconds since 1970 and always come in as arguments.
import type { Event } from "@posthorn/wire/event";
import type { Attempt } from "../domain/attempt.ts";
import type { DeliveryProgress, DeliveryState } from "../domain/delivery.ts";
import type { Key } from "../domain/key.ts";
import type { OutcomeName } from "../domain/outcome.ts";
import type { Project } from "../domain/project.ts";

// ── Accept ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Lease {
  /** The run of a node, new at each start. */
  readonly owner: string;
  readonly until: number;
}

export interface DeliveryDraft {
  readonly id: string;
  readonly triggerId: number;
  /** A delivery may be born in flight: the accepting node has a free place for it and tries it as soon as it is on disk. */
  readonly lease: Lease | null;
}

export interface EventDraft {
  /** Complete: id, source and time are there. */
  readonly event: Event;
  readonly deliverAt: number;
  /** How many answers of webhooks led to this event; 0 for a client's own. */
  readonly depth: number;
  /** The id came from outside, so the pair of source and id may have been seen before (CE-4). A fresh id needs no look. */
  readonly mayRepeat: boolean;
  readonly deliveries: readonly DeliveryDraft[];
}

export interface AcceptRequest {
  readonly now: number;
  readonly projectId: number;
  /** Of the triggers that were matched. A store that knows a newer version answers `stale` and keeps nothing. */
  readonly catalogueVersion: number;
  readonly idempotency?: { readonly key: string; readonly fingerprint: string; readonly expiresAt: number };
  /** One client's request: stored whole or not at all. */
  readonly events: readonly EventDraft[];
}

/** What the client is told of one event, the first time and at every repeat. */
export interface EventReceipt {
  readonly sequence: number;
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly deliverAt: number;
  /** Deliveries owed. */
  readonly deliveries: number;
  /** True when source and id had been accepted before; the drafts of this one were not stored. */
  readonly duplicate: boolean;
}

export type AcceptResult =
  /** Receipts in the order of the drafts. A draft's leases hold exactly if its receipt is no duplicate. */
  | { readonly kind: "stored"; readonly receipts: readonly EventReceipt[] }
  /** The same idempotency key and body came before: its first answer. */
  | { readonly kind: "repeated"; readonly receipts: readonly EventReceipt[] }
  /** The same idempotency key came before with another body. */
  | { readonly kind: "key-reused" }
  | { readonly kind: "stale" }
  | { readonly kind: "no-project" };

// ── Dispatch and record ────────────────────────────────────────────────────────────────────────────────────────────

/** When a trigger has something to do next: its earliest due delivery, or the earliest end of a lease. */
export interface AgendaEntry {
  readonly projectId: number;
  readonly triggerId: number;
  readonly dueAt: number;
}

export interface ClaimRequest {
  readonly now: number;
  readonly lease: Lease;
  /** How many of which trigger, in the order of turns. Oldest due first within each. */
  readonly quotas: readonly { readonly triggerId: number; readonly limit: number }[];
  /** Stops claiming once the data claimed comes to this, so that large events cannot fill the memory. At least one is claimed. */
  readonly maxBytes: number;
}

export interface ClaimedDelivery {
  readonly id: string;
  readonly projectId: number;
  readonly triggerId: number;
  /** Proof of the claim, one higher at each; only its bearer may record. */
  readonly fence: number;
  readonly progress: DeliveryProgress;
  /** The number of the last attempt kept, interrupted ones included. */
  readonly recorded: number;
  readonly event: Event;
  readonly eventSequence: number;
  readonly depth: number;
}

export interface ClaimResult {
  readonly deliveries: readonly ClaimedDelivery[];
  /** For each trigger of the quotas that still owes something: when to look next, as of the end of this act. */
  readonly agenda: readonly AgendaEntry[];
}

export interface SettleRequest {
  readonly now: number;
  readonly projectId: number;
  readonly triggerId: number;
  readonly deliveryId: string;
  readonly fence: number;
  readonly progress: DeliveryProgress;
  /** Null gives back a claim that was never tried. */
  readonly attempt: Attempt | null;
  /** Pauses the trigger in the same act. */
  readonly pause?: { readonly reason: string };
  /** Events that this try leads to (a webhook's answer, a dead delivery), accepted in the same act. */
  readonly follow?: { readonly catalogueVersion: number; readonly events: readonly EventDraft[] };
}

export type SettleResult =
  | { readonly kind: "recorded"; readonly receipts: readonly EventReceipt[] }
  /** The lease is over or another holds the claim: nothing was changed. */
  | { readonly kind: "lost" }
  /** `follow` was matched against old triggers: nothing was changed. */
  | { readonly kind: "stale" };

// ── Catalogue ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ProjectRequest {
  readonly now: number;
  readonly slug: string;
  readonly name: string;
  /** An event in another project that says so, stored in the same act. */
  readonly announce?: {
    readonly projectId: number;
    /** Of the triggers that were matched. */
    readonly catalogueVersion: number;
    /**
     * With a fresh id, and data that is a JSON object. The store puts `"id"` with the new project's id in front of its
     * members: nobody can know it before.
     */
    readonly event: EventDraft;
  };
}

/** A trigger as a store keeps it. The store reads nothing in `definition` and `sealed`. */
export interface TriggerRecord {
  readonly id: number;
  readonly projectId: number;
  readonly name: string;
  /** JSON. */
  readonly definition: string;
  /** What is secret in it, encrypted. */
  readonly sealed: string;
  readonly paused: { readonly reason: string; readonly at: number } | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A project with its triggers, as of one version: what matching works on. */
export interface ProjectCatalogue {
  readonly project: Project;
  /** One higher at every change of the project's triggers. */
  readonly version: number;
  readonly triggers: readonly TriggerRecord[];
}

export type Put<T> =
  | { readonly kind: "done"; readonly value: T }
  /** The name or slug is taken. */
  | { readonly kind: "taken" }
  | { readonly kind: "missing" }
  | { readonly kind: "too-many" };

export interface TriggerPatch {
  readonly name?: string;
  readonly definition?: string;
  readonly sealed?: string;
  readonly paused?: { readonly reason: string; readonly at: number } | null;
}

// ── Readings ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** A page of a list, newest first. Cursors are sequence numbers: rows strictly beyond them. */
export interface PageRequest {
  readonly limit: number;
  readonly before?: number | undefined;
  readonly after?: number | undefined;
}
export interface Page<T> {
  /** Newest first, also when paging backwards. */
  readonly rows: readonly T[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  /**
   * Set where no index serves all filters at once and the search paused before the page was full (it may even be empty):
   * the next page in the same direction begins here, instead of at the last row.
   */
  readonly stoppedAt?: number;
}

export type EventStatus = DeliveryState | "unmatched";

export interface EventFilter {
  readonly type?: string | undefined;
  readonly subject?: string | undefined;
  /** Accepted at or after, and before. */
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  /** Events with at least one delivery in that state; `unmatched`: with none at all. */
  readonly status?: EventStatus | undefined;
}

export interface EventRow {
  readonly sequence: number;
  readonly event: Event;
  readonly acceptedAt: number;
  readonly deliverAt: number;
  readonly depth: number;
  readonly deliveries: number;
}

export interface EventDetail extends EventRow {
  readonly states: Readonly<Partial<Record<DeliveryState, number>>>;
}

export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly triggerId?: number | undefined;
  readonly eventSequence?: number | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}

export interface DeliveryRow {
  readonly sequence: number;
  readonly id: string;
  readonly eventId: string;
  readonly eventSource: string;
  readonly type: string;
  readonly triggerId: number;
  /** The trigger's name, also after its deletion. */
  readonly trigger: string;
  readonly progress: DeliveryProgress;
  readonly createdAt: number;
  readonly lastOutcome: OutcomeName | null;
}

export interface ProjectStats {
  readonly events: number;
  readonly deliveries: Readonly<Record<DeliveryState, number>>;
  readonly oldestDueAt: number | null;
}

export interface PruneRequest {
  readonly now: number;
  /** Events go once nothing is owed for them and they were accepted, and their last delivery settled, before this … */
  readonly deliveredBefore: number;
  /** … or only before this, when one of their deliveries failed. */
  readonly failedBefore: number;
  /** Rows per call; the pruner calls again while `more`. */
  readonly limit: number;
}

// ── The acts ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Store {
  /** A UUID made with the database: the `source` of what the platform itself says. */
  readonly instanceId: string;

  accept(request: AcceptRequest): Promise<AcceptResult>;

  /** Every trigger for which something is owed, with the earliest time to look. A few microseconds a trigger. */
  agenda(): Promise<readonly AgendaEntry[]>;
  /** Takes what is due, expired leases included, under `lease`. */
  claimDue(request: ClaimRequest): Promise<ClaimResult>;
  settle(request: SettleRequest): Promise<SettleResult>;
  /** Prolongs leases; answers the delivery ids that were lost. */
  renew(request: {
    readonly now: number;
    readonly lease: Lease;
    readonly claims: readonly { readonly deliveryId: string; readonly fence: number }[];
  }): Promise<readonly string[]>;
  /** Makes due at once what earlier runs left in flight, where this store can know that they are over. Answers how many. */
  recover(request: { readonly now: number; readonly owner: string }): Promise<number>;

  /** Cancels what still waits for an event. Null: no such event. */
  cancel(request: {
    readonly now: number;
    readonly projectId: number;
    readonly eventSequence: number;
  }): Promise<{ readonly cancelled: number; readonly states: EventDetail["states"] } | null>;
  /** New deliveries for an old event, due now. */
  replay(request: {
    readonly now: number;
    readonly projectId: number;
    readonly catalogueVersion: number;
    readonly eventSequence: number;
    readonly deliveries: readonly DeliveryDraft[];
  }): Promise<"stored" | "stale" | "missing">;
  /** Makes a settled, scheduled or retrying delivery due now, with a fresh count of retries. Not while it is due or in flight. */
  retry(request: { readonly now: number; readonly projectId: number; readonly deliveryId: string }): Promise<
    | { readonly kind: "done" }
    | { readonly kind: "missing" }
    | { readonly kind: "busy"; readonly state: DeliveryState }
    /** The delivery is there, but its trigger has been deleted: there is nowhere to send it. */
    | { readonly kind: "no-trigger" }
  >;

  createProject(request: ProjectRequest): Promise<
    | Put<Project>
    /** `announce` was matched against old triggers, or its project is gone: nothing was changed. */
    | { readonly kind: "stale" }
  >;
  /** The project is gone at once; what it held is erased by `prune`. */
  deleteProject(request: { readonly now: number; readonly projectId: number }): Promise<boolean>;
  /** Newest first; pages are keyed by id. */
  listProjects(page: PageRequest): Promise<Page<Project>>;
  loadCatalogue(project: { readonly slug: string } | { readonly id: number }): Promise<ProjectCatalogue | null>;

  createTrigger(request: {
    readonly now: number;
    readonly projectId: number;
    readonly name: string;
    readonly definition: string;
    readonly sealed: string;
    /** Triggers that the project may have in all. */
    readonly maxTriggers: number;
  }): Promise<Put<TriggerRecord>>;
  updateTrigger(request: {
    readonly now: number;
    readonly projectId: number;
    readonly triggerId: number;
    /** `updatedAt` of the record that the patch was made from: another change in between answers `conflict`. */
    readonly basedOn: number;
    readonly patch: TriggerPatch;
  }): Promise<Put<TriggerRecord> | { readonly kind: "conflict" }>;
  /** Its waiting deliveries are cancelled, the first thousand in this act, the rest by `prune`. */
  deleteTrigger(request: {
    readonly now: number;
    readonly projectId: number;
    readonly triggerId: number;
  }): Promise<boolean>;

  createKey(key: Key & { readonly hash: string; readonly maxKeys: number }): Promise<Put<Key>>;
  deleteKey(request: { readonly projectId: number; readonly keyId: string }): Promise<boolean>;
  /** Newest first, at most `maxKeys` of creation, so unpaged. */
  listKeys(projectId: number): Promise<readonly Key[]>;
  findKey(hash: string): Promise<Key | null>;

  listEvents(projectId: number, filter: EventFilter, page: PageRequest): Promise<Page<EventRow>>;
  /** By id, newest first where several sources used it; at most two are answered. */
  findEvents(projectId: number, id: string, source?: string): Promise<readonly EventDetail[]>;
  listDeliveries(projectId: number, filter: DeliveryFilter, page: PageRequest): Promise<Page<DeliveryRow>>;
  findDelivery(projectId: number, id: string): Promise<DeliveryRow | null>;
  /**
   * The last attempts (1,000 if not said, and 8 MiB of evidence at most), of those before number `before`, in order: where
   * the first of them is not number 1, there are older ones. Null when there is no such delivery.
   */
  listAttempts(
    projectId: number,
    deliveryId: string,
    page?: { readonly limit: number; readonly before?: number | undefined },
  ): Promise<readonly Attempt[] | null>;
  stats(projectId: number): Promise<ProjectStats>;

  prune(request: PruneRequest): Promise<{ readonly removed: number; readonly more: boolean }>;
  /** Answers when the database does; rejects when it refuses. One that hangs does not answer: the caller sets the limit. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
