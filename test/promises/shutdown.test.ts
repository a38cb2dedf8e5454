// SIGTERM in the middle of load: the node stops accepting, finishes or gives back what is in flight, and exits 0. The next
// one delivers the rest. Nothing is lost and, unlike after a kill, nothing comes twice.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { chanceOf } from "../kill/chance.ts";
import { startClients } from "../kill/clients.ts";
import { openLedger } from "../kill/ledger.ts";
import { paths, startTargets } from "../kill/targets.ts";
import { apiOf, createTrigger, type Delivery, type Page } from "../live/api.ts";
import { makeDataDir } from "../live/node-under-test.ts";
import { untilNothingIsOwed } from "../live/owed.ts";
import { findFreePort, type PosthornProcess, startPosthorn } from "../live/posthorn-process.ts";
import { accepted, silence, startReceiver } from "../live/receiver.ts";

interface Place {
  /** Starts a node on the test's data folder; it does not outlive the test. */
  start(settings?: Readonly<Record<string, string>>): Promise<PosthornProcess>;
}

async function openPlace(context: TestContext): Promise<Place> {
  const dataDir = makeDataDir();
  const port = await findFreePort();
  const started: PosthornProcess[] = [];
  context.after(async () => {
    for (const node of started) await node.kill();
  });
  return {
    async start(settings = {}) {
      const node = await startPosthorn({ dataDir, port, settings });
      started.push(node);
      return node;
    },
  };
}

test("SIGTERM under load: exit 0, nothing lost, nothing twice, and the next start delivers the rest", async (context) => {
  const place = await openPlace(context);
  const ledger = openLedger();
  const targets = await startTargets(ledger);
  context.after(() => targets.close());
  const node = await place.start();
  const api = apiOf(node.url);
  const retry = { retries: 50, initialDelayMs: 50, factor: 1 };
  for (const path of paths) await createTrigger(api, { name: path.slice(1), url: targets.url(path), retry });
  const clients = startClients(api, ledger, chanceOf(1));
  clients.goOn();
  await targets.until(200);
  assert.equal(await node.stop(), 0, node.output());
  await clients.rest();

  await place.start();
  await untilNothingIsOwed(api);
  const { promised, lost, torn, duplicates } = ledger.verdict(paths);
  assert.deepEqual({ lost, torn, duplicates }, { lost: [], torn: [], duplicates: 0 });
  assert.ok(promised > 0);
});

test("a try that the shutdown cuts off does not count, and is made again after the start", async (context) => {
  const place = await openPlace(context);
  const receiver = await startReceiver(() => silence);
  context.after(() => receiver.close());
  const node = await place.start({ POSTHORN_SHUTDOWN_TIMEOUT_MS: "100" });
  const api = apiOf(node.url);
  await createTrigger(api, { name: "slow", url: receiver.url("/slow"), timeoutMs: 30_000, retry: { retries: 0 } });
  await api.demand(202, "POST", "/events", { body: { type: "order.placed" } });
  await receiver.until(({ length }) => length === 1);
  assert.equal(await node.stop(), 0, node.output());

  receiver.behave(() => accepted);
  await place.start();
  await receiver.until(({ length }) => length === 2);
  await untilNothingIsOwed(api);
  const { data } = await api.demand<Page<Delivery>>(200, "GET", "/deliveries");
  assert.deepEqual(
    data.map(({ state, attempts }) => [state, attempts]),
    [["delivered", 1]],
  );
});

test("what was in flight at a kill is taken up at once, not when its lease ends", async (context) => {
  const inFlight = 20;
  const takeUpLimitMs = 2000;
  const place = await openPlace(context);
  const receiver = await startReceiver(() => silence);
  context.after(() => receiver.close());
  const node = await place.start();
  const api = apiOf(node.url);
  await createTrigger(api, { name: "slow", url: receiver.url("/slow"), timeoutMs: 30_000 });
  const body = Array.from({ length: inFlight }, (_, n) => ({ type: "order.placed", data: { n } }));
  await api.demand(202, "POST", "/events", { body });
  await receiver.until(({ length }) => length === inFlight);
  await node.kill();

  receiver.behave(() => accepted);
  await place.start();
  const readyAt = Date.now();
  const arrivals = await receiver.until(({ length }) => length === 2 * inFlight);
  const took = (arrivals.at(-1)?.at ?? 0) - readyAt;
  assert.ok(took < takeUpLimitMs, `took ${took} ms`);
  const ids = new Set(arrivals.map(({ headers }) => headers["webhook-id"]));
  assert.equal(ids.size, inFlight, "the second try carries the ids of the first");
});
