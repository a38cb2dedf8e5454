// When to try again. A policy ends by count and by duration, whichever comes first (SEEDS, "Where the four conflict" 3).
import { maxRetryAfterMs } from "./retry-after.ts";

/** How a trigger retries. All times are milliseconds. */
export interface RetryPolicy {
  /** Tries after the first one. */
  readonly retries: number;
  readonly initialDelayMs: number;
  /** Each pause is the last one times this; 1 is a fixed interval. */
  readonly factor: number;
  readonly maxDelayMs: number;
  /** 0 to 1: the share of a pause that chance moves, half of it to each side, so that many retries do not come at once. */
  readonly jitter: number;
  /** No try starts later than this after the first one was due. */
  readonly maxDurationMs: number;
  /** The pauses themselves, one by one. Replaces `initialDelayMs`, `factor` and `maxDelayMs`, and bounds the count. */
  readonly schedule?: readonly number[];
}

export const defaultRetryPolicy: RetryPolicy = {
  retries: 3,
  initialDelayMs: 5_000,
  factor: 3,
  maxDelayMs: 3_600_000,
  jitter: 0.2,
  maxDurationMs: 7 * 24 * 3_600_000,
};

export interface RetryMoment {
  /** Tries made in this series, the one that just failed included: at least 1. */
  readonly tries: number;
  /** Since the series began. */
  readonly elapsedMs: number;
  /** [0, 1). */
  readonly chance: number;
  readonly retryAfterMs?: number;
}

/**
 * The pause before the next try, in whole milliseconds, or `null` when the policy has no further try.
 * The later of backoff and Retry-After wins; a pause that would end past `maxDurationMs` is no pause at all.
 */
export function nextPause(policy: RetryPolicy, moment: RetryMoment): number | null {
  if (moment.tries > policy.retries) return null;
  const planned = plannedPause(policy, moment.tries);
  if (planned === null) return null;
  const asked = Math.min(moment.retryAfterMs ?? 0, maxRetryAfterMs);
  const pauseMs = Math.max(withJitter(planned, policy.jitter, moment.chance), Math.ceil(asked));
  return moment.elapsedMs + pauseMs > policy.maxDurationMs ? null : pauseMs;
}

function plannedPause(policy: RetryPolicy, tries: number): number | null {
  if (policy.schedule !== undefined) return policy.schedule[tries - 1] ?? null;
  return Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.factor ** (tries - 1));
}

function withJitter(pauseMs: number, jitter: number, chance: number): number {
  return Math.round(pauseMs * (1 + jitter * (chance - 0.5)));
}
