// A world that a seed makes: the real pipeline and the real embedded store, on a clock that only this file moves, with
// targets that answer, refuse, stall or vanish as chance has it, and nodes that die in the middle of it all.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { defaultRetryPolicy } from "../../packages/server/domain/backoff.ts";
import { uuidv7 } from "../../packages/server/domain/ids.ts";
import type { Outcome } from "../../packages/server/domain/outcome.ts";
import { createFacts, type Fact } from "../../packages/server/observe/facts.ts";
import { manualClock } from "../../packages/server/outside/clock.ts";
import { type Randomness, seededRandomness } from "../../packages/server/outside/randomness.ts";
import { createVault } from "../../packages/server/outside/vault.ts";
import { createPipeline, type Pipeline } from "../../packages/server/pipeline/pipeline.ts";
import { openSqliteStore } from "../../packages/server/store/sqlite/open.ts";
import type { Store } from "../../packages/server/store/store.ts";
import type { Target } from "../../packages/server/targets/target.ts";
import { rescue } from "../../packages/server/workers/rescuer.ts";

export interface Arrival {
  readonly at: number;
  readonly trigger: string;
  readonly eventId: string;
  readonly deliveryId: string;
  readonly data: string;
  readonly outcome: Outcome["kind"];
}

export interface World {
  readonly store: Store;
  readonly arrivals: readonly Arrival[];
  readonly facts: readonly Fact[];
  chance(): number;
  now(): number;
  /** The pipeline of the node that lives now. */
  node(): Pipeline;
  /** The node is gone without a word; another takes its place. */
  crash(): Promise<void>;
  /** Lets time pass and waits until all that it caused has come to rest. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until nothing is owed any more, `limitMs` at most. Answers whether it came to that. */
  passUntilSettled(limitMs: number): Promise<boolean>;
  close(): Promise<void>;
}

const startMs = Date.UTC(2026, 6, 1);
export const projectSlug = "sim";

export async function createWorld(seed: number): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-simulation-"));
  const clock = manualClock(startMs);
  const randomness = seededRandomness(seed);
  const { store, isBusy } = watched(await openSqliteStore({ dataDir: folder, clock: unhurried, randomness }));
  const ground: Ground = { clock, randomness, store, isBusy, arrivals: [], facts: [], living: "" };
  await store.createProject({ now: clock.now(), slug: projectSlug, name: "Simulation" });
  let pipeline = await bringUp(ground);
  return {
    store,
    arrivals: ground.arrivals,
    facts: ground.facts,
    chance: () => randomness.unit(),
    now: () => clock.now(),
    node: () => pipeline,
    async crash() {
      ground.living = "";
      await rest(ground);
      pipeline = await bringUp(ground);
    },
    pass: (ms) => pass(ground, ms),
    async passUntilSettled(limitMs) {
      for (let passed = 0; passed < limitMs; passed += 5_000) {
        await pass(ground, 5_000);
        await pipeline.dispatch.renew();
        await pipeline.dispatch.lookAround();
        if ((await store.agenda()).length === 0) return true;
      }
      return false;
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What outlives the nodes. */
interface Ground {
  readonly clock: ReturnType<typeof manualClock>;
  readonly randomness: Randomness;
  readonly store: Store;
  readonly isBusy: () => boolean;
  readonly arrivals: Arrival[];
  readonly facts: Fact[];
  /** The run of the node that lives; targets answer no other. */
  living: string;
}

async function bringUp(ground: Ground): Promise<Pipeline> {
  const { store, clock, randomness } = ground;
  const owner = uuidv7(clock.now(), randomness.bytes(10));
  ground.living = owner;
  const facts = createFacts();
  facts.listen((fact) => ground.facts.push(fact));
  const pipeline = createPipeline({
    store,
    targets: new Map([["webhook", simulatedTarget(ground, owner)]]),
    vault: createVault(new Uint8Array(32), randomness),
    clock,
    randomness,
    facts,
    owner,
    leaseMs: 10_000,
    lanes: { perTrigger: 4, inAll: 16 },
    network: { exchange: async () => ({ kind: "aborted" }) },
    consent: { origin: "localhost", publicUrl: undefined },
    accept: { maxFanOut: 100, idempotencyMs: 86_400_000 },
  });
  await rescue({ store, dispatch: pipeline.dispatch, clock, tell: facts.tell, owner });
  return pipeline;
}

function simulatedTarget(ground: Ground, owner: string): Target {
  const { clock, randomness, arrivals } = ground;
  return {
    kind: "webhook",
    deliver: ({ event, target, deliveryId, timeoutMs }) =>
      new Promise((resolve) => {
        const outcome = drawOutcome(randomness.unit());
        const data = event.data?.kind === "json" ? event.data.text : "";
        arrivals.push({
          at: clock.now(),
          trigger: target.url,
          eventId: event.id,
          deliveryId,
          data,
          outcome: outcome.kind,
        });
        const takesMs = outcome.kind === "timeout" ? timeoutMs : Math.floor(randomness.unit() * 200);
        clock.after(takesMs, () => ground.living === owner && resolve({ outcome }));
      }),
  };
}

/** Nothing is under way in the store for several turns of the event loop: all that can happen now has happened. */
async function rest({ isBusy }: Ground): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    await nextTurn();
    if (isBusy()) quiet = -1;
  }
}

/** In steps, so that what falls due inside is seen at its time and not after it. */
async function pass(ground: Ground, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    ground.clock.advance(Math.min(stepMs, left));
    await rest(ground);
  }
}

const stepMs = 50;

/** The store takes each act's time from its caller; by this clock, which is never twice the same, it need not pace its commits. */
let reading = startMs;
const unhurried = {
  now: () => reading++,
  after: () => {
    throw new Error("nothing of the store waits for a time in the simulation");
  },
};

function drawOutcome(chance: number): Outcome {
  if (chance < 0.6) return { kind: "delivered", status: 200 };
  if (chance < 0.75) return { kind: "rejected", status: 500, gone: false };
  if (chance < 0.8) return { kind: "rejected", status: 503, gone: false, retryAfterMs: 2_000 };
  if (chance < 0.9) return { kind: "timeout", phase: "headers", detail: "no answer" };
  return { kind: "network", phase: "connect", detail: "connection refused" };
}

/** The store itself, and whether one of its acts is under way. */
function watched(store: Store): { readonly store: Store; isBusy(): boolean } {
  let underWay = 0;
  const proxy = new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function") return member;
      return (...args: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, target, args);
        if (!(answer instanceof Promise)) return answer;
        underWay += 1;
        return answer.finally(() => {
          underWay -= 1;
        });
      };
    },
  });
  return { store: proxy, isBusy: () => underWay > 0 };
}

/** A trigger whose target is the simulated one; its URL is its name. */
export async function addTrigger(world: World, name: string, types: readonly string[], retries: number): Promise<void> {
  const pipeline = world.node();
  const view = await pipeline.catalogue.bySlug(projectSlug);
  if (view === null) throw new Error("the project is missing");
  const made = await pipeline.triggers.create(
    view,
    {
      name,
      types,
      filters: [],
      target: { kind: "webhook", url: name, headers: {} },
      format: "cloudevents",
      timeoutMs: 1_000,
      retry: { ...defaultRetryPolicy, retries, initialDelayMs: 500, factor: 2 },
      enabled: true,
      validation: "off",
    },
    { maxTriggers: 100 },
  );
  if (made.kind !== "done") throw new Error(`trigger ${name}: ${made.kind}`);
}
