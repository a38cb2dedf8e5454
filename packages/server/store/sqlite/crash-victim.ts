// A process that open.test.ts kills: accepts events as fast as it can and says the id of each one that was answered.
import { systemClock } from "../../outside/clock.ts";
import { systemRandomness } from "../../outside/randomness.ts";
import { makeDelivery, makeEvent, start } from "../conformance/world.ts";
import { StoreError } from "../errors.ts";
import type { EventDraft, Store } from "../store.ts";
import { openSqliteStore } from "./open.ts";

const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const callers = 32;

async function acceptForever(
  store: Store,
  projectId: number,
  version: number,
  draft: () => EventDraft,
): Promise<never> {
  for (;;) {
    const events = [draft()];
    const result = await store.accept({ now: start, projectId, catalogueVersion: version, events });
    if (result.kind === "stored") for (const receipt of result.receipts) say(receipt.id);
  }
}

try {
  const [dataDir = ""] = process.argv.slice(2);
  const store = await openSqliteStore({ dataDir, clock: systemClock, randomness: systemRandomness });
  await store.createProject({ now: start, slug: "victim", name: "Victim" });
  const projectId = (await store.loadCatalogue({ slug: "victim" }))?.project.id ?? 0;
  const trigger = { now: start, projectId, name: "t", definition: "{}", sealed: "", maxTriggers: 9 };
  await store.createTrigger(trigger);
  const catalogue = await store.loadCatalogue({ slug: "victim" });
  const triggerId = catalogue?.triggers[0]?.id ?? 0;
  const lease = { owner: `run-${process.pid}`, until: start + 1e9 };
  const draft = (): EventDraft => ({
    event: makeEvent({ id: `${process.pid}-${made++}` }),
    deliverAt: start,
    depth: 0,
    mayRepeat: true,
    deliveries: [triggerId, triggerId].map((id, index) => ({
      ...makeDelivery(id, index === 0 ? lease : null),
      id: `${process.pid}-d${made++}`,
    })),
  });
  let made = 0;
  const version = catalogue?.version ?? 0;
  await Promise.all(Array.from({ length: callers }, () => acceptForever(store, projectId, version, draft)));
} catch (error) {
  say(error instanceof StoreError ? `${error.code}: ${error.message}` : String(error));
}
