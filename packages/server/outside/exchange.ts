// One request and its answer: waits for a connection, sends, captures what comes back up to a cap, and says in a value
// how it ended. One timer covers all of it. The path of every delivery leads through here, so the common case stays
// cheap.
import type { Socket } from "node:net";
import type { Dispatcher } from "undici";
import type { Connection, Lane, Seeker } from "./connections.ts";
import { type Endpoint, refusedCode } from "./connector.ts";
import { decodeBody } from "./decoding.ts";
import { codeOf, describeFailure, describeTimeout, type Phase } from "./failures.ts";

export interface OutgoingRequest {
  readonly method: "POST" | "OPTIONS" | "GET";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /**
   * For everything together: waiting for a connection, name, TCP, TLS, sending, the answer's headers and its whole
   * body.
   */
  readonly timeoutMs: number;
  /** Reading stops when the body is longer, and decoding of a compressed one as well. */
  readonly maxResponseBytes: number;
  readonly signal?: AbortSignal;
}

export type Exchange =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** Names in lower case; several headers of one name are joined with ", ". */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Uint8Array;
      /** The body was longer than the cap, or was cut off. */
      readonly truncated: boolean;
    }
  | { readonly kind: "timeout"; readonly phase: Phase; readonly detail: string }
  | { readonly kind: "network"; readonly phase: Phase; readonly detail: string }
  /** Policy forbids it, or it is no request that could be sent; nothing was. */
  | { readonly kind: "refused"; readonly detail: string }
  /** The signal, or the network was closed. */
  | { readonly kind: "aborted" };

/** Where a request goes, once its URL has passed the guard. */
export interface Destination {
  readonly origin: string;
  readonly endpoint: Endpoint;
  /** Path and query. */
  readonly path: string;
}

type Settle = (exchange: Exchange) => void;

interface Progress {
  readonly request: OutgoingRequest;
  readonly destination: Destination;
  readonly lane: Lane;
  readonly seeker: Seeker;
  readonly settle: Settle;
  timer: NodeJS.Timeout | undefined;
  connection: Connection | undefined;
  controller: Dispatcher.DispatchController | undefined;
  /** 0 until the headers of the final answer are there. */
  status: number;
  headers: Readonly<Record<string, string>>;
  chunks: Uint8Array[];
  size: number;
  /**
   * Bytes of the request still wait on this side. Not noticed for requests that fit into the socket's buffer at once.
   */
  isSending: boolean;
  /** The answer began before the whole request had left. */
  isEarly: boolean;
  isOver: boolean;
}

/** undici's words for a header or a path that would break the request. */
const notSentCodes = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED"]);
const noBytes = new Uint8Array(0);
/** undici wants a reason for ending a request; nobody reads it. */
const ended = new Error("the exchange is over");

/**
 * Starts an exchange; `settle` is called once, perhaps at once. The function that comes back calls the exchange off.
 */
export function startExchange(
  request: OutgoingRequest,
  destination: Destination,
  lane: Lane,
  settle: Settle,
): () => void {
  const progress: Progress = {
    request,
    destination,
    lane,
    seeker: { take: (connection) => send(progress, connection) },
    settle,
    timer: undefined,
    connection: undefined,
    controller: undefined,
    status: 0,
    headers: {},
    chunks: [],
    size: 0,
    isSending: false,
    isEarly: false,
    isOver: false,
  };
  progress.timer = setTimeout(runOut, request.timeoutMs, progress);
  lane.seek(progress.seeker);
  return () => fail(progress, { kind: "aborted" });
}

function send(progress: Progress, connection: Connection): void {
  const { request, destination, lane } = progress;
  if (progress.isOver) {
    lane.release(connection);
    return;
  }
  progress.connection = connection;
  const { method, headers, body = null } = request;
  connection.client.dispatch({ path: destination.path, method, headers, body }, handle(progress, connection));
}

function handle(progress: Progress, connection: Connection): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      progress.controller = controller;
      connection.expectAnswer();
    },
    onRequestSent() {
      if (connection.socket?.writableNeedDrain === true) awaitDrain(progress, connection.socket);
    },
    onResponseStart(_controller, status, headers) {
      // 1xx only announce the answer.
      if (status < 200) return;
      progress.status = status;
      progress.headers = joinHeaders(headers);
      progress.isEarly = progress.isSending;
    },
    onResponseData(_controller, chunk) {
      capture(progress, chunk);
    },
    onResponseEnd() {
      if (!progress.isOver) answer(progress, false);
    },
    onResponseError(_controller, error) {
      if (!progress.isOver) breakOff(progress, error);
    },
  };
}

