// DESIGN §8 promise 1 on every run of the tests: twenty kills at random moments. `npm run test:kill -- --kills 500` is the
// long run.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { runCampaign } from "./campaign.ts";

const kills = 20;
/**
 * Well before the lease of ten seconds ends: under this load what was in flight waits its turn behind an older backlog.
 * That it comes at once on a node with nothing else to do is a test of test/promises/shutdown.test.ts.
 */
const takeUpLimitMs = 5000;

test(`${kills} kills under load lose nothing`, async (context) => {
  const seed = randomInt(2 ** 31);
  context.diagnostic(`seed ${seed}`);
  const result = await runCampaign({ kills, seed, say: (line) => context.diagnostic(line) });
  const { promised, doubtful, arrivals, duplicates, interrupted, slowestTakeUpMs } = result;
  context.diagnostic(
    `${promised} events promised, ${doubtful} doubtful, ${arrivals} arrivals, ${duplicates} duplicates; ` +
      `${interrupted} in flight at kills, all taken up within ${Math.round(slowestTakeUpMs)} ms`,
  );
  assert.deepEqual(result.lost, [], `seed ${seed}: promised and not delivered`);
  assert.deepEqual(result.torn, [], `seed ${seed}: stored in part`);
  assert.deepEqual(result.unexplained, [], `seed ${seed}: repeated without a kill`);
  assert.deepEqual(result.renamed, [], `seed ${seed}: repeated under another id`);
  assert.deepEqual(result.refusals, {}, `seed ${seed}: refused although nothing was wrong`);
  assert.equal(result.failed, 0, `seed ${seed}: given up`);
  assert.ok(promised > 0 && interrupted > 0, "the run must have had something to lose");
  assert.ok(slowestTakeUpMs < takeUpLimitMs, `seed ${seed}: taken up after ${slowestTakeUpMs} ms`);
});
