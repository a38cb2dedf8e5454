// Chance that a seed repeats: two runs with one seed kill after the same waits. What the kills hit is still for the machine
// to say.

export interface Chance {
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
}

/** The generator "mulberry32", which needs nothing but 32-bit arithmetic. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return { between: (least, most) => least + Math.floor(next() * (most - least + 1)) };
}
