// What "on disk" rests on, and what rows must bring back.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { openDatabase, openForWriting } from "./database.ts";

it("the connection that writes waits for the disk at every commit, and copies no log by itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-database-"));
  const db = openForWriting(join(folder, "db"), 64);
  const setting = (name: string) => db.query(`PRAGMA ${name}`).get()?.[0];
  const full = 2;
  const incremental = 2;
  assert.equal(setting("synchronous"), full);
  assert.equal(setting("journal_mode"), "wal");
  assert.equal(setting("wal_autocheckpoint"), 0);
  db.execute("CREATE TABLE t (a)");
  assert.equal(setting("auto_vacuum"), incremental);
  db.close();
  rmSync(folder, { recursive: true });
});

it("a number that JavaScript cannot hold is an error, never another number", () => {
  const db = openDatabase(":memory:", { readOnly: false, cacheKib: 64 });
  assert.deepEqual(db.query("SELECT 9007199254740991").get(), [9007199254740991]);
  assert.throws(() => db.query("SELECT 9007199254740993").get(), RangeError);
  db.close();
});
