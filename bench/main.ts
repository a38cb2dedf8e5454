// `npm run bench`: measures Posthorn, on the embedded store with every answer on disk, against a bare relay that has the
// same HTTP server and client and keeps nothing; in one run, on one machine. It says what it does, and ends with a table.
import { writeFileSync } from "node:fs";
import { measureDrain } from "./drain.ts";
import { measureIsolation } from "./isolation.ts";
import { measureLatency } from "./latency.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { measureMemory } from "./memory.ts";
import { type BenchOptions, type MeasureName, readOptions, usage } from "./options.ts";
import { type Count, type Rig, startRig } from "./rig.ts";
import { measureSaturation } from "./saturation.ts";
import { measureStart } from "./start.ts";
import { drawTable, type Measurement } from "./table.ts";

const measures: Readonly<Record<MeasureName, (rig: Rig) => Promise<Measurement>>> = {
  saturation: measureSaturation,
  latency: measureLatency,
  isolation: measureIsolation,
  drain: measureDrain,
  memory: measureMemory,
  start: measureStart,
};

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(words: readonly string[]): Promise<number> {
  const options = parse(words);
  if (options === null) return 2;
  const machine = await describeMachine();
  say(describe(machine));
  const rig = await startRig(options.seconds, say);
  try {
    const results: (readonly [MeasureName, Measurement])[] = [];
    for (const name of options.only) results.push([name, await measures[name](rig)]);
    report(options, machine, results, rig.count());
    return rig.count().lost === 0 ? 0 : 1;
  } finally {
    await rig.stop();
  }
}

function parse(words: readonly string[]): BenchOptions | null {
  try {
    return readOptions(words);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return null;
  }
}

/** An idle machine's own chores use less. */
const calmPercent = 10;

function describe({ processor, cores, memoryGib, node, system, busyPercent, fsyncUs }: Machine): string {
  const busy =
    busyPercent > calmPercent ? " Others are at work here: the figures will be worse than they could be." : "";
  return (
    `${cores} cores (${processor}), ${memoryGib} GiB, ${system}, Node ${node}; ` +
    `4 KiB to disk: ${fsyncUs.p50} µs, p99 ${fsyncUs.p99} µs.\n` +
    `Before the bench the cores were ${busyPercent} % busy.${busy}\n` +
    "The generator and the receiver are processes of their own and share these cores with what is measured."
  );
}

function report(
  options: BenchOptions,
  machine: Machine,
  results: readonly (readonly [MeasureName, Measurement])[],
  count: Count,
): void {
  say(`\n${drawTable(results.flatMap(([, { rows }]) => rows))}`);
  say(
    `\nOf ${count.accepted} events that were accepted and not put off, ${count.arrived} arrived, ` +
      `${count.lost} were lost and ${count.duplicates} came again.`,
  );
  if (options.json === null) return;
  const figures = Object.fromEntries(results.map(([name, each]) => [name, each.figures]));
  const rows = results.flatMap(([, each]) => each.rows);
  writeFileSync(options.json, `${JSON.stringify({ machine, options, count, rows, figures }, null, 2)}\n`);
}

process.exitCode = await main(process.argv.slice(2));
