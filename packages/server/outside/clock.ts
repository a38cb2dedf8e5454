// The door to time. Everything below `compose.ts` takes a clock as an argument, so that a simulation can run years in a
// second.

export interface Clock {
  /** Milliseconds since 1970, a whole number. It may jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds since some moment, with fractions; it never goes back. For durations. */
  monotonic(): number;
  /**
   * Calls `callback` once, at or after `atMs` (as `now` counts), never before `at` has returned. The answer cancels it;
   * to cancel twice, or too late, does no harm. What waits here does not keep the process alive.
   */
  at(atMs: number, callback: () => void): () => void;
  /** The same `ms` from now (24 days at most), whatever happens to the machine's clock meanwhile. */
  after(ms: number, callback: () => void): () => void;
}

/** `setTimeout` fires at once for anything longer (2^31 - 1 ms, 24.8 days), so longer waits are made in legs. */
const longestTimeoutMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  at(atMs, callback) {
    let timer: NodeJS.Timeout;
    const wait = (): void => {
      const restMs = atMs - Date.now();
      timer = setTimeout(restMs > longestTimeoutMs ? wait : fire, Math.min(Math.max(restMs, 0), longestTimeoutMs));
      timer.unref();
    };
    // Timers count in a clock of their own and may be up to a millisecond early by this one.
    const fire = (): void => (Date.now() < atMs ? wait() : callback());
    wait();
    return () => clearTimeout(timer);
  },
  after(ms, callback) {
    const timer = setTimeout(callback, ms).unref();
    return () => clearTimeout(timer);
  },
};

interface ManualClock extends Clock {
  /** Lets `ms` milliseconds pass; what falls due on the way is called in the order of its time, at its time. */
  advance(ms: number): void;
}

/** A clock that moves only when it is told to, for simulation and tests. */
export function manualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  /** In the order of their times; what was asked for first comes first. */
  const waiting: { readonly atMs: number; readonly callback: () => void }[] = [];

  function at(atMs: number, callback: () => void): () => void {
    const one = { atMs, callback };
    waiting.splice(waiting.findLastIndex((other) => other.atMs <= atMs) + 1, 0, one);
    return () => {
      const index = waiting.indexOf(one);
      if (index >= 0) waiting.splice(index, 1);
    };
  }

  return {
    now: () => nowMs,
    monotonic: () => nowMs - startMs,
    at,
    after: (ms, callback) => at(nowMs + ms, callback),
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let next = waiting[0]; next !== undefined && next.atMs <= untilMs; next = waiting[0]) {
        waiting.shift();
        nowMs = Math.max(nowMs, next.atMs);
        next.callback();
      }
      nowMs = untilMs;
    },
  };
}
