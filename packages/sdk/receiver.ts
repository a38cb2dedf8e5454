// Receives events: verify, decode, type, deduplicate, hand over, answer. `receive` shows the whole way; the steps are in the
// files beside it. It works on raw bytes and knows no HTTP framework; adapters bring it both.
import type { MessageHeaders } from "@posthorn/wire/cloudevents";
import type { WireFault } from "@posthorn/wire/errors";
import { type EventMap, type Events, type EventType, issuesText, type OpenEvents } from "./catalogue.ts";
import type { Claims } from "./claims.ts";
import { decodeMessage } from "./decode-message.ts";
import { allowedMethods, answerHandshake, type HandshakeOptions } from "./handshake.ts";
import { type Outside, systemOutside } from "./outside.ts";
import { type RawBody, readRequestBody } from "./raw-body.ts";
import { type ReceivedEvent, type ReceivedFormat, receivedEvent } from "./received-event.ts";
import { answerOf, type Reception } from "./reception.ts";
import { alreadyParsed, type Refusal, refusal } from "./refusal.ts";
import { createVerify, type Secrets, type Verify } from "./verify-message.ts";

/**
 * Does the work of an event. A Response that it answers is sent as it is, such as 202 for work that is only begun; anything
 * else means 200. When it throws, or answers a status that is no success, the sender tries again.
 */
export type Handler<Type extends string = string, Data = unknown> = (event: ReceivedEvent<Type, Data>) => unknown;

export interface ReceiverOptions<Known extends EventMap> {
  /** The secret of the trigger; see `Secrets`. */
  readonly secret: Secrets;
  /** What is not defined here is refused, unless there is a fallback. Without it every type is taken, as it is. */
  readonly events?: Events<Known>;
  /** Where duplicates are remembered; without it every try is handled. */
  readonly claims?: Claims;
  /** How long a handler may take before the next try is let in, in milliseconds; 60,000 if not given. */
  readonly leaseMs?: number;
  /** The formats that are taken; all if not given. In `cloudevents-binary` the signature does not cover the attributes. */
  readonly formats?: readonly ReceivedFormat[];
  /** How far the clock of the sender may be off, in seconds; 300 if not given. */
  readonly toleranceSeconds?: number;
  /** The largest body that is read; 2 MiB if not given: the largest event of a Posthorn with its own limits, in any format. */
  readonly maxBodyBytes?: number;
  readonly handshake?: HandshakeOptions;
  /** Told of every message and what became of it: for logs and figures. Must not throw. */
  readonly observe?: (reception: Reception) => void;
  /** Clock and chance; for tests. */
  readonly outside?: Outside;
}

/** A message as an adapter brings it. */
export interface IncomingMessage {
  readonly method: string;
  readonly headers: MessageHeaders;
  /** Read only when the message is one to be read. */
  readonly readBody: (maxBytes: number) => Promise<RawBody>;
}

export interface Receiver<Known extends EventMap> {
  /** Sets the handler of one type of event. */
  on<Type extends EventType<Known>>(type: Type, handler: Handler<Type, Known[Type]["received"]>): Receiver<Known>;
  /** Sets the handler of all other events, known and unknown; their data is not checked. */
  fallback(handler: Handler): Receiver<Known>;
  /** Takes a request of the fetch standard, whose body nobody has read, and answers it. */
  fetch(request: Request): Promise<Response>;
  /** The same for adapters: any HTTP framework. */
  respond(message: IncomingMessage): Promise<Response>;
  readonly maxBodyBytes: number;
}

const defaultMaxBodyBytes = 2 * 1024 * 1024;

/** Makes a receiver. Throws a TypeError for a secret that is none. */
export function receiver<Known extends EventMap = OpenEvents>(options: ReceiverOptions<Known>): Receiver<Known> {
  const { events, claims, formats, leaseMs = 60_000, toleranceSeconds = 300, outside = systemOutside } = options;
  const parts: Parts = {
    events,
    claims,
    formats,
    leaseMs,
    outside,
    maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
    verify: createVerify(options.secret, toleranceSeconds),
    handlers: new Map(),
    fallback: undefined,
  };
  const respond = async (message: IncomingMessage): Promise<Response> => {
    if (message.method === "OPTIONS") return answerHandshake(message.headers, options.handshake ?? {});
    if (message.method !== "POST") return new Response(null, { status: 405, headers: { allow: allowedMethods } });
    const reception = await receive(parts, message).catch(brokenOff);
    options.observe?.(reception);
    return answerOf(reception);
  };
  const made: Receiver<Known> = {
    on(type, handler) {
      // The schema of the type makes the data that the handler takes.
      parts.handlers.set(type, handler as Handler);
      return made;
    },
    fallback(handler) {
      parts.fallback = handler;
      return made;
    },
    fetch: (request) =>
      respond({
        method: request.method,
        headers: Object.fromEntries(request.headers),
        readBody: (maxBytes) => readRequestBody(request, maxBytes),
      }),
    respond,
    maxBodyBytes: parts.maxBodyBytes,
  };
  return made;
}

interface Parts {
  readonly events: Pick<Events, "validate"> | undefined;
  readonly claims: Claims | undefined;
  readonly leaseMs: number;
  readonly formats: readonly ReceivedFormat[] | undefined;
  readonly maxBodyBytes: number;
  readonly outside: Outside;
  readonly verify: Verify;
  readonly handlers: Map<string, Handler>;
  fallback: Handler | undefined;
}

