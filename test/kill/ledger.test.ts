// A ledger that could not fail would prove nothing: each wrong is planted once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Arrival, openLedger, type Request, type Verdict } from "./ledger.ts";

const promised: Request = { numbers: [1, 2], outcome: "promised" };
const doubtful: Request = { numbers: [1, 2], outcome: "doubtful" };

function arrival(number: number, changes: Partial<Arrival> = {}): Arrival {
  return { path: "/a", number, id: `id-${number}`, at: 0, reply: 204, ...changes };
}

/** Each list of arrivals is one life of the node. */
function judge(request: Request, ...lives: readonly (readonly Arrival[])[]): Verdict {
  const ledger = openLedger();
  ledger.keep(request);
  for (const arrivals of lives) {
    for (const each of arrivals) ledger.arrive(each);
    ledger.beginLife();
  }
  return ledger.verdict(["/a"]);
}

test("all is well when each promised event was acknowledged once", () => {
  const good = { duplicates: 0, lost: [], torn: [], unexplained: [], renamed: [] };
  const verdict = judge(promised, [arrival(1), arrival(2)]);
  assert.deepEqual(verdict, { promised: 2, doubtful: 0, arrivals: 2, ...good });
});

test("a promised event that never came, or was never acknowledged, is lost", () => {
  assert.deepEqual(judge(promised, [arrival(1)]).lost, ["/a#2"]);
  assert.deepEqual(judge(promised, [arrival(1), arrival(2, { reply: 503 })]).lost, ["/a#2"]);
  assert.deepEqual(judge(promised, [arrival(1), arrival(2, { reply: null })]).lost, ["/a#2"]);
});

test("a doubtful request may come whole or not at all", () => {
  assert.deepEqual(judge(doubtful, []).torn, []);
  assert.deepEqual(judge(doubtful, [arrival(1), arrival(2)]).torn, []);
  assert.deepEqual(judge(doubtful, [arrival(2)]).torn, ["/a#1"]);
});

test("a repeat counts once the first was acknowledged, and needs a kill between", () => {
  assert.equal(judge(promised, [arrival(1, { reply: 503 }), arrival(1), arrival(2)]).duplicates, 0);
  const explained = judge(promised, [arrival(1), arrival(2)], [arrival(1)]);
  assert.equal(explained.duplicates, 1);
  assert.deepEqual(explained.unexplained, []);
  assert.deepEqual(judge(promised, [arrival(1), arrival(1), arrival(2)]).unexplained, ["/a#1"]);
  assert.deepEqual(judge(promised, [arrival(1), arrival(2)], [arrival(1), arrival(1)]).unexplained, ["/a#1"]);
});

test("a repeat keeps its id", () => {
  const renamed = judge(promised, [arrival(1), arrival(2)], [arrival(1, { id: "other" })]);
  assert.deepEqual(renamed.renamed, ["/a#1: id-1, other"]);
});

test("what has no answer when a life ends was in flight, and is looked for in later lives", () => {
  const ledger = openLedger();
  const [answered, inFlight, again] = [arrival(1), arrival(2, { reply: null }), arrival(2)];
  for (const each of [answered, inFlight]) ledger.arrive(each);
  assert.deepEqual(ledger.endLife(), [inFlight]);
  assert.equal(ledger.nextArrival(inFlight), undefined);
  ledger.beginLife();
  ledger.arrive(again);
  assert.equal(ledger.nextArrival(inFlight), again);
  assert.deepEqual(ledger.endLife(), []);
});
