// One connection to the database file, with its prepared statements. The writer has one, the reader another two.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Flat, FlatValue } from "./flat.ts";

export interface Query {
  /** Answers how many rows were changed. */
  run(...values: FlatValue[]): number;
  get(...values: FlatValue[]): Flat | undefined;
  all(...values: FlatValue[]): readonly Flat[];
  iterate(...values: FlatValue[]): IterableIterator<Flat>;
}

export interface Database {
  /** Prepared at its first use and kept: a statement's text is its name. */
  query(sql: string): Query;
  /** Statements without values and without an answer. */
  execute(sql: string): void;
  /** False after an error that made SQLite roll back by itself. */
  isInTransaction(): boolean;
  /** Every text that was prepared so far: a test asks the planner about each. */
  preparedTexts(): readonly string[];
  close(): void;
}

/** How long a connection waits for another's lock. Only a checkpoint at its end ever holds one that matters. */
const lockWaitMs = 5_000;

/** @throws what SQLite says (translated by failures.ts). */
export function openDatabase(
  file: string,
  options: { readonly readOnly: boolean; readonly cacheKib: number },
): Database {
  const connection = new DatabaseSync(file, {
    readOnly: options.readOnly,
    timeout: lockWaitMs,
    // The one place that writes keeps its references right by itself, and prunes piece by piece.
    enableForeignKeyConstraints: false,
    returnArrays: true,
  });
  connection.exec(`PRAGMA cache_size = -${options.cacheKib}; PRAGMA temp_store = MEMORY`);
  const queries = new Map<string, Query>();
  return {
    query(sql) {
      const known = queries.get(sql);
      if (known !== undefined) return known;
      const query = wrap(connection.prepare(sql));
      queries.set(sql, query);
      return query;
    },
    execute: (sql) => connection.exec(sql),
    isInTransaction: () => connection.isTransaction,
    preparedTexts: () => [...queries.keys()],
    close: () => connection.close(),
  };
}

/**
 * The one connection that writes. An act that has answered must be on disk, so every commit waits for its fsync
 * (`synchronous = FULL`); the write-ahead log is copied by checkpoint.ts, never in the midst of a commit.
 */
export function openForWriting(file: string, cacheKib: number): Database {
  const db = openDatabase(file, { readOnly: false, cacheKib });
  // Takes effect in a new database only, and before anything else is written.
  db.execute("PRAGMA auto_vacuum = INCREMENTAL");
  db.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
  // A log that grew in a storm is cut back to this when it starts over.
  db.execute(`PRAGMA journal_size_limit = ${64 * 1024 * 1024}`);
  return db;
}

function wrap(statement: StatementSync): Query {
  return {
    run: (...values) => Number(statement.run(...values).changes),
    // `returnArrays` makes every row an array, which the types of node:sqlite cannot say; integers beyond 2^53 throw
    // instead of turning into bigints.
    get: (...values) => statement.get(...values) as unknown as Flat | undefined,
    all: (...values) => statement.all(...values) as unknown as readonly Flat[],
    iterate: (...values) => statement.iterate(...values) as unknown as IterableIterator<Flat>,
  };
}
