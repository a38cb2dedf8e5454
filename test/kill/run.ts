// `npm run test:kill -- --kills 500 [--seed N]`: the long run of the kill test. Exits 0 when nothing was lost, stored in
// part, or repeated without a kill.
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runCampaign } from "./campaign.ts";

const { values } = parseArgs({ options: { kills: { type: "string", default: "500" }, seed: { type: "string" } } });
const kills = Number(values.kills);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

say(`${kills} kills, seed ${seed}`);
const startedAt = performance.now();
const { lost, torn, unexplained, renamed, ...counts } = await runCampaign({ kills, seed, say });
say(`done in ${Math.round((performance.now() - startedAt) / 1000)} s: ${JSON.stringify(counts, null, 2)}`);
const wrongs = { lost, torn, unexplained, renamed };
for (const [name, places] of Object.entries(wrongs)) say(`${name}: ${places.length} ${places.slice(0, 10).join("; ")}`);
process.exitCode = Object.values(wrongs).every((places) => places.length === 0) && counts.failed === 0 ? 0 : 1;
