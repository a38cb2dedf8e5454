// What every measurement needs: the receiver and the load generator, the two sides that are compared, and the count that
// proves that what was accepted has arrived.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Api, apiOf, createTrigger } from "../test/live/api.ts";
import { untilNothingIsOwed } from "../test/live/owed.ts";
import { adminKey, findFreePort, type PosthornProcess, startPosthorn } from "../test/live/posthorn-process.ts";
import type { LoadQuestion, LoadReport } from "./load.ts";
import { type Destination, firstNumber } from "./payload.ts";
import { type Peer, startPeer } from "./peer.ts";
import type { Progress, ReceiverAnswer, ReceiverPorts, ReceiverQuestion } from "./receiver.ts";
import type { RelayQuestion } from "./relay.ts";

/** Where a load goes: Posthorn, or the relay that it is measured against. */
export interface Side {
  readonly name: "posthorn" | "relay";
  readonly destination: Destination;
  /** Resolves when the side has nothing left to do for what it was given. */
  rest(): Promise<void>;
}

export interface PosthornSide extends Side {
  readonly process: PosthornProcess;
  readonly api: Api;
  readonly dataDir: string;
}

/** A load and what became of its events. */
export interface Run extends LoadReport {
  readonly arrived: number;
  readonly duplicates: number;
  readonly firstArrivalAt: number;
  readonly lastArrivalAt: number;
}

export interface Rig {
  readonly seconds: number;
  say(line: string): void;
  send(load: WithoutFirst<LoadQuestion>): Promise<LoadReport>;
  /** Resolves when everything that the last load got accepted has arrived, or nothing has come for a long while. */
  finish(report: LoadReport): Promise<Run>;
  /** Both. */
  run(load: WithoutFirst<LoadQuestion>): Promise<Run>;
  /** When each event of the last load arrived first, by its number; 0 for one that has not. */
  arrivals(): Promise<Float64Array>;
  /** Of all loads that were finished. */
  count(): Count;
  readonly ports: ReceiverPorts;
  stop(): Promise<void>;
}

export interface Count {
  readonly accepted: number;
  /** Different events. */
  readonly arrived: number;
  readonly duplicates: number;
  /** Accepted, and never arrived. */
  readonly lost: number;
}

/** Each member of a union without its `first`, which the rig gives. */
type WithoutFirst<Load> = Load extends LoadQuestion ? Omit<Load, "first"> : never;

const lookEveryMs = 20;
/** With no arrival for so long, what is missing is lost. */
const patienceMs = 20_000;

export async function startRig(seconds: number, say: (line: string) => void): Promise<Rig> {
  const receiver: Peer<ReceiverQuestion, ReceiverAnswer> = startPeer("./receiver.ts");
  const load: Peer<LoadQuestion, LoadReport> = startPeer("./load.ts");
  // Each question has its own kind of answer, as receiver.ts shows.
  const ports = (await receiver.ask({ kind: "ports" })) as ReceiverPorts;
  const readProgress = async (): Promise<Progress> => (await receiver.ask({ kind: "progress" })) as Progress;
  let first = firstNumber;
  let count: Count = { accepted: 0, arrived: 0, duplicates: 0, lost: 0 };

  async function untilArrived(events: number): Promise<Progress> {
    let progress = await readProgress();
    let changedAt = performance.now();
    while (progress.arrived < events && performance.now() - changedAt < patienceMs) {
      await pause(lookEveryMs);
      const next = await readProgress();
      if (next.arrived > progress.arrived) changedAt = performance.now();
      progress = next;
    }
    return progress;
  }

  async function send(wish: WithoutFirst<LoadQuestion>): Promise<LoadReport> {
    const events = wish.kind === "open" ? wish.events : wish.maxEvents;
    await receiver.ask({ kind: "expect", first, count: events });
    const report = await load.ask({ ...wish, first });
    first += events;
    return report;
  }

  async function finish(report: LoadReport): Promise<Run> {
    const { arrived, duplicates, firstAt, lastAt } = await untilArrived(report.accepted);
    count = add(count, report.accepted, arrived, duplicates);
    return { ...report, arrived, duplicates, firstArrivalAt: firstAt, lastArrivalAt: lastAt };
  }

  return {
    seconds,
    say,
    ports,
    send,
    finish,
    run: async (wish) => finish(await send(wish)),
    arrivals: async () => (await receiver.ask({ kind: "arrivals" })) as Float64Array,
    count: () => count,
    async stop() {
      await Promise.all([receiver.stop(), load.stop()]);
    },
  };
}

function add(count: Count, accepted: number, arrived: number, duplicates: number): Count {
  return {
    accepted: count.accepted + accepted,
    arrived: count.arrived + arrived,
    duplicates: count.duplicates + duplicates,
    lost: count.lost + Math.max(0, accepted - arrived),
  };
}

// ── The two sides ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Where the events of the bench are posted, on both sides. */
const path = "/v1/projects/default/events";

/** A Posthorn on a new data folder, with one trigger for the bench's receiver, for as long as `use` takes. */
export function withPosthorn<Result>(rig: Rig, use: (side: PosthornSide) => Promise<Result>): Promise<Result> {
  return withDataDir(async (dataDir) => {
    const node = await startPosthorn({ dataDir, port: await findFreePort() });
    try {
      const side = posthornSide(node, dataDir);
      await createTrigger(side.api, { name: "bench", url: `http://127.0.0.1:${rig.ports.answering}/` });
      return await use(side);
    } finally {
      await node.kill();
    }
  });
}

/** A new folder on the disk that the bench measures, gone after `use`. */
export async function withDataDir<Result>(use: (dataDir: string) => Promise<Result>): Promise<Result> {
  const dataDir = mkdtempSync(join(tmpdir(), "posthorn-bench-"));
  try {
    return await use(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function posthornSide(node: PosthornProcess, dataDir: string): PosthornSide {
  const api = apiOf(node.url);
  return {
    name: "posthorn",
    process: node,
    api,
    dataDir,
    destination: { port: node.port, path, headers: { authorization: `Bearer ${adminKey}` } },
    rest: () => untilNothingIsOwed(api),
  };
}

export async function withRelay<Result>(rig: Rig, use: (side: Side) => Promise<Result>): Promise<Result> {
  const env = { RELAY_TARGET_PORT: String(rig.ports.answering) };
  const relay: Peer<RelayQuestion, number> = startPeer("./relay.ts", env);
  try {
    const port = await relay.ask({ kind: "port" });
    const authorization = `Bearer ${adminKey}`;
    return await use({ name: "relay", destination: { port, path, headers: { authorization } }, rest: async () => {} });
  } finally {
    await relay.stop();
  }
}

/** Both sides at once, so that their runs can take turns. */
export function withBothSides<Result>(
  rig: Rig,
  use: (relay: Side, posthorn: PosthornSide) => Promise<Result>,
): Promise<Result> {
  return withRelay(rig, (relay) => withPosthorn(rig, (posthorn) => use(relay, posthorn)));
}
