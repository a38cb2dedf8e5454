// The words of Space Cloud's custom events (SEEDS §1): what its clients queue, what its webhooks are sent, what they answer.
// Only reading and writing: when an event is due, and who may publish what, is decided elsewhere.
import { encodeUtf8 } from "./bytes.ts";
import { decodeStructured, type EncodedMessage } from "./cloudevents.ts";
import {
  maxFaults,
  type Problem,
  pointerInto,
  problem,
  type Result,
  showName,
  success,
  type WireFault,
} from "./errors.ts";
import { brokenRule, type Event, type EventData } from "./event.ts";
import {
  decodeUtf8,
  type JsonElement,
  type JsonMember,
  type JsonSpan,
  numberOf,
  readString,
  scanJson,
} from "./json.ts";
import { jsonTextOf } from "./plain-data.ts";
import { maxInstantMs, parseTimestamp } from "./timestamp.ts";

export interface QueueRequest {
  readonly type: string;
  /** Seconds after `timestamp`, or after now; at least 0, fractions are allowed. */
  readonly delay?: number;
  /** Milliseconds since 1970, or RFC 3339. */
  readonly timestamp?: number | string;
  readonly data?: EventData;
  /** The caller waits for the webhook's answer. */
  readonly isSynchronous: boolean;
  /** What is legal but looks like a slip, one sentence each. */
  readonly warnings: readonly string[];
}

/** Reads the body of a queue request. `payload`, which the real system reads, is another name for `data`. */
export function decodeQueueRequest(text: string): Result<QueueRequest> {
  const scanned = scanJson(text);
  if (!scanned.ok) return scanned;
  const faults: WireFault[] = [];
  const request = readQueueItem(text, scanned.value, "#", faults);
  return request === undefined ? { ok: false, faults } : success(request);
}

type QueueDraft = { -readonly [Name in keyof QueueRequest]?: QueueRequest[Name] };

/** Undefined when it has added to `faults`. */
function readQueueItem(
  text: string,
  element: JsonElement,
  pointer: string,
  faults: WireFault[],
): QueueRequest | undefined {
  const faultsBefore = faults.length;
  const draft: QueueDraft = {};
  for (const member of element.members) {
    if (faults.length >= maxFaults) break;
    const found = readQueueMember(draft, text, member);
    if (found !== undefined) faults.push({ ...found, pointer: pointerInto(pointer, member.name) });
  }
  if (element.kind !== "object")
    faults.push({ ...problem("wrong_type", "an event to queue must be a JSON object"), pointer });
  else if (!element.members.some(({ name, kind }) => name === "type" && kind !== "null"))
    faults.push({ ...problem("missing_attribute", "type is required"), pointer: pointerInto(pointer, "type") });
  if (faults.length > faultsBefore) return undefined;
  const { type = "", isSynchronous = false, ...rest } = draft;
  return { type, isSynchronous, ...rest, warnings: warningsOf(draft) };
}

function readQueueMember(draft: QueueDraft, text: string, member: JsonMember): Problem | undefined {
  switch (member.name) {
    case "data":
    case "payload":
      if (draft.data !== undefined) return problem("conflicting_fields", "data and payload must not both be there");
      draft.data = { kind: "json", text: text.slice(member.start, member.end) };
      return undefined;
    case "type":
      return member.kind === "null" ? undefined : readType(draft, text, member);
    case "delay":
      return member.kind === "null" ? undefined : readDelay(draft, text, member);
    case "timestamp":
      return member.kind === "null" ? undefined : readTimestamp(draft, text, member);
    case "isSynchronous":
      return member.kind === "null" ? undefined : readSynchronous(draft, member);
    default:
      return problem("unknown_field", `${showName(member.name)} is no field; known are ${knownFields}`);
  }
}

const knownFields = "type, delay, timestamp, data (or payload) and isSynchronous";

function readType(draft: QueueDraft, text: string, { kind, start, end }: JsonSpan): Problem | undefined {
  if (kind !== "string") return problem("wrong_type", "type must be a string");
  const type = readString(text, start, end);
  const rule = brokenRule("type", type);
  if (rule !== undefined) return problem("invalid_attribute", `type ${rule}`);
  draft.type = type;
  return undefined;
}

function readDelay(draft: QueueDraft, text: string, span: JsonSpan): Problem | undefined {
  const seconds = numberOf(text, span);
  if (!(seconds >= 0 && Number.isFinite(seconds)))
    return problem("invalid_field", "delay must be a number of seconds, at least 0");
  draft.delay = seconds;
  return undefined;
}

function readTimestamp(draft: QueueDraft, text: string, span: JsonSpan): Problem | undefined {
  const isText = span.kind === "string";
  const value = isText ? readString(text, span.start, span.end) : numberOf(text, span);
  const isInstant = typeof value === "string" ? parseTimestamp(value) !== undefined : Math.abs(value) <= maxInstantMs;
  if (!isInstant) return problem("invalid_field", "timestamp must be milliseconds since 1970, or RFC 3339");
  draft.timestamp = value;
  return undefined;
}

