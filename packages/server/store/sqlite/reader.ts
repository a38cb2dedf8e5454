// The reader's thread: lists and single rows, so that no reading delays an accept. It also copies the write-ahead log into
// the database, between readings, when the writer asks for it.
import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { StoreErrorCode } from "../errors.ts";
import { checkpoint } from "./checkpoint.ts";
import { type Database, openDatabase } from "./database.ts";
import { translateFailure } from "./failures.ts";
import { type ReadingName, readings } from "./readings.ts";

export interface ReaderData {
  readonly database: string;
}

/** Null: close. */
export type ReaderOrder =
  | { readonly kind: "read"; readonly name: ReadingName; readonly request: unknown }
  | { readonly kind: "checkpoint" }
  | null;

/** Answers come in the order of the orders. */
export type ReaderMessage =
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "failure"; readonly code: StoreErrorCode; readonly message: string };

const cacheKib = 8 * 1024;

/** One reading sees one state of the database, however many statements it takes. */
function read(db: Database, name: ReadingName, request: unknown): unknown {
  // `desk.ts` posts a name only together with that reading's own request.
  const run = readings[name] as (db: Database, request: unknown) => unknown;
  db.execute("BEGIN");
  try {
    return run(db, request);
  } finally {
    db.execute("COMMIT");
  }
}

function serve(
  { database }: ReaderData,
  post: (message: ReaderMessage) => void,
  listen: (listener: (order: ReaderOrder) => void) => void,
): void {
  const db = openDatabase(database, { readOnly: true, cacheKib });
  const copying = openDatabase(database, { readOnly: false, cacheKib: 64 });
  listen((order) => {
    if (order === null) {
      db.close();
      copying.close();
      parentPort?.close();
      return;
    }
    try {
      const value = order.kind === "read" ? read(db, order.name, order.request) : checkpoint(copying);
      post({ kind: "answer", value });
    } catch (error) {
      const { code, message } = translateFailure(error);
      post({ kind: "failure", code, message });
    }
  });
}

const port = parentPort;
if (port === null) throw new Error("reader.ts is a thread of the embedded store, not a program");
serve(
  // Set once and for this thread's whole life.
  workerData as ReaderData,
  (message) => port.postMessage(message),
  (listener) => port.on("message", listener),
);
// As in the writer's thread: what was compiled is kept now, since there may be no peaceful end.
flushCompileCache();
