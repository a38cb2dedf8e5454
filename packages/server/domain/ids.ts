// Names for things and places in time: UUIDv7 for what the outside sees, sequence numbers for what a store orders by.
// Both are made from a clock reading and randomness that the caller brings, so that a seeded run repeats itself.

/** Sequence numbers count 4,096 steps to the millisecond from here: 41 bits of time and 12 of order stay exact in a double until 2095. */
const sequenceEpochMs = Date.UTC(2026, 0, 1);
const sequenceStepsPerMs = 4096;

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of `nowMs`, then the version, the variant and 74 bits of `random`.
 * `random` holds at least 10 bytes; the first 10 are used.
 */
export function uuidv7(nowMs: number, random: Uint8Array): string {
  const time = nowMs.toString(16).padStart(12, "0");
  const pair = (index: number, mask = 0xff, set = 0): string => hexPairs[((random[index] ?? 0) & mask) | set] ?? "00";
  return `${time.slice(0, 8)}-${time.slice(8)}-${pair(0, 0x0f, 0x70)}${pair(1)}-${pair(2, 0x3f, 0x80)}${pair(3)}-${pair(4)}${pair(5)}${pair(6)}${pair(7)}${pair(8)}${pair(9)}`;
}

/**
 * The first sequence number of the millisecond `ms`. A row's sequence number is thus also its place in time:
 * a range of time is a range of the key, and needs no index of its own. Times before 2026 are 0.
 */
export function sequenceAt(ms: number): number {
  return Math.max(0, Math.floor(ms) - sequenceEpochMs) * sequenceStepsPerMs;
}

/** The millisecond (since 1970) in which `sequence` was given out. */
export function timeOfSequence(sequence: number): number {
  return Math.floor(sequence / sequenceStepsPerMs) + sequenceEpochMs;
}
