// The line in front of the writer: acts that come while a group is being committed wait and go as the next group, in one
// message and one fsync. A lone act finds the writer idle and waits for nobody.
import type { Worker } from "node:worker_threads";
import type { Clock } from "../../outside/clock.ts";
import { StoreError } from "../errors.ts";
import type { ActAnswer, ActName, ActRequest } from "./acts.ts";
import { createWaitingRoom, type WaitingAct } from "./waiting.ts";
import type { WriterMessage, WriterOrder } from "./writer.ts";

export interface Line {
  /** Answers once the act is on disk. @throws StoreError; `store_busy` when too much waits. */
  submit<Name extends ActName>(name: Name, request: ActRequest<Name>, bytes?: number): Promise<ActAnswer<Name>>;
  /** Refuses what comes from now on, and answers when what waits is done. */
  drain(): Promise<void>;
  /** Ends the writer. */
  close(): Promise<void>;
}

export type PaceClock = Pick<Clock, "now" | "after">;

/** A message between threads and a commit cost as much as ten acts: under load acts gather for a fraction of a millisecond. */
const maxGroupsPerMs = 2;

/** Answers whether this millisecond has had its groups. Acts that come one by one are not load, however quickly they come. */
function pace(clock: PaceClock): (lastGroupSize: number) => boolean {
  let millisecond = 0;
  let groups = 0;
  return (lastGroupSize) => {
    const now = clock.now();
    groups = now === millisecond ? groups + 1 : 1;
    millisecond = now;
    return lastGroupSize > 1 && groups > maxGroupsPerMs;
  };
}

/** `wantCheckpoint` is called when the write-ahead log should be copied. */
export function createLine(writer: Worker, clock: PaceClock, wantCheckpoint: () => void): Line {
  const room = createWaitingRoom();
  let underway: readonly WaitingAct[] = [];
  const isTooSoon = pace(clock);
  let lastGroupSize = 0;
  let isSending = false;
  let closed: StoreError | null = null;
  let whenIdle: (() => void) | null = null;

  /** At the end of this turn of the event loop, so that acts of requests that were read together go together. */
  const sendSoon = (): void => {
    if (isSending || underway.length > 0) return;
    isSending = true;
    if (isTooSoon(lastGroupSize)) clock.after(1, send);
    else setImmediate(send);
  };
  const send = (): void => {
    isSending = false;
    underway = room.takeGroup();
    lastGroupSize = underway.length;
    writer.postMessage(underway.map((act) => act.posted) satisfies WriterOrder);
  };
  const failEverything = (error: StoreError): void => {
    closed ??= error;
    for (const act of [...underway, ...room.takeAll()]) act.reject(error);
    underway = [];
    whenIdle?.();
  };

  writer.on("message", (message: WriterMessage) => {
    if (message.kind === "log-full") wantCheckpoint();
    if (message.kind !== "done") return;
    answerAll(underway, message);
    underway = [];
    if (room.isEmpty()) whenIdle?.();
    else sendSoon();
  });
  const ended = endOf(writer).then(failEverything);

  return {
    submit: (name, request, bytes = 0) =>
      new Promise((resolve, reject) => {
        if (closed !== null) throw closed;
        // The writer answers each act with what that act's own function returned.
        room.enter({ posted: { name, request }, bytes, resolve: (answer) => resolve(answer as never), reject });
        sendSoon();
      }),
    async drain() {
      closed ??= new StoreError("store_closed", "the store is closed");
      if (underway.length === 0 && room.isEmpty()) return;
      await new Promise<void>((resolve) => {
        whenIdle = resolve;
      });
    },
    close() {
      writer.postMessage(null satisfies WriterOrder);
      return ended;
    },
  };
}

function answerAll(
  group: readonly WaitingAct[],
  { answers, failures }: Extract<WriterMessage, { readonly kind: "done" }>,
): void {
  const failed = new Map(failures.map(({ index, code, message }) => [index, new StoreError(code, message)]));
  for (const [index, act] of group.entries()) {
    const failure = failed.get(index);
    if (failure === undefined) act.resolve(answers[index]);
    else act.reject(failure);
  }
}

/** Answers once the writer's thread is gone, however that came: what to tell those who still wait. */
function endOf(writer: Worker): Promise<StoreError> {
  return new Promise((resolve) => {
    let why = "it was stopped";
    writer.on("error", (error) => {
      why = error.message;
    });
    writer.on("exit", () => {
      resolve(new StoreError("store_unavailable", `the embedded store's writer has ended (${why}); restart to go on`));
    });
  });
}