function awaitDrain(progress: Progress, socket: Socket): void {
  progress.isSending = true;
  socket.once("drain", () => {
    progress.isSending = false;
  });
}

function capture(progress: Progress, chunk: Uint8Array): void {
  if (progress.isOver) return;
  const room = progress.request.maxResponseBytes - progress.size;
  const isTooLong = chunk.length > room;
  progress.chunks.push(isTooLong ? chunk.subarray(0, room) : chunk);
  progress.size += Math.min(chunk.length, room);
  if (isTooLong) answer(progress, true);
}

function runOut(progress: Progress): void {
  const phase = phaseOf(progress);
  if (isVerdictEnough(progress)) answer(progress, true);
  else fail(progress, { kind: "timeout", phase, detail: describeWait(progress, phase) });
}

function breakOff(progress: Progress, error: Error): void {
  if (isVerdictEnough(progress)) answer(progress, true);
  else fail(progress, describeBreak(progress, error));
}

function describeBreak(progress: Progress, error: Error): Exchange {
  const code = codeOf(error);
  if (code === refusedCode) return { kind: "refused", detail: error.message };
  if (notSentCodes.has(code)) return { kind: "refused", detail: `the request cannot be sent: ${error.message}` };
  const phase = phaseOf(progress, error);
  const { host, port } = progress.destination.endpoint;
  return { kind: "network", phase, detail: describeFailure({ error, phase, host, port }) };
}

/**
 * Whether the status says all although the body is not complete: a refusal stays one without its body, and a server
 * that answers before it has read the request often cuts the connection. A 2xx whose body breaks off is no proof of
 * success.
 */
function isVerdictEnough({ status, isEarly }: Progress): boolean {
  return status >= 300 || (status >= 200 && isEarly);
}

function answer(progress: Progress, isCutOff: boolean): void {
  const { status, headers, chunks, request, settle } = progress;
  // What is left of the request would be in the way of the next one.
  finish(progress, !isCutOff && !progress.isSending);
  const [only = noBytes] = chunks;
  const body = chunks.length > 1 ? Buffer.concat(chunks) : only;
  const encoding = headers["content-encoding"];
  if (encoding === undefined || body.length === 0) {
    settle({ kind: "answered", status, headers, body, truncated: isCutOff });
    return;
  }
  decodeBody(encoding, body, request.maxResponseBytes).then((decoded) => {
    const truncated = isCutOff || decoded?.truncated === true;
    settle({ kind: "answered", status, headers, body: decoded?.body ?? body, truncated });
  });
}

function fail(progress: Progress, exchange: Exchange): void {
  if (progress.isOver) return;
  finish(progress, false);
  progress.settle(exchange);
}

function finish(progress: Progress, isReusable: boolean): void {
  const { lane, connection, seeker, timer, controller } = progress;
  progress.isOver = true;
  clearTimeout(timer);
  if (connection === undefined) {
    lane.leave(seeker);
  } else if (isReusable) {
    lane.release(connection);
  } else {
    controller?.abort(ended);
    lane.discard(connection);
  }
}

function phaseOf({ status, connection, controller, isSending }: Progress, error?: Error): Phase {
  if (status !== 0) return "body";
  if (connection === undefined) return "connect";
  if (controller === undefined) return connection.phase;
  return isSending || (error !== undefined && failedToWrite(error)) ? "send" : "headers";
}

function failedToWrite(error: Error & { readonly syscall?: string }): boolean {
  return error.syscall === "write" || codeOf(error) === "EPIPE";
}

function describeWait({ connection, destination, request }: Progress, phase: Phase): string {
  if (connection !== undefined) return describeTimeout(phase, request.timeoutMs);
  return `all connections to ${destination.origin} were in use for the ${request.timeoutMs} ms that the try may take`;
}

function joinHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) joined[name] = typeof value === "string" ? value : value.join(", ");
  }
  return joined;
}