async function receive(parts: Parts, message: IncomingMessage): Promise<Reception> {
  const body = await message.readBody(parts.maxBodyBytes);
  if (body.kind !== "bytes") return refused(bodyRefusal(body, parts.maxBodyBytes));
  const verification = await parts.verify(message.headers, body.bytes, parts.outside.now());
  if ("refusal" in verification) return refused(verification.refusal);
  const decoded = decode(parts, message.headers, body.bytes, verification.messageId);
  if ("refusal" in decoded) return refused(decoded.refusal);
  const tasks: Task[] = [];
  for (const event of decoded.events) {
    const task = await prepare(parts, event);
    if ("refusal" in task) return refused(task.refusal);
    tasks.push(task);
  }
  return handleAll(parts, tasks);
}

/** The sender hung up, or the claims could not be reached: nothing may come of it but the next try. */
function brokenOff(error: unknown): Reception {
  return { outcome: "failed", event: undefined, error, response: undefined };
}

function refused(why: Refusal): Reception {
  return { outcome: "refused", refusal: why };
}

function bodyRefusal(body: Exclude<RawBody, { readonly kind: "bytes" }>, maxBytes: number): Refusal {
  if (body.kind === "parsed") return alreadyParsed(body.remedy);
  return refusal("bad_payload", `the body must not be larger than ${maxBytes} bytes`, 413);
}

// ── Decode ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Decoding = { readonly events: readonly ReceivedEvent[] } | { readonly refusal: Refusal };

function decode(parts: Parts, headers: MessageHeaders, bytes: Uint8Array, messageId: string | undefined): Decoding {
  const decoded = decodeMessage(headers, bytes);
  if (decoded === undefined) return { refusal: refusal("bad_payload", "this format of CloudEvents is not known", 415) };
  if (!decoded.ok) return { refusal: refusal("bad_payload", faultsText(decoded.faults)) };
  const { format, events } = decoded.value;
  if (parts.formats !== undefined && !parts.formats.includes(format))
    return { refusal: refusal("bad_payload", `the format ${format} is not taken here`, 415) };
  // Without a signature the event's own name has to do. The parts of a batch share the message's id.
  const idOf = ({ source, id }: (typeof events)[number], index: number): string =>
    messageId === undefined ? `${source} ${id}` : format === "cloudevents-batch" ? `${messageId}/${index}` : messageId;
  return { events: events.map((event, index) => receivedEvent(event, format, idOf(event, index))) };
}

function faultsText(faults: readonly WireFault[]): string {
  return faults.map(({ detail, pointer }) => (pointer === "#" ? detail : `${detail} (${pointer})`)).join("; ");
}

// ── Type ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Task {
  readonly event: ReceivedEvent;
  readonly handler: Handler;
}

/** The handler of an event, and its data as that handler takes it. */
async function prepare(parts: Parts, event: ReceivedEvent): Promise<Task | { readonly refusal: Refusal }> {
  const handler = parts.handlers.get(event.type);
  if (handler === undefined)
    return parts.fallback === undefined
      ? { refusal: refusal("unknown_type", `nothing here handles events of the type ${JSON.stringify(event.type)}`) }
      : { event, handler: parts.fallback };
  if (parts.events === undefined) return { event, handler };
  const validation = await parts.events.validate(event.type, event.data);
  if (validation.ok) return { event: { ...event, data: validation.data }, handler };
  const message = `the data of ${event.type} is not what it should be: ${issuesText(validation.issues)}`;
  return { refusal: refusal("bad_payload", message) };
}

// ── Hand over ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** One after the other. What was handled before something failed is not handled again, where claims are kept. */
async function handleAll(parts: Parts, tasks: readonly Task[]): Promise<Reception> {
  const handled: ReceivedEvent[] = [];
  const duplicates: ReceivedEvent[] = [];
  let response: Response | undefined;
  for (const { event, handler } of tasks) {
    const claim = await parts.claims?.claim(event.messageId, parts.leaseMs);
    if (claim?.kind === "busy") return { outcome: "busy", event, forMs: claim.forMs };
    if (claim?.kind === "done") {
      duplicates.push(event);
      continue;
    }
    const verdict = await attempt(event, handler);
    const hasFailed = verdict.outcome === "failed";
    if (claim !== undefined && hasFailed) await parts.claims?.release(event.messageId, claim.token);
    if (hasFailed) return verdict;
    if (claim !== undefined) await parts.claims?.confirm(event.messageId, claim.token);
    handled.push(event);
    response = verdict.response;
  }
  return { outcome: "handled", handled, duplicates, response };
}

type Verdict =
  | Extract<Reception, { outcome: "failed" }>
  | { readonly outcome: "done"; readonly response: Response | undefined };

async function attempt(event: ReceivedEvent, handler: Handler): Promise<Verdict> {
  try {
    const answer = await handler(event);
    const response = answer instanceof Response ? answer : undefined;
    if (response === undefined || response.ok) return { outcome: "done", response };
    return { outcome: "failed", event, error: undefined, response };
  } catch (error) {
    return { outcome: "failed", event, error, response: undefined };
  }
}
