// Claims in PostgreSQL: for receivers on several machines. Takes a pool or client of `pg`, or anything with such a `query`,
// and makes a table of its own. The database's clock decides, so that machines need not agree on the time.
import { type Claims, type ClaimsOptions, defaultKeepMs } from "./claims.ts";
import { type Outside, systemOutside } from "./outside.ts";

/** What is used of a pool or a client. */
export interface PostgresDatabase {
  query(text: string, values: (string | number)[]): Promise<{ readonly rows: readonly unknown[] }>;
}

export interface PostgresClaimsOptions extends ClaimsOptions {
  readonly outside?: Pick<Outside, "uuid">;
}

/** Two machines that make a table at once stumble over each other in PostgreSQL's catalogue; a lock lets them queue. */
const makeTable = `
  DO $$ BEGIN
    PERFORM pg_advisory_xact_lock(7677484);
    CREATE TABLE IF NOT EXISTS posthorn_claims (key text PRIMARY KEY, token text, expires_at timestamptz NOT NULL);
    CREATE INDEX IF NOT EXISTS posthorn_claims_by_end ON posthorn_claims (expires_at);
  END $$`;

/** Milliseconds from the database's now on. Not `now()`, which stands still in a transaction. */
function after(parameter: string): string {
  return `clock_timestamp() + ${parameter} * interval '1 millisecond'`;
}

/** One statement, so that two machines cannot both take a key. It changes nothing while the key is taken. */
const take = `
  INSERT INTO posthorn_claims AS claims (key, token, expires_at) VALUES ($1, $2, ${after("$3::float8")})
  ON CONFLICT (key) DO UPDATE SET token = excluded.token, expires_at = excluded.expires_at
  WHERE claims.expires_at <= clock_timestamp() RETURNING token`;

const look = `
  SELECT token IS NULL AS done, extract(epoch FROM expires_at - clock_timestamp())::float8 * 1000 AS for_ms
  FROM posthorn_claims WHERE key = $1`;

/** A few at every claim, passing over those that others are cleaning away. */
const prune = `
  DELETE FROM posthorn_claims WHERE key IN (
    SELECT key FROM posthorn_claims WHERE expires_at <= clock_timestamp()
    ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED)`;

const confirm = `
  UPDATE posthorn_claims SET token = NULL, expires_at = ${after("$3::float8")}
  WHERE key = $1 AND token = $2 RETURNING key`;

export function postgresClaims(database: PostgresDatabase, options: PostgresClaimsOptions = {}): Claims {
  const { keepMs = defaultKeepMs, outside = systemOutside } = options;
  let prepared: Promise<unknown> | undefined;
  const prepare = (): Promise<unknown> => {
    prepared ??= database.query(makeTable, []).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };
  return {
    async claim(key, leaseMs) {
      await prepare();
      await database.query(prune, []);
      const token = outside.uuid();
      const taken = await database.query(take, [key, token, leaseMs]);
      if (taken.rows.length > 0) return { kind: "claimed", token };
      const found = await database.query(look, [key]);
      // The statement's own columns, or nothing where the key has gone since.
      const row = found.rows[0] as { readonly done: boolean; readonly for_ms: number } | undefined;
      return row?.done ? { kind: "done" } : { kind: "busy", forMs: Math.max(row?.for_ms ?? 0, 0) };
    },
    async confirm(key, token) {
      const confirmed = await database.query(confirm, [key, token, keepMs]);
      return confirmed.rows.length > 0;
    },
    async release(key, token) {
      await database.query("DELETE FROM posthorn_claims WHERE key = $1 AND token = $2", [key, token]);
    },
  };
}
