// When an event is to be delivered: now, at a time, or after a delay from either. Pure.

/** An event may wait at most this long: ten years, so that a slip of units is an error and not a silent forever. */
export const maxScheduleAheadMs = 10 * 365 * 24 * 3_600_000;

export interface ScheduleWish {
  /** Milliseconds since 1970. */
  readonly at?: number | undefined;
  /** Fractions are allowed. */
  readonly delaySeconds?: number | undefined;
}

/**
 * `deliverAt = (at or now) + delay`, in whole milliseconds and never before now (SEEDS §1): what lies in the past is
 * due at once. Answers `null` when it lies more than ten years ahead.
 */
export function deliverAt(now: number, wish: ScheduleWish): number | null {
  const due = Math.max(now, Math.round((wish.at ?? now) + (wish.delaySeconds ?? 0) * 1000));
  return due - now > maxScheduleAheadMs ? null : due;
}