function readSynchronous(draft: QueueDraft, { kind, start, end }: JsonSpan): Problem | undefined {
  if (kind !== "boolean") return problem("wrong_type", "isSynchronous must be true or false");
  draft.isSynchronous = end - start === "true".length;
  return undefined;
}

/** The document's own example is in seconds although its table says milliseconds (SEEDS §1). */
function warningsOf({ timestamp }: QueueDraft): readonly string[] {
  if (typeof timestamp !== "number" || timestamp >= earliestLikelyMs) return [];
  return [`timestamp ${timestamp} looks like seconds; it was read as milliseconds since 1970`];
}

/** March 1973 in milliseconds; as seconds it is the year 5138. */
const earliestLikelyMs = 1e11;

// ── The webhook ────────────────────────────────────────────────────────────────────────────────────────────────────

const webhookHeaders = Object.freeze({ "content-type": "application/json" });

/**
 * Writes the webhook of the document to the letter. It has no place for subject, extensions or a media type: a string of
 * another type becomes a JSON string, bytes become base64, and no data is null.
 */
export function encodeWebhook(event: Event): EncodedMessage {
  const time = event.time === undefined ? "null" : JSON.stringify(event.time);
  const text =
    `{"specversion":"1.0-rc1","id":${JSON.stringify(event.id)},"type":${JSON.stringify(event.type)},` +
    `"source":${JSON.stringify(event.source)},"time":${time},"data":${jsonTextOf(event.data) ?? "null"}}`;
  return { headers: webhookHeaders, body: encodeUtf8(text) };
}

/** Reads the webhook, of this platform or of a Space Cloud (which says "1.0" since v0.20). Null data is read as no data. */
export function decodeWebhook(body: Uint8Array): Result<Event> {
  const text = decodeUtf8(body);
  if (!text.ok) return text;
  const decoded = decodeStructured(text.value, { acceptRc1: true });
  if (!decoded.ok || decoded.value.data?.kind !== "json" || decoded.value.data.text !== "null") return decoded;
  const { data: _none, ...event } = decoded.value;
  return success(event);
}

// ── What a webhook answers ─────────────────────────────────────────────────────────────────────────────────────────

export interface WebhookAnswer {
  /** To be published next, `event` before `events`. */
  readonly events: readonly QueueRequest[];
  /** For a synchronous caller: JSON text, verbatim. */
  readonly response?: string;
  /** Present and not empty: the webhook failed in its own words. */
  readonly error?: string;
  /** What is wrong with events that were answered; those are not in `events`. */
  readonly faults: readonly WireFault[];
}

const nothing: WebhookAnswer = Object.freeze({ events: Object.freeze([]), faults: Object.freeze([]) });

/** Reads an answer's body. Whatever is not a JSON object says nothing, which is no fault: the status alone decides then. */
export function decodeWebhookAnswer(body: Uint8Array): WebhookAnswer {
  if (!beginsAnObject(body)) return nothing;
  const text = decodeUtf8(body);
  if (!text.ok) return nothing;
  const scanned = scanJson(text.value);
  return scanned.ok ? readAnswer(text.value, scanned.value.members) : nothing;
}

/** Most answers are empty or a word: they need not be decoded to be told from an object. */
function beginsAnObject(body: Uint8Array): boolean {
  const first = body.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  return first === 0x7b;
}

function readAnswer(text: string, members: readonly JsonMember[]): WebhookAnswer {
  const faults: WireFault[] = [];
  const value = (name: string): JsonMember | undefined =>
    members.find((member) => member.name === name && member.kind !== "null");
  const response = members.find((member) => member.name === "response");
  const error = errorText(text, value("error"));
  const events = [...readAnswered(text, value("event"), faults), ...readAnswered(text, value("events"), faults)];
  return {
    events,
    faults,
    ...(response === undefined ? {} : { response: text.slice(response.start, response.end) }),
    ...(error === "" ? {} : { error }),
  };
}

function errorText(text: string, error: JsonMember | undefined): string {
  if (error === undefined) return "";
  return error.kind === "string" ? readString(text, error.start, error.end) : text.slice(error.start, error.end);
}

function readAnswered(text: string, member: JsonMember | undefined, faults: WireFault[]): readonly QueueRequest[] {
  if (member === undefined) return [];
  const pointer = pointerInto("#", member.name);
  const value = text.slice(member.start, member.end);
  const scanned = scanJson(value);
  const wanted = member.name === "event" ? "object" : "array";
  if (!scanned.ok || scanned.value.kind !== wanted) {
    faults.push({ ...problem("wrong_type", `${member.name} must be a JSON ${wanted}`), pointer });
    return [];
  }
  if (wanted === "object") return [readQueueItem(value, scanned.value, pointer, faults)].filter(isRead);
  return scanned.value.elements
    .map((element, index) => readQueueItem(value, element, pointerInto(pointer, index), faults))
    .filter(isRead);
}

function isRead(item: QueueRequest | undefined): item is QueueRequest {
  return item !== undefined;
}
