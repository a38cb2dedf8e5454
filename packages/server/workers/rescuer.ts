// After a crash: what the runs before this one left in flight is due again at once, where the store can know that they are
// over. (In a fleet their leases end, and any node's claim takes over.)

import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Dispatch } from "../pipeline/dispatch.ts";
import type { Store } from "../store/store.ts";

/** Runs once, before anything else is dispatched. */
export async function rescue(parts: {
  readonly store: Pick<Store, "recover">;
  readonly dispatch: Pick<Dispatch, "lookAround">;
  readonly clock: Clock;
  readonly tell: Tell;
  readonly owner: string;
}): Promise<void> {
  const count = await parts.store.recover({ now: parts.clock.now(), owner: parts.owner });
  if (count > 0) parts.tell({ kind: "deliveries.recovered", count });
  await parts.dispatch.lookAround();
}
