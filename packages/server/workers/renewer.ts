// Prolongs the leases of tries that still run, three times in a lease's length, so that no other node takes them over.

import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Dispatch } from "../pipeline/dispatch.ts";
import { repeatedly, type Worker } from "./worker.ts";

export function createRenewer(
  parts: { readonly dispatch: Dispatch; readonly clock: Clock; readonly tell: Tell },
  leaseMs: number,
): Worker {
  return repeatedly("renewer", Math.max(1, Math.floor(leaseMs / 3)), () => parts.dispatch.renew(), parts);
}
