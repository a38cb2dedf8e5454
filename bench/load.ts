// A process of the bench: sends events. Closed loop: each connection sends its next request when the last is answered.
// Open loop: requests leave at the times of a schedule, whatever the answers do, so that queueing shows.
import { once } from "node:events";
import { connect } from "node:net";
import { nowMs } from "./clock.ts";
import { type Spread, spreadOf } from "./figures.ts";
import { readMessages } from "./messages.ts";
import { type Destination, renderRequest } from "./payload.ts";
import { answerQuestions } from "./peer.ts";

interface Common {
  readonly destination: Destination;
  /** The number of the first event. */
  readonly first: number;
}

export interface ClosedLoad extends Common {
  readonly kind: "closed";
  readonly connections: number;
  readonly batchSize: number;
  readonly deliverAt?: number | undefined;
  /** Ends with whichever comes first. */
  readonly maxEvents: number;
  readonly maxMs: number;
}

export interface OpenLoad extends Common {
  readonly kind: "open";
  readonly perSecond: number;
  readonly events: number;
}

export type LoadQuestion = ClosedLoad | OpenLoad;

export interface LoadReport {
  /** Events that were sent; their numbers follow each other. */
  readonly sent: number;
  /** Events whose request was answered 202. */
  readonly accepted: number;
  /** Requests by any other status. */
  readonly refused: Readonly<Record<string, number>>;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Milliseconds from the request (open loop: from its time in the schedule) to its answer. */
  readonly answers: Spread;
  /** Open loop: when the first event was due, and how late requests left, in milliseconds. */
  readonly scheduleStart: number;
  readonly lateness: Spread;
}

/** One request at a time; answers its status. */
interface Line {
  send(bytes: Buffer, answered: (status: number) => void): void;
  close(): void;
}

async function openLine(port: number): Promise<Line> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let answered: ((status: number) => void) | undefined;
  readMessages(socket, (bytes, start) => {
    const take = answered;
    answered = undefined;
    // "HTTP/1.1 202": the digits start nine bytes in.
    take?.(Number(bytes.toString("latin1", start + 9, start + 12)));
  });
  socket.on("close", () => answered?.(0));
  socket.on("error", () => socket.destroy());
  await once(socket, "connect");
  return {
    send(bytes, then) {
      answered = then;
      socket.write(bytes);
    },
    close: () => socket.destroy(),
  };
}

/** Counts answers while a load runs. */
function startTally() {
  const refused: Record<string, number> = {};
  const answers: number[] = [];
  let accepted = 0;
  return {
    note(status: number, events: number, sinceMs: number): void {
      answers.push(nowMs() - sinceMs);
      if (status === 202) accepted += events;
      else refused[status] = (refused[status] ?? 0) + 1;
    },
    result: () => ({ accepted, refused, answers: spreadOf(Float64Array.from(answers)) }),
  };
}

async function runClosed(load: ClosedLoad): Promise<LoadReport> {
  const { batchSize } = load;
  const tally = startTally();
  const lines = await openLines(load.connections, load.destination.port);
  const startedAt = nowMs();
  const stopAt = startedAt + load.maxMs;
  let sent = 0;

  function drive(line: Line, finish: () => void): void {
    const request = renderRequest(load.destination, load);
    const next = (): void => {
      const sentAt = nowMs();
      if (sent + batchSize > load.maxEvents || sentAt >= stopAt) {
        finish();
        return;
      }
      request.number(load.first + sent);
      sent += batchSize;
      line.send(request.bytes, (status) => {
        tally.note(status, batchSize, sentAt);
        if (status === 0) finish();
        else next();
      });
    };
    next();
  }

  await Promise.all(lines.map((line) => new Promise<void>((resolve) => drive(line, resolve))));
  const endedAt = nowMs();
  for (const line of lines) line.close();
  return { sent, startedAt, endedAt, ...tally.result(), scheduleStart: startedAt, lateness: spreadOf(noSamples) };
}

const noSamples = new Float64Array(0);
/** Open before the schedule starts; more are opened as they are needed, up to a thousand requests without an answer. */
const readyLines = 32;
const maxLines = 1000;
const leadMs = 50;

async function runOpen(load: OpenLoad): Promise<LoadReport> {
  const tally = startTally();
  const free = [...(await openLines(readyLines, load.destination.port))];
  const lines = new Set(free);
  const request = renderRequest(load.destination, { batchSize: 1 });
  const lateness = new Float64Array(load.events);
  const scheduleStart = nowMs() + leadMs;
  let answered = 0;

  async function lineForNext(): Promise<Line> {
    const line = free.pop();
    if (line !== undefined) return line;
    if (lines.size >= maxLines) throw new Error(`${maxLines} requests are without an answer`);
    const opened = await openLine(load.destination.port);
    lines.add(opened);
    return opened;
  }

  async function send(index: number, dueAt: number): Promise<void> {
    const line = await lineForNext();
    request.number(load.first + index);
    lateness[index] = nowMs() - dueAt;
    // A copy, since the next number is written while these bytes may still wait in the socket.
    await new Promise<void>((resolve) => {
      line.send(Buffer.from(request.bytes), (status) => {
        tally.note(status, 1, dueAt);
        free.push(line);
        answered += 1;
        resolve();
      });
    });
  }

  await followSchedule(load, scheduleStart, send);
  for (const line of lines) line.close();
  return {
    sent: answered,
    startedAt: scheduleStart,
    endedAt: nowMs(),
    ...tally.result(),
    scheduleStart,
    lateness: spreadOf(lateness),
  };
}

/** Looks every millisecond at what has come due, and resolves when all of it is answered. */
async function followSchedule(
  { events, perSecond }: OpenLoad,
  start: number,
  send: (index: number, dueAt: number) => Promise<void>,
): Promise<void> {
  const under: Promise<void>[] = [];
  const dueAt = (index: number): number => start + (index * 1000) / perSecond;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      while (under.length < events && dueAt(under.length) <= nowMs())
        under.push(send(under.length, dueAt(under.length)));
      if (under.length < events) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  await Promise.all(under);
}

function openLines(count: number, port: number): Promise<readonly Line[]> {
  return Promise.all(Array.from({ length: count }, () => openLine(port)));
}

answerQuestions<LoadQuestion, LoadReport>((load) => (load.kind === "closed" ? runClosed(load) : runOpen(load)));
