// Gives memory back once it is quiet: after the start, when most of what was loaded is garbage, and after each storm.
import type { Facts } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Memory } from "../outside/memory.ts";
import { repeatedly, type Worker } from "./worker.ts";

/** Quiet is when nothing was accepted or tried for so long. */
const quietMs = 1_000;
/** A collection that would give back less is not worth its pause. */
const worthBytes = 32 * 1024 * 1024;

export function createTidier(parts: { readonly memory: Memory; readonly facts: Facts; readonly clock: Clock }): Worker {
  const { memory, facts } = parts;
  let happened = 0;
  facts.listen(() => {
    happened += 1;
  });
  /** What the heap held after the last collection; the first comes whatever it holds. */
  let tidyBytes = Number.NEGATIVE_INFINITY;
  let seen = -1;

  async function tidy(): Promise<void> {
    const isQuiet = happened === seen;
    seen = happened;
    if (!isQuiet || memory.heapBytes() - tidyBytes < worthBytes) return;
    memory.collect();
    tidyBytes = memory.heapBytes();
  }
  return repeatedly("tidier", quietMs, tidy, { clock: parts.clock, tell: facts.tell });
}
