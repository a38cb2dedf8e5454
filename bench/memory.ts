// The memory that a node takes: at rest, and with a million events waiting for their time; and what the million costs
// those that come meanwhile.
import { setTimeout as pause } from "node:timers/promises";
import { startPosthorn } from "../test/live/posthorn-process.ts";
import { sendAtRate } from "./latency.ts";
import { readMemory } from "./machine.ts";
import { type PosthornSide, type Rig, withPosthorn } from "./rig.ts";
import { saturate } from "./saturation.ts";
import { type Measurement, type Row, round } from "./table.ts";

const waiting = 1_000_000;
const batchSize = 1000;
const connections = 4;
const hourMs = 3_600_000;
/** A node that has just started still gives memory back. */
const calmMs = 3000;

export function measureMemory(rig: Rig): Promise<Measurement> {
  rig.say(
    `memory: at rest, then with ${round(waiting)} events that are due in an hour, sent in batches of ${batchSize}`,
  );
  return withPosthorn(rig, async (side) => {
    await pause(calmMs);
    const rest = readMemory(side.process.pid);
    rig.say(`  at rest ${round(rest.nowMb)} MB`);
    const storedPerSecond = await fill(rig, side);
    await pause(calmMs);
    const full = readMemory(side.process.pid);
    rig.say(`  with all of them waiting ${round(full.nowMb)} MB, at most ${round(full.peakMb)} MB on the way`);
    const burst = await saturate(rig, side, rig.seconds * 1000);
    const latency = await sendAtRate(rig, side, rig);
    const restart = await startAgain(side);
    rig.say(
      `  after a kill, ready with all of them waiting in ${round(restart.startMs)} ms, ${round(restart.nowMb)} MB`,
    );
    const figures = { rest, storedPerSecond, full, burst, latency, restart };
    return { rows: rowsOf(figures), figures };
  });
}

async function fill(rig: Rig, { destination }: PosthornSide): Promise<number> {
  const report = await rig.send({
    kind: "closed",
    destination,
    connections,
    batchSize,
    deliverAt: Date.now() + hourMs,
    maxEvents: waiting,
    maxMs: Number.POSITIVE_INFINITY,
  });
  const storedPerSecond = (report.accepted * 1000) / (report.endedAt - report.startedAt);
  rig.say(
    `  accepted ${round(report.accepted)} (${round(storedPerSecond)}/s, refused ${JSON.stringify(report.refused)})`,
  );
  if (report.accepted !== waiting) throw new Error("not all events were accepted, so the memory would prove nothing");
  return storedPerSecond;
}

/** Memory that a restart needs for what waits; the side's own process is gone afterwards. */
async function startAgain({ process, dataDir }: PosthornSide): Promise<{ startMs: number; nowMb: number }> {
  await process.kill();
  const again = await startPosthorn({ dataDir, port: process.port });
  await pause(calmMs);
  const { nowMb } = readMemory(again.pid);
  await again.kill();
  return { startMs: again.startMs, nowMb };
}

interface Figures {
  readonly rest: { readonly nowMb: number };
  readonly storedPerSecond: number;
  readonly full: { readonly nowMb: number; readonly peakMb: number };
  readonly burst: { readonly acceptedPerSecond: number; readonly answerP99Ms: number };
  readonly latency: { readonly p99: number };
  readonly restart: { readonly startMs: number; readonly nowMb: number };
}

function rowsOf({ rest, storedPerSecond, full, burst, latency, restart }: Figures): readonly Row[] {
  const atMost = (bound: number) => ({ of: "figure", atMost: bound }) as const;
  return [
    { what: "memory at rest", unit: "MB", posthorn: rest.nowMb, bound: atMost(120) },
    { what: "memory with a million waiting", unit: "MB", posthorn: full.nowMb, bound: atMost(400) },
    { what: "memory at most while they came", unit: "MB", posthorn: full.peakMb },
    { what: `accepted in batches of ${batchSize}`, unit: "events/s", posthorn: storedPerSecond },
    { what: "accepted while a million wait", unit: "events/s", posthorn: burst.acceptedPerSecond },
    { what: "answer while a million wait, p99", unit: "ms", posthorn: burst.answerP99Ms },
    { what: "accept → arrival while a million wait, p99", unit: "ms", posthorn: latency.p99 },
    { what: "start to ready with a million waiting", unit: "ms", posthorn: restart.startMs, bound: atMost(1000) },
  ];
}
