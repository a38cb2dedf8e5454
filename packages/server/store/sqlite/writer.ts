// The writer's thread: the only connection that changes the database. It takes one group of acts at a time and answers
// when all of them are on disk.
import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import { StoreError, type StoreErrorCode } from "../errors.ts";
import type { PostedAct } from "./acts.ts";
import { tendLog } from "./checkpoint.ts";
import { type Database, openForWriting } from "./database.ts";
import { translateFailure } from "./failures.ts";
import { readFlat } from "./flat.ts";
import { createPrivateFile, type Folder } from "./folder.ts";
import { createRunGroup, type GroupAnswer } from "./group.ts";
import { lockFolder } from "./lock.ts";
import { migrate } from "./migrate.ts";
import { createWriting } from "./writing.ts";

/** What the main thread starts this thread with. */
export interface WriterData {
  readonly folder: Folder;
  readonly now: number;
  /** For a new database; an old one keeps its own. */
  readonly freshInstanceId: string;
}

interface PostedFailure {
  readonly index: number;
  readonly code: StoreErrorCode;
  readonly message: string;
}

export type WriterMessage =
  | { readonly kind: "open"; readonly instanceId: string }
  | { readonly kind: "refused"; readonly code: StoreErrorCode; readonly message: string }
  | {
      readonly kind: "done";
      /** By the place of the act in its group. */
      readonly answers: readonly unknown[];
      readonly failures: readonly PostedFailure[];
    }
  /** The reader's thread should copy the write-ahead log. */
  | { readonly kind: "log-full" };

/** Null: close. */
export type WriterOrder = readonly PostedAct[] | null;

const cacheKib = 32 * 1024;

function openCurrent({ folder, now, freshInstanceId }: WriterData): { db: Database; instanceId: string } {
  createPrivateFile(folder.database);
  const db = openForWriting(folder.database, cacheKib);
  migrate(db, now);
  db.query("INSERT INTO meta (instance_id) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM meta)").run(freshInstanceId);
  return { db, instanceId: readFlat(db.query("SELECT instance_id FROM meta").get() ?? []).text() };
}

function serve(post: (message: WriterMessage) => void, listen: (listener: (order: WriterOrder) => void) => void): void {
  // Set once and for this thread's whole life.
  const data = workerData as WriterData;
  const unlock = lockFolder(data.folder.lock, data.folder.dataDir);
  const { db, instanceId } = openCurrent(data);
  const runGroup = createRunGroup(createWriting(db));
  listen((group) => {
    if (group === null) {
      db.close();
      unlock();
      // Without a listener the port lets the thread end.
      parentPort?.close();
      return;
    }
    post({ kind: "done", ...separate(runGroup(group)) });
    // Only now, since nobody should wait for it.
    if (tendLog(db)) post({ kind: "log-full" });
  });
  post({ kind: "open", instanceId });
  // Each thread keeps its own compiled code, and this one may be killed with the process.
  flushCompileCache();
}

function separate(answers: readonly GroupAnswer[]): {
  answers: readonly unknown[];
  failures: readonly PostedFailure[];
} {
  return {
    answers: answers.map((answer) => (answer.kind === "answer" ? answer.value : null)),
    failures: answers.flatMap((answer, index) =>
      answer.kind === "failure" ? [{ index, code: answer.failure.code, message: answer.failure.message }] : [],
    ),
  };
}

const port = parentPort;
if (port === null) throw new Error("writer.ts is a thread of the embedded store, not a program");
try {
  serve(
    (message) => port.postMessage(message),
    (listener) => port.on("message", listener),
  );
} catch (error) {
  const failure = error instanceof StoreError ? error : translateFailure(error);
  port.postMessage({ kind: "refused", code: failure.code, message: failure.message } satisfies WriterMessage);
}
