// The list of projects, over all of which nobody but the administrator looks.
import type { PageRequest } from "../store.ts";
import { projectColumns } from "./catalogue.ts";
import type { Database } from "./database.ts";
import type { FlatPage } from "./events.ts";
import { findPage, type Listing, wholeRange } from "./paging.ts";

/** Projects are few, so those that are deleted may be walked past. */
const listing: Listing = ({ above, below }, direction) => ({
  sql: `SELECT id, deleted_at IS NULL FROM projects WHERE id > ? AND id < ? ORDER BY id ${direction}`,
  values: [above, below],
});

export function listProjects(db: Database, page: PageRequest): FlatPage {
  const { sequences, ...sides } = findPage(db, listing, wholeRange, page);
  return {
    ...sides,
    rows: sequences.map((id) => db.query(`SELECT ${projectColumns} FROM projects WHERE id = ?`).get(id) ?? []),
  };
}
