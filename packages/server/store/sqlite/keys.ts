// API keys: found by the hash of what a client shows, gone at once with their project.
import type { Key, Scope } from "../../domain/key.ts";
import type { Put, Store } from "../store.ts";
import type { Database } from "./database.ts";
import { type Flat, readFlat } from "./flat.ts";
import type { Writing } from "./writing.ts";

const keyColumns = "keys.id, keys.project_id, keys.name, keys.scopes, keys.created_at";

export function createKey({ db }: Writing, request: Parameters<Store["createKey"]>[0]): Put<Key> {
  const { id, projectId, name, scopes, createdAt, hash, maxKeys } = request;
  if (db.query("SELECT 1 FROM projects WHERE id = ? AND deleted_at IS NULL").get(projectId) === undefined) {
    return { kind: "missing" };
  }
  const held = readFlat(db.query("SELECT count(*) FROM keys WHERE project_id = ?").get(projectId) ?? []).number();
  if (held >= maxKeys) return { kind: "too-many" };
  const isNew = db
    .query(
      "INSERT INTO keys (id, project_id, name, scopes, created_at, hash) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .run(id, projectId, name, JSON.stringify(scopes), createdAt, hash);
  return isNew === 0 ? { kind: "taken" } : { kind: "done", value: { id, projectId, name, scopes, createdAt } };
}

export function deleteKey({ db }: Writing, { projectId, keyId }: Parameters<Store["deleteKey"]>[0]): boolean {
  return db.query("DELETE FROM keys WHERE id = ? AND project_id = ?").run(keyId, projectId) > 0;
}

/** Runs on the writer, so that a key works as soon as its creation was answered, and no longer once it is deleted. */
export function findKey({ db }: Writing, hash: string): Key | null {
  const row = db.query(`SELECT ${keyColumns} FROM keys WHERE hash = ?`).get(hash);
  return row === undefined ? null : readKey(row);
}

export function listKeys(db: Database, projectId: number): readonly Key[] {
  // Ids of the same millisecond still have an order: a project's keys are few, so they may be sorted.
  return db
    .query(`SELECT ${keyColumns} FROM keys WHERE project_id = ? ORDER BY created_at DESC, rowid DESC`)
    .all(projectId)
    .map(readKey);
}

function readKey(row: Flat): Key {
  const values = readFlat(row);
  return {
    id: values.text(),
    projectId: values.number(),
    name: values.text(),
    // Written by `createKey`.
    scopes: JSON.parse(values.text()) as readonly Scope[],
    createdAt: values.number(),
  };
}
