// DESIGN §8 promise 3, told by counts and order: a target that never answers holds up nobody else. What it costs in
// milliseconds is for the bench.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Api, createProject, createTrigger } from "../live/api.ts";
import { startNodeUnderTest } from "../live/node-under-test.ts";
import { type Arrival, accepted, silence } from "../live/receiver.ts";

const events = 300;
/** Longer than any of these tests: no try of a hanging target ends while they run. */
const timeoutMs = 30_000;

async function publish(api: Api): Promise<void> {
  const body = Array.from({ length: events }, (_, n) => ({ type: "order.placed", data: { n } }));
  await api.demand(202, "POST", "/events", { body });
}

/** The paths that begin so never get an answer. */
function hangAt(prefix: string): (arrival: Arrival) => typeof accepted | typeof silence {
  return ({ path }) => (path.startsWith(prefix) ? silence : accepted);
}

test("a healthy trigger gets everything while another's target never answers", async (context) => {
  const placesOfOneTrigger = 8;
  const settings = { POSTHORN_TRIGGER_CONCURRENCY: String(placesOfOneTrigger) };
  const { api, receiver } = await startNodeUnderTest(context, { conduct: hangAt("/hanging"), settings });
  await createTrigger(api, { name: "hanging", url: receiver.url("/hanging"), timeoutMs });
  await createTrigger(api, { name: "healthy", url: receiver.url("/healthy"), timeoutMs });
  await publish(api);
  await receiver.until(({ length }) => length === events, "/healthy");
  await receiver.until(({ length }) => length === placesOfOneTrigger, "/hanging");
  assert.equal(receiver.arrivals("/hanging").length, placesOfOneTrigger, "its concurrency is bounded");
});

test("a project full of hanging targets shuts out neither its own healthy trigger nor another project", async (context) => {
  const inAll = 32;
  const hanging = 20;
  const settings = { POSTHORN_MAX_IN_FLIGHT: String(inAll), POSTHORN_TRIGGER_CONCURRENCY: "8" };
  const { url, api, receiver } = await startNodeUnderTest(context, { conduct: hangAt("/hanging"), settings });
  for (let n = 0; n < hanging; n += 1)
    await createTrigger(api, { name: `hanging-${n}`, url: receiver.url(`/hanging-${n}`), timeoutMs });
  await createTrigger(api, { name: "healthy", url: receiver.url("/neighbour"), timeoutMs });
  await publish(api);
  // The project has all that it can get, which is half of the house, and holds on to it.
  await receiver.until((arrivals) => arrivals.filter(({ path }) => path.startsWith("/hanging")).length >= inAll / 2);

  const other = await createProject(url, "other");
  await createTrigger(other, { name: "healthy", url: receiver.url("/other"), timeoutMs });
  await publish(other);
  await receiver.until(({ length }) => length === events, "/other");
  await receiver.until(({ length }) => length === events, "/neighbour");
});
