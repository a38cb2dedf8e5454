// What a project still owes, read from the API: the fact on which tests and bench wait for the end of a run.
import { setTimeout as pause } from "node:timers/promises";
import type { Api } from "./api.ts";

export type StateCounts = Readonly<Record<string, number>>;

const lookEveryMs = 25;
const owing = ["pending", "in_flight", "retrying"];

/** How many deliveries of the project are in each state. */
export async function countStates(api: Api): Promise<StateCounts> {
  const stats = await api.demand<{ readonly deliveries: StateCounts }>(200, "GET", "/stats");
  return stats.deliveries;
}

/** Resolves when every delivery is settled, or scheduled for later. */
export async function untilNothingIsOwed(api: Api): Promise<void> {
  for (;;) {
    const counts = await countStates(api);
    if (owing.every((state) => counts[state] === 0)) return;
    await pause(lookEveryMs);
  }
}
