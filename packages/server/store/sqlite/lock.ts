// One process per data folder. The lock is SQLite's own on an empty file: the kernel releases it with the process, however
// that ends, so nothing is left to clean up after `kill -9`.
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";
import { createPrivateFile } from "./folder.ts";

/** Answers the function that gives the folder free. @throws StoreError `store_locked`. */
export function lockFolder(file: string, dataDir: string): () => void {
  createPrivateFile(file);
  const connection = new DatabaseSync(file);
  try {
    connection.exec("BEGIN EXCLUSIVE");
  } catch {
    connection.close();
    throw new StoreError(
      "store_locked",
      `another Posthorn works in the data folder ${dataDir}: stop it first, or choose another folder (POSTHORN_DATA_DIR)`,
    );
  }
  return () => connection.close();
}
