// From the command to the first 200 of /readyz, on a new data folder and on one that was there.
import { findFreePort, startPosthorn } from "../test/live/posthorn-process.ts";
import { median } from "./figures.ts";
import { type Rig, withDataDir } from "./rig.ts";
import { type Measurement, round } from "./table.ts";

const rounds = 5;

export async function measureStart({ say }: Rig): Promise<Measurement> {
  say(`start: from the command to ready, ${rounds} times on a new data folder and again on the same`);
  const found = { fresh: [] as number[], again: [] as number[] };
  for (let turn = 1; turn <= rounds; turn += 1) {
    await withDataDir(async (dataDir) => {
      found.fresh.push(await timeStart(dataDir));
      found.again.push(await timeStart(dataDir));
    });
  }
  say(`  new: ${found.fresh.map(round).join(", ")} ms; again: ${found.again.map(round).join(", ")} ms`);
  const bound = { of: "figure", atMost: 1000 } as const;
  const rows = [
    { what: "start to ready, new data folder", unit: "ms", posthorn: median(found.fresh), bound },
    { what: "start to ready, again", unit: "ms", posthorn: median(found.again), bound },
  ];
  return { rows, figures: found };
}

async function timeStart(dataDir: string): Promise<number> {
  const node = await startPosthorn({ dataDir, port: await findFreePort() });
  await node.stop();
  return node.startMs;
}
