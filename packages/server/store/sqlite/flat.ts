// Rows on their way between threads and the database: flat lists of plain values, written and read in the same order.
// Cloning a list costs a third of cloning the objects it stands for, and the main thread pays that for every event.

export type FlatValue = string | number | null | Uint8Array;
export type Flat = readonly FlatValue[];

export interface FlatReader {
  text(): string;
  number(): number;
  maybeText(): string | null;
  maybeNumber(): number | null;
  bytes(): Uint8Array;
  /** The next `count` values as they are. */
  take(count: number): Flat;
}

/** Reads a list from its start. Throws where a value is not what the reader asks for: writer and reader disagree then. */
export function readFlat(values: Flat): FlatReader {
  let next = 0;
  const fail = (): never => {
    throw new TypeError(`value ${next - 1} of a flat row is not of the kind asked for`);
  };
  return {
    text() {
      const value = values[next++];
      return typeof value === "string" ? value : fail();
    },
    number() {
      const value = values[next++];
      return typeof value === "number" ? value : fail();
    },
    maybeText() {
      const value = values[next++];
      return value === null || typeof value === "string" ? value : fail();
    },
    maybeNumber() {
      const value = values[next++];
      return value === null || typeof value === "number" ? value : fail();
    },
    bytes() {
      const value = values[next++];
      return value instanceof Uint8Array ? value : fail();
    },
    take(count) {
      next += count;
      return values.slice(next - count, next);
    },
  };
}
