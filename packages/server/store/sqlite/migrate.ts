// Brings a database to the schema that this program knows, forward only. The fleet's store has twins of these
// migrations: same number, same name.
import { StoreError } from "../errors.ts";
import type { Database } from "./database.ts";
import { readFlat } from "./flat.ts";
import { migration as first } from "./migrations/0001-first.ts";

interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

const migrations: readonly Migration[] = [first];

/**
 * Runs what is missing, each migration in a transaction of its own.
 * @throws StoreError `store_too_new` when the database knows a migration that this program does not.
 */
export function migrate(db: Database, now: number, known: readonly Migration[] = migrations): void {
  db.execute(
    "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
  );
  const row = db.query("SELECT max(number) FROM migrations").get();
  const reached = (row === undefined ? null : readFlat(row).maybeNumber()) ?? 0;
  const newest = known.at(-1)?.number ?? 0;
  if (reached > newest) {
    throw new StoreError(
      "store_too_new",
      `the database was written by a newer Posthorn (its schema is ${reached}, this program knows ${newest}): start that version, or restore a backup`,
    );
  }
  for (const migration of known) if (migration.number > reached) apply(db, migration, now);
}

function apply(db: Database, migration: Migration, now: number): void {
  db.execute("BEGIN IMMEDIATE");
  try {
    db.execute(migration.sql);
    db.query("INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)").run(
      migration.number,
      migration.name,
      now,
    );
    db.execute("COMMIT");
  } catch (error) {
    if (db.isInTransaction()) db.execute("ROLLBACK");
    throw error;
  }
}
