// One alarm for many wishes: it rings once, at the earliest time asked for since it last rang.
import type { Clock } from "../outside/clock.ts";

export interface Alarm {
  /** Infinity asks for nothing. */
  set(at: number): void;
  /** Nothing rings any more. */
  clear(): void;
}

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let ringsAt = Number.POSITIVE_INFINITY;
  let cancel: () => void = () => {};

  function clear(): void {
    cancel();
    ringsAt = Number.POSITIVE_INFINITY;
  }

  return {
    set(at) {
      if (at >= ringsAt) return;
      clear();
      ringsAt = at;
      cancel = clock.at(at, () => {
        ringsAt = Number.POSITIVE_INFINITY;
        ring();
      });
    },
    clear,
  };
}
