// What no index serves alone: the search for a page stops in time, says where, and goes on from there.
import assert from "node:assert/strict";
import { it } from "node:test";
import { openDatabase } from "./database.ts";
import { findPage, type Listing, maxLooks, wholeRange } from "./paging.ts";

/** The numbers from 1 to `count`, of which only multiples of `every` fit. */
function numbers(count: number, every: number): Listing {
  return ({ above, below }, direction) => ({
    sql: `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
      SELECT n, n % ? = 0 FROM numbers WHERE n > ? AND n < ? ORDER BY n ${direction}`,
    values: [count, every, above, below],
  });
}

it("a page that would need too many looks stops, and the next goes on where it stopped", () => {
  const db = openDatabase(":memory:", { readOnly: false, cacheKib: 1_024 });
  const count = maxLooks * 3;
  const listing = numbers(count, count);
  const up = findPage(db, listing, wholeRange, { limit: 10, after: 0 });
  assert.deepEqual(up, { sequences: [], hasOlder: false, hasNewer: true, stoppedAt: maxLooks + 10 });
  const next = findPage(db, listing, wholeRange, { limit: 10, after: up.stoppedAt });
  const last = findPage(db, listing, wholeRange, { limit: 10, after: next.stoppedAt });
  assert.deepEqual(last, { sequences: [count], hasOlder: true, hasNewer: false });
  const down = findPage(db, numbers(count, count / 2), wholeRange, { limit: 1, before: count });
  assert.deepEqual([down.sequences, down.hasOlder, down.hasNewer], [[], true, true]);
  assert.equal(down.stoppedAt, count - maxLooks - 1);
});

it("a full page never says that it stopped", () => {
  const db = openDatabase(":memory:", { readOnly: false, cacheKib: 1_024 });
  const page = findPage(db, numbers(maxLooks * 2, 1), wholeRange, { limit: 1_000 });
  assert.equal(page.sequences.length, 1_000);
  assert.deepEqual([page.hasOlder, page.stoppedAt], [true, undefined]);
});
