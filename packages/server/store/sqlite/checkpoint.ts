// Keeps the write-ahead log small without making commits wait: the reader's thread copies pages into the database while
// the writer goes on, and the writer itself does only the short rest, after which the log starts over.
import type { Database } from "./database.ts";
import { readFlat } from "./flat.ts";

const pageBytes = 4_096;
/** Above this the reader's thread is asked to copy. */
const checkpointPages = (16 * 1024 * 1024) / pageBytes;
/** A rest that the writer may copy between two groups: some milliseconds. */
const shortPages = (2 * 1024 * 1024) / pageBytes;
/** Above this the writer copies, however long it takes: the disk must not fill. */
const longestPages = (256 * 1024 * 1024) / pageBytes;

interface LogSize {
  readonly pages: number;
  readonly copied: number;
}

/** Copies what it can without waiting for anybody. */
export function checkpoint(db: Database): LogSize {
  return readSize(db, "PRAGMA wal_checkpoint(PASSIVE)");
}

function readSize(db: Database, pragma: string): LogSize {
  const row = readFlat(db.query(pragma).get() ?? []);
  row.take(1);
  return { pages: row.number(), copied: row.number() };
}

/** For the writer, between groups: true when the reader's thread should copy. */
export function tendLog(db: Database): boolean {
  const size = readSize(db, "PRAGMA wal_checkpoint(NOOP)");
  if (size.pages <= checkpointPages) return false;
  if (size.pages > longestPages || size.pages - size.copied <= shortPages) checkpoint(db);
  else return true;
  return false;
}
