// A process of the bench: the target of all deliveries. Answers 204, and notes of each event when it arrived first and how
// often it came again. A second port takes connections and requests, and never answers.
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { nowMs } from "./clock.ts";
import { readMessages } from "./messages.ts";
import { readNumber } from "./payload.ts";
import { answerQuestions } from "./peer.ts";

export type ReceiverQuestion =
  | { readonly kind: "ports" }
  /** Forgets all, and expects `count` events from the number `first` on. */
  | { readonly kind: "expect"; readonly first: number; readonly count: number }
  | { readonly kind: "progress" }
  /** The time of each expected event's first arrival, by its number; 0 for one that has not come. */
  | { readonly kind: "arrivals" };

export interface Progress {
  /** Different events that have arrived. */
  readonly arrived: number;
  /** Arrivals of events that had arrived before. */
  readonly duplicates: number;
  /** Arrivals of events that nobody expected. */
  readonly strays: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface ReceiverPorts {
  readonly answering: number;
  readonly silent: number;
}

export type ReceiverAnswer = ReceiverPorts | Progress | Float64Array | null;

const noContent = "HTTP/1.1 204 No Content\r\n\r\n";

let first = 0;
let arrivals = new Float64Array(0);
let progress = { arrived: 0, duplicates: 0, strays: 0, firstAt: 0, lastAt: 0 };

function expect(from: number, count: number): void {
  first = from;
  arrivals = new Float64Array(count);
  progress = { arrived: 0, duplicates: 0, strays: 0, firstAt: 0, lastAt: 0 };
}

function note(number: number): void {
  const at = nowMs();
  const index = number - first;
  const before = arrivals[index];
  if (before === undefined) progress.strays += 1;
  else if (before > 0) progress.duplicates += 1;
  else {
    arrivals[index] = at;
    progress.arrived += 1;
    if (progress.firstAt === 0) progress.firstAt = at;
    progress.lastAt = at;
  }
}

function receive(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  readMessages(socket, (bytes, _start, bodyStart, end) => {
    note(readNumber(bytes, bodyStart, end));
    socket.write(noContent, "latin1");
  });
}

async function listen(handle: (socket: Socket) => void): Promise<number> {
  const server = createServer(handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  // A listening TCP server's address is never text or null.
  return (server.address() as AddressInfo).port;
}

const ports: ReceiverPorts = {
  answering: await listen(receive),
  silent: await listen((socket) => socket.on("error", () => socket.destroy()).resume()),
};

answerQuestions<ReceiverQuestion, ReceiverAnswer>((question) => {
  switch (question.kind) {
    case "ports":
      return ports;
    case "expect":
      expect(question.first, question.count);
      return null;
    case "progress":
      return progress;
    case "arrivals":
      return arrivals;
    default:
      return question satisfies never;
  }
});
