// The desk in front of the reader: starts its thread at the first reading, hands it one order after the other, and matches
// answers to questions by their order.
import { Worker } from "node:worker_threads";
import { StoreError } from "../errors.ts";
import type { ReaderData, ReaderMessage, ReaderOrder } from "./reader.ts";
import type { ReadingAnswer, ReadingName, ReadingRequest } from "./readings.ts";

/** Of each of the two threads; left alone, a storm of large acts leaves them with young generations of 128 MB. */
export const resourceLimits = { maxYoungGenerationSizeMb: 16 } as const;

/** Readings that may wait. */
const maxWaitingReadings = 1_000;

export interface Desk {
  /** @throws StoreError; `store_busy` when too many wait. */
  ask<Name extends ReadingName>(name: Name, request: ReadingRequest<Name>): Promise<ReadingAnswer<Name>>;
  /** Has the write-ahead log copied; at most one such order waits at a time. */
  checkpoint(): void;
  close(): Promise<void>;
}

export function createDesk(data: ReaderData): Desk {
  let thread: ReaderThread | null = null;
  let isClosed = false;
  let isCopying = false;

  const order = async (what: ReaderOrder): Promise<unknown> => {
    if (isClosed) throw new StoreError("store_closed", "the store is closed");
    // A thread that has died is followed by a new one.
    if (thread === null || thread.hasEnded()) thread = startReader(data);
    return thread.order(what);
  };

  return {
    // The reader answers each question with what that reading's own function returned.
    ask: (name, request) => order({ kind: "read", name, request }) as Promise<never>,
    checkpoint() {
      if (isCopying) return;
      isCopying = true;
      const done = (): void => {
        isCopying = false;
      };
      // A checkpoint that fails leaves the log as it is; the writer asks again, and its own errors speak for the disk.
      order({ kind: "checkpoint" }).then(done, done);
    },
    async close() {
      isClosed = true;
      await thread?.end();
    },
  };
}

interface ReaderThread {
  order(what: ReaderOrder): Promise<unknown>;
  hasEnded(): boolean;
  /** Answers once the thread has answered what waits and is gone. */
  end(): Promise<void>;
}

interface Question {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

function startReader(data: ReaderData): ReaderThread {
  const worker = new Worker(new URL("./reader.ts", import.meta.url), { workerData: data, resourceLimits });
  const questions: Question[] = [];
  let reason = "it was stopped";
  let hasEnded = false;
  worker.on("message", (message: ReaderMessage) => {
    const question = questions.shift();
    if (message.kind === "answer") question?.resolve(message.value);
    else question?.reject(new StoreError(message.code, message.message));
  });
  worker.on("error", (error) => {
    reason = error.message;
  });
  const ended = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      hasEnded = true;
      const error = new StoreError("store_unavailable", `the embedded store's reader has ended (${reason})`);
      for (const question of questions) question.reject(error);
      resolve();
    });
  });
  return {
    order: (what) =>
      new Promise((resolve, reject) => {
        if (questions.length >= maxWaitingReadings) {
          throw new StoreError("store_busy", "more readings wait than can be answered; try again shortly");
        }
        questions.push({ resolve, reject });
        worker.postMessage(what);
      }),
    hasEnded: () => hasEnded,
    end() {
      worker.postMessage(null satisfies ReaderOrder);
      return ended;
    },
  };
}
