// The door to chance: ids, secrets and jitter are made from what comes in here, so that a seed can replay a run.
import { randomFillSync } from "node:crypto";

export interface Randomness {
  /** `count` bytes that are the caller's own. */
  bytes(count: number): Uint8Array;
  /** A number in [0, 1). */
  unit(): number;
}

const poolBytes = 8192;
let pool = new Uint8Array(0);
let used = 0;

/**
 * Bytes of the operating system's generator. One call to it fills a pool, since ids take ten bytes each, by the
 * thousand.
 */
function takeBytes(count: number): Uint8Array {
  if (count > poolBytes) return randomFillSync(new Uint8Array(count));
  if (used + count > pool.length) {
    // A new pool rather than the old one filled anew: bytes that were given out must not change.
    pool = randomFillSync(new Uint8Array(poolBytes));
    used = 0;
  }
  used += count;
  return pool.subarray(used - count, used);
}

export const systemRandomness: Randomness = {
  bytes: takeBytes,
  // Jitter needs no secrecy.
  unit: () => Math.random(),
};

/** The same bytes and numbers again for the same seed: for simulation and tests, never for secrets. */
export function seededRandomness(seed: number): Randomness {
  let state = seed >>> 0;
  /** Mulberry32: 32 bits of state are plenty for a test, and every seed is a good one. */
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    bytes: (count) => Uint8Array.from({ length: count }, () => next() >>> 24),
    unit: () => next() / 2 ** 32,
  };
}
