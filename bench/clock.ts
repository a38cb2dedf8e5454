// One clock for all processes of a machine: what `process.hrtime` counts is the system's monotonic clock.

/** Milliseconds, with fractions. */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}
