// How many events a second go through when clients send as fast as they are answered.
import { median } from "./figures.ts";
import { type Rig, type Run, type Side, withBothSides } from "./rig.ts";
import type { Measurement, Row } from "./table.ts";
import { round } from "./table.ts";

const connections = 128;
const rounds = 3;
const warmUpMs = 4000;
/** More than any side takes: the window ends by time. */
const mostEventsPerSecond = 60_000;

export interface Throughput {
  /** Answered 202, per second of the window. */
  readonly acceptedPerSecond: number;
  /** Arrived, per second from the first request to the last arrival: what lasts. */
  readonly deliveredPerSecond: number;
  readonly answerP99Ms: number;
}

export function measureSaturation(rig: Rig): Promise<Measurement> {
  rig.say(
    `saturation: ${connections} connections, ${rounds} rounds of ${rig.seconds} s each, relay and posthorn in turn`,
  );
  return withBothSides(rig, async (relay, posthorn) => {
    for (const side of [relay, posthorn]) await saturate(rig, side, warmUpMs);
    const found: Record<Side["name"], Throughput[]> = { relay: [], posthorn: [] };
    for (let turn = 1; turn <= rounds; turn += 1)
      for (const side of [relay, posthorn]) found[side.name].push(await saturate(rig, side, rig.seconds * 1000));
    return { rows: rowsOf(middle(found.posthorn), middle(found.relay)), figures: found };
  });
}

/** One burst, and its end waited for: nothing of it is left when the next begins. */
export async function saturate(rig: Rig, side: Side, maxMs: number): Promise<Throughput> {
  const maxEvents = Math.ceil((mostEventsPerSecond * maxMs) / 1000);
  const { destination } = side;
  const run = await rig.run({ kind: "closed", destination, connections, batchSize: 1, maxEvents, maxMs });
  await side.rest();
  const throughput = throughputOf(run);
  rig.say(`  ${side.name.padEnd(8)} ${describe(run, throughput)}`);
  return throughput;
}

function throughputOf(run: Run): Throughput {
  return {
    acceptedPerSecond: (run.accepted * 1000) / (run.endedAt - run.startedAt),
    deliveredPerSecond: (run.arrived * 1000) / (run.lastArrivalAt - run.startedAt),
    answerP99Ms: run.answers.p99,
  };
}

function describe(run: Run, { acceptedPerSecond, deliveredPerSecond, answerP99Ms }: Throughput): string {
  const refused = Object.keys(run.refused).length === 0 ? "" : `, refused ${JSON.stringify(run.refused)}`;
  return (
    `accepted ${round(run.accepted)} (${round(acceptedPerSecond)}/s, answer p99 ${round(answerP99Ms)} ms), ` +
    `arrived ${round(run.arrived)} (${round(deliveredPerSecond)}/s), again ${run.duplicates}${refused}`
  );
}

function middle(runs: readonly Throughput[]): Throughput {
  return {
    acceptedPerSecond: median(runs.map((run) => run.acceptedPerSecond)),
    deliveredPerSecond: median(runs.map((run) => run.deliveredPerSecond)),
    answerP99Ms: median(runs.map((run) => run.answerP99Ms)),
  };
}

function rowsOf(posthorn: Throughput, relay: Throughput): readonly Row[] {
  const bound = { of: "ratio", atLeast: 0.6 } as const;
  const row = (what: string, figure: keyof Throughput) => ({
    what,
    unit: "events/s",
    posthorn: posthorn[figure],
    relay: relay[figure],
    bound,
  });
  return [row("accepted at saturation", "acceptedPerSecond"), row("delivered at saturation", "deliveredPerSecond")];
}
