// Group commit when things go wrong: who fails, who does not, and when the writer stops for good.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PostedAct } from "./acts.ts";
import type { Database } from "./database.ts";
import { createRunGroup, type GroupAnswer, type RunGroup } from "./group.ts";
import { readings } from "./readings.ts";
import { openEmptyDatabase } from "./test-database.ts";
import { createWriting } from "./writing.ts";

const now = Date.UTC(2026, 6, 1);

function open(wrap: (db: Database) => Database = (db) => db): { readonly db: Database; readonly run: RunGroup } {
  const db = openEmptyDatabase();
  const run = createRunGroup(createWriting(wrap(db)));
  run([{ name: "createProject", request: { now, slug: "a", name: "A" } }]);
  const trigger = { now, projectId: 1, name: "t", definition: "{}", sealed: "", maxTriggers: 9 };
  run([{ name: "createTrigger", request: trigger }]);
  return { db, run };
}

/** An event with one delivery; a delivery's id can be had only once. */
function accept(eventId: string, deliveryId: string): PostedAct {
  const event = [eventId, "/s", "t", null, "2026-07-01T00:00:00Z", null, null, null, "text", "x".repeat(2_000)];
  const delivery = [deliveryId, 1, null, null];
  return { name: "accept", request: [now, 1, 2, null, null, null, 1, ...event, now, 0, 1, ...delivery] };
}

function codesOf(answers: readonly GroupAnswer[]): readonly (string | null)[] {
  return answers.map((answer) => (answer.kind === "failure" ? answer.failure.code : null));
}

describe("a group of acts", () => {
  it("is committed without the one that fails", () => {
    const { db, run } = open();
    const group = [accept("e1", "d1"), accept("e2", "d1"), accept("e3", "d3")];
    assert.deepEqual(codesOf(run(group)), [null, "store_failed", null]);
    const stats = readings.stats(db, { projectId: 1 });
    assert.deepEqual([stats.events, stats.deliveries.pending], [2, 2]);
    const { rows } = readings.listEvents(db, { projectId: 1, filter: {}, page: { limit: 9 } });
    assert.deepEqual(
      rows.map((row) => row[4]),
      ["e3", "e1"],
    );
  });

  it("fails together while the disk is full, and goes on when there is room again", () => {
    const { db, run } = open();
    const pages = db.query("PRAGMA page_count").get()?.[0];
    db.execute(`PRAGMA max_page_count = ${Number(pages)}`);
    const group = Array.from({ length: 9 }, (_, index) => accept(`e${index}`, `d${index}`));
    assert.deepEqual(new Set(codesOf(run(group))), new Set(["store_full"]));
    assert.equal(readings.stats(db, { projectId: 1 }).events, 0);
    db.execute("PRAGMA max_page_count = 100000");
    assert.deepEqual(new Set(codesOf(run(group))), new Set([null]));
    assert.equal(readings.stats(db, { projectId: 1 }).events, 9);
  });

  it("is refused for good after a failed write: what is on disk is unknown until a new start", () => {
    let isBroken = false;
    const { run } = open((db) => ({
      ...db,
      execute(sql) {
        if (isBroken && sql === "COMMIT") throw Object.assign(new Error("disk I/O error"), { errcode: 10 });
        db.execute(sql);
      },
    }));
    isBroken = true;
    assert.deepEqual(codesOf(run([accept("e1", "d1"), accept("e2", "d2")])), [
      "store_unavailable",
      "store_unavailable",
    ]);
    isBroken = false;
    assert.deepEqual(codesOf(run([accept("e3", "d3")])), ["store_unavailable"]);
  });
});
