// Keys that a first start makes and later starts find: small files beside the data that only their owner can read.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface KeyFile {
  readonly text: string;
  readonly path: string;
  /** Made just now. */
  readonly isNew: boolean;
}

/** The trimmed content of `<folder>/<name>`; where there is none, `make` says what it shall be (file 0600, folder 0700). */
export function readOrMakeKeyFile(folder: string, name: string, make: () => string): KeyFile {
  const path = join(folder, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const known = readIfThere(path);
  if (known !== undefined && known !== "") return { text: known, path, isNew: false };
  const text = make();
  writeDurably(path, `${text}\n`);
  return { text, path, isNew: true };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A key that was told to somebody, or that sealed something, must survive a loss of power. */
function writeDurably(path: string, text: string): void {
  const file = openSync(path, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
