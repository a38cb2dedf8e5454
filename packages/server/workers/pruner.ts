// Takes away what is past its retention, a few rows at a time so that nobody waits for it. What is still owed stays.
import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Store } from "../store/store.ts";
import { repeatedly, type Worker } from "./worker.ts";

export interface Retention {
  /** Days that an event stays after all its deliveries have settled. */
  readonly deliveredDays: number;
  /** The same where one of them failed. */
  readonly failedDays: number;
}

const intervalMs = 60_000;
const rowsPerTurn = 500;
const dayMs = 24 * 3_600_000;

export function createPruner(
  parts: { readonly store: Pick<Store, "prune">; readonly clock: Clock; readonly tell: Tell },
  retention: Retention,
): Worker {
  async function prune(): Promise<void> {
    let removed = 0;
    for (let more = true; more; ) {
      const now = parts.clock.now();
      const result = await parts.store.prune({
        now,
        deliveredBefore: now - retention.deliveredDays * dayMs,
        failedBefore: now - retention.failedDays * dayMs,
        limit: rowsPerTurn,
      });
      removed += result.removed;
      more = result.more;
    }
    if (removed > 0) parts.tell({ kind: "rows.pruned", count: removed });
  }
  return repeatedly("pruner", intervalMs, prune, parts);
}
