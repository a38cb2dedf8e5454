// Polling is the truth, a wake-up only makes it fast: looks at the whole agenda in turns, so that what another node
// stored, what a lost wake-up left, and leases that ended are found.

import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Dispatch } from "../pipeline/dispatch.ts";
import { repeatedly, type Worker } from "./worker.ts";

export function createDispatcher(
  parts: { readonly dispatch: Dispatch; readonly clock: Clock; readonly tell: Tell },
  pollIntervalMs: number,
): Worker {
  return repeatedly("dispatcher", pollIntervalMs, () => parts.dispatch.lookAround(), parts);
}
