// The life of a delivery, one event owed to one trigger. `advance` is the only place where a state turns into another;
// stores keep what it answers and decide nothing themselves.
import { nextPause, type RetryPolicy } from "./backoff.ts";

export const deliveryStates = [
  "scheduled",
  "pending",
  "in_flight",
  "retrying",
  "delivered",
  "failed",
  "cancelled",
] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What a state needs to know of a delivery to say what comes next. Times are milliseconds since 1970. */
export interface DeliveryProgress {
  readonly state: DeliveryState;
  /** Tries that counted, over the whole life. */
  readonly attempts: number;
  /** Tries that counted since the delivery was first due, or since a person asked for it again. */
  readonly seriesAttempts: number;
  /** When this series began: `maxDurationMs` counts from here. */
  readonly seriesStartedAt: number;
  /** When somebody must look next: the time of the next try, or the end of the lease while a try runs. Null once settled. */
  readonly dueAt: number | null;
  readonly settledAt: number | null;
}

export type DeliveryHappening =
  | { readonly kind: "claimed"; readonly at: number; readonly leaseUntil: number }
  | { readonly kind: "succeeded"; readonly at: number }
  | {
      readonly kind: "missed";
      readonly at: number;
      readonly policy: RetryPolicy;
      /** The target's own wish (Retry-After): the next try is not earlier than this pause. */
      readonly retryAfterMs?: number | undefined;
      /** No further try can help: refused by policy, or the target is gone. */
      readonly final: boolean;
      /** [0, 1), for the jitter. */
      readonly chance: number;
    }
  | { readonly kind: "interrupted"; readonly at: number }
  | { readonly kind: "cancelled"; readonly at: number }
  | { readonly kind: "asked-again"; readonly at: number };

/** The progress of a new delivery: `scheduled` while its time lies ahead, else `pending`. */
export function newDelivery(now: number, deliverAt: number): DeliveryProgress {
  return {
    state: deliverAt > now ? "scheduled" : "pending",
    attempts: 0,
    seriesAttempts: 0,
    seriesStartedAt: Math.max(now, deliverAt),
    dueAt: Math.max(now, deliverAt),
    settledAt: null,
  };
}

export function isSettled(state: DeliveryState): boolean {
  return state === "delivered" || state === "failed" || state === "cancelled";
}

/** The one function that moves states. Answers `null` where the happening does not fit the state: nothing changes then. */
export function advance(progress: DeliveryProgress, happening: DeliveryHappening): DeliveryProgress | null {
  switch (happening.kind) {
    case "claimed":
      // An expired lease is due as well: a claim of a delivery in flight takes over what a lost node left behind.
      if (isSettled(progress.state) || (progress.dueAt ?? Number.POSITIVE_INFINITY) > happening.at) return null;
      return { ...progress, state: "in_flight", dueAt: happening.leaseUntil };
    case "succeeded":
      return progress.state === "in_flight" ? settle(countTry(progress), "delivered", happening.at) : null;
    case "missed":
      return progress.state === "in_flight" ? afterMiss(countTry(progress), happening) : null;
    case "interrupted":
      // It has waited already: it goes before what fell due while it was under way.
      return progress.state === "in_flight"
        ? { ...progress, state: "pending", dueAt: Math.min(happening.at, progress.seriesStartedAt) }
        : null;
    case "cancelled":
      // A try that runs cannot be called back, so a delivery in flight is not cancelled.
      return isWaiting(progress.state) ? settle(progress, "cancelled", happening.at) : null;
    case "asked-again":
      return progress.state === "in_flight" || progress.state === "pending" ? null : restart(progress, happening.at);
    default:
      return happening satisfies never;
  }
}

function isWaiting(state: DeliveryState): boolean {
  return state === "scheduled" || state === "pending" || state === "retrying";
}

function countTry(progress: DeliveryProgress): DeliveryProgress {
  return { ...progress, attempts: progress.attempts + 1, seriesAttempts: progress.seriesAttempts + 1 };
}

function settle(progress: DeliveryProgress, state: DeliveryState, at: number): DeliveryProgress {
  return { ...progress, state, dueAt: null, settledAt: at };
}

function restart(progress: DeliveryProgress, at: number): DeliveryProgress {
  return { ...progress, state: "pending", seriesAttempts: 0, seriesStartedAt: at, dueAt: at, settledAt: null };
}

function afterMiss(
  progress: DeliveryProgress,
  miss: Extract<DeliveryHappening, { readonly kind: "missed" }>,
): DeliveryProgress {
  const pauseMs = miss.final
    ? null
    : nextPause(miss.policy, {
        tries: progress.seriesAttempts,
        elapsedMs: miss.at - progress.seriesStartedAt,
        chance: miss.chance,
        ...(miss.retryAfterMs === undefined ? {} : { retryAfterMs: miss.retryAfterMs }),
      });
  if (pauseMs === null) return settle(progress, "failed", miss.at);
  return { ...progress, state: "retrying", dueAt: miss.at + pauseMs };
}
