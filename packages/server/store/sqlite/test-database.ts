// A database in memory with the whole schema, for tests that look closer than the seam allows.
import { type Database, openDatabase } from "./database.ts";
import { migrate } from "./migrate.ts";

export function openEmptyDatabase(): Database {
  const db = openDatabase(":memory:", { readOnly: false, cacheKib: 1_024 });
  migrate(db, 0);
  db.execute("INSERT INTO meta (instance_id) VALUES ('test')");
  return db;
}
