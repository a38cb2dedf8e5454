// `kill -9` under load, again and again, and the books compared at the end: the proof of "accepted means never lost".
import { setTimeout as pause } from "node:timers/promises";
import { type Api, apiOf, createTrigger } from "../live/api.ts";
import { makeDataDir } from "../live/node-under-test.ts";
import { countStates, untilNothingIsOwed } from "../live/owed.ts";
import { findFreePort, type PosthornProcess, startPosthorn } from "../live/posthorn-process.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { type Clients, startClients } from "./clients.ts";
import { type Arrival, type Ledger, openLedger, type Verdict } from "./ledger.ts";
import { paths, startTargets, type Targets } from "./targets.ts";

export interface CampaignOptions {
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface CampaignResult extends Verdict {
  readonly refusals: Readonly<Record<string, number>>;
  /** Deliveries that read as failed at the end: none should have given up. */
  readonly failed: number;
  /** Deliveries that were in flight at a kill. */
  readonly interrupted: number;
  /** The longest that nodes had to be up, in milliseconds from ready, until one of those arrived again. */
  readonly slowestTakeUpMs: number;
}

/** A life ends at a random moment of this range, from the start of the load on, in milliseconds. */
const shortestLifeMs = 5;
const longestLifeMs = 700;
const reportEvery = 20;

/** One life after the other; `kills` of them end by a kill, and the last is left to finish what is owed. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const ledger = openLedger();
  const targets = await startTargets(ledger);
  try {
    return await liveAgainAndAgain(options, ledger, targets);
  } finally {
    await targets.close();
  }
}

async function liveAgainAndAgain(
  { kills, seed, say }: CampaignOptions,
  ledger: Ledger,
  targets: Targets,
): Promise<CampaignResult> {
  // One for the kills alone: how often the clients draw depends on how fast they are answered.
  const [chance, clientsChance] = [chanceOf(seed), chanceOf(seed + 1)];
  const place = { dataDir: makeDataDir(), port: await findFreePort() };
  const lives: Life[] = [];
  let node = await startPosthorn(place);
  try {
    const api = apiOf(node.url);
    await createTriggers(api, targets);
    const clients = startClients(api, ledger, clientsChance);
    for (let killed = 1; killed <= kills; killed += 1) {
      lives.push(await liveAndDie(node, { clients, ledger, chance }));
      node = await startPosthorn(place);
      if (killed % reportEvery === 0) say(`${killed} kills`);
    }
    await untilNothingIsOwed(api);
    lives.push({ readyAt: node.readyAt, diedAt: Number.POSITIVE_INFINITY, inFlight: [] });
    const { failed = 0 } = await countStates(api);
    return { ...ledger.verdict(paths), refusals: clients.refusals(), failed, ...judgeTakeUps(lives, ledger) };
  } finally {
    await node.kill();
  }
}

async function createTriggers(api: Api, targets: Targets): Promise<void> {
  const retry = { retries: 50, initialDelayMs: 50, factor: 1, maxDelayMs: 1000, jitter: 1 };
  for (const path of paths) await createTrigger(api, { name: path.slice(1), url: targets.url(path), retry });
}

interface Forces {
  readonly clients: Clients;
  readonly ledger: Ledger;
  readonly chance: Chance;
}

/** One node from ready to its kill, as `performance.now` counts. */
interface Life {
  readonly readyAt: number;
  readonly diedAt: number;
  readonly inFlight: readonly Arrival[];
}

async function liveAndDie(node: PosthornProcess, { clients, ledger, chance }: Forces): Promise<Life> {
  clients.goOn();
  await pause(chance.between(shortestLifeMs, longestLifeMs));
  const diedAt = performance.now();
  const inFlight = ledger.endLife();
  await node.kill();
  await clients.rest();
  ledger.beginLife();
  return { readyAt: node.readyAt, diedAt, inFlight };
}

function judgeTakeUps(lives: readonly Life[], ledger: Ledger): Pick<CampaignResult, "interrupted" | "slowestTakeUpMs"> {
  const waits = lives.flatMap(({ inFlight }, index) => {
    const later = lives.slice(index + 1);
    return inFlight.map((arrival) => livedUntil(ledger.nextArrival(arrival)?.at ?? Number.POSITIVE_INFINITY, later));
  });
  return { interrupted: waits.length, slowestTakeUpMs: Math.max(0, ...waits) };
}

/** A life may be too short to take anything up, so only the time counts in which a node was up. */
function livedUntil(at: number, lives: readonly Life[]): number {
  return lives.reduce((lived, { readyAt, diedAt }) => lived + Math.max(0, Math.min(at, diedAt) - readyAt), 0);
}
