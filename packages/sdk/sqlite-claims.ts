// Claims in SQLite: for receivers whose processes share a disk. Takes an open database of node:sqlite, better-sqlite3 or
// another with the same methods, and makes a table of its own in it.
import { type Claims, type ClaimsOptions, defaultKeepMs } from "./claims.ts";
import { type Outside, systemOutside } from "./outside.ts";

export interface SqliteStatement {
  run(...values: (string | number | null)[]): unknown;
  get(...values: (string | number | null)[]): unknown;
}

/** What is used of a database. */
export interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
}

export interface SqliteClaimsOptions extends ClaimsOptions {
  readonly outside?: Pick<Outside, "now" | "uuid">;
}

const schema = `
  CREATE TABLE IF NOT EXISTS posthorn_claims (key TEXT PRIMARY KEY, token TEXT, expires_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS posthorn_claims_by_end ON posthorn_claims (expires_at)`;

/** One statement, so that two processes cannot both take a key. It changes nothing while the key is taken. */
const take = `
  INSERT INTO posthorn_claims (key, token, expires_at) VALUES (?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at
  WHERE posthorn_claims.expires_at <= ? RETURNING token`;

/** A few at every claim: the table stays small, and no claim waits for a great cleaning. */
const prune = `
  DELETE FROM posthorn_claims
  WHERE key IN (SELECT key FROM posthorn_claims WHERE expires_at <= ? ORDER BY expires_at LIMIT 10)`;

export function sqliteClaims(database: SqliteDatabase, options: SqliteClaimsOptions = {}): Claims {
  const { keepMs = defaultKeepMs, outside = systemOutside } = options;
  database.exec(schema);
  const statements = {
    take: database.prepare(take),
    prune: database.prepare(prune),
    look: database.prepare("SELECT token, expires_at FROM posthorn_claims WHERE key = ?"),
    confirm: database.prepare(
      "UPDATE posthorn_claims SET token = NULL, expires_at = ? WHERE key = ? AND token = ? RETURNING key",
    ),
    release: database.prepare("DELETE FROM posthorn_claims WHERE key = ? AND token = ?"),
  };
  return {
    async claim(key, leaseMs) {
      const now = outside.now();
      const token = outside.uuid();
      statements.prune.run(now);
      if (statements.take.get(key, token, now + leaseMs, now)) return { kind: "claimed", token };
      // The statement's own columns, or nothing where the key has gone since.
      const taken = statements.look.get(key) as { token: string | null; expires_at: number } | undefined | null;
      if (taken?.token === null) return { kind: "done" };
      return { kind: "busy", forMs: Math.max((taken?.expires_at ?? now) - now, 0) };
    },
    async confirm(key, token) {
      return Boolean(statements.confirm.get(outside.now() + keepMs, key, token));
    },
    async release(key, token) {
      statements.release.run(key, token);
    },
  };
}
