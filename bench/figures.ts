// The arithmetic of the bench: from samples to figures.

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function spreadOf(samples: Float64Array): Spread {
  const sorted = samples.toSorted();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

/** The lower middle of an even number of values. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** Of each figure the median over the runs; of the worst value the worst. */
export function medianSpread(spreads: readonly Spread[]): Spread {
  return {
    p50: median(spreads.map((each) => each.p50)),
    p95: median(spreads.map((each) => each.p95)),
    p99: median(spreads.map((each) => each.p99)),
    max: Math.max(...spreads.map((each) => each.max)),
  };
}
