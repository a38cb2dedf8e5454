// The write-ahead log starts over, and the writer copies only the rest that the reader's thread has left.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { checkpoint, tendLog } from "./checkpoint.ts";
import { type Database, openDatabase } from "./database.ts";

const mebibyte = 2 ** 20;

function write(db: Database, mebibytes: number): void {
  for (let left = mebibytes; left > 0; left -= 1) db.query("INSERT INTO t VALUES (zeroblob(?))").run(mebibyte);
}

it("the log is copied by the other thread, finished by the writer, and starts over", () => {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-log-"));
  const open = () => openDatabase(join(folder, "db"), { readOnly: false, cacheKib: 64 });
  const writer = open();
  writer.execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)");
  const copier = open();
  write(writer, 10);
  assert.equal(tendLog(writer), false, "a small log is left alone");
  write(writer, 10);
  assert.equal(tendLog(writer), true, "a large log is for the other thread to copy");
  const { pages, copied } = checkpoint(copier);
  assert.equal(copied, pages);
  write(writer, 1);
  assert(checkpoint(copier).pages < 1_000, "the log has started over");
  write(writer, 20);
  checkpoint(copier);
  write(writer, 1);
  assert.equal(tendLog(writer), false, "the writer copies a short rest itself");
  write(writer, 1);
  assert(checkpoint(copier).pages < 1_000, "the log has started over again");
  writer.close();
  copier.close();
  rmSync(folder, { recursive: true });
});
