// The data folder and its files, for the eyes of their owner only. SQLite gives its side files the mode of the database.
import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { StoreError } from "../errors.ts";

export interface Folder {
  readonly dataDir: string;
  readonly database: string;
  readonly lock: string;
}

/** Makes the folder (mode 0700) where it is missing. @throws StoreError `store_unavailable` where it cannot. */
export function prepareFolder(dataDir: string): Folder {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreError("store_unavailable", `the data folder ${dataDir} cannot be made: ${reasonOf(error)}`);
  }
  return { dataDir, database: join(dataDir, "posthorn.db"), lock: join(dataDir, "posthorn.lock") };
}

/**
 * Makes an empty file, and sees to it that its name is on disk. One that is there is not even opened: closing it would release every lock that this process holds
 * on it (POSIX).
 */
export function createPrivateFile(file: string): void {
  try {
    closeSync(openSync(file, "wx", 0o600));
    const folder = openSync(dirname(file), "r");
    fsyncSync(folder);
    closeSync(folder);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
      throw new StoreError("store_unavailable", `the data folder cannot be written: ${reasonOf(error)}`);
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
