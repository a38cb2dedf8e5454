// The platform's own publish shape (DESIGN §5): an event whose id and source may be left to the platform, with a time to
// deliver it at. A CloudEvent posted as plain JSON is a case of it.
import { type EnvelopeRules, type PartialEvent, readEnvelope } from "./envelope.ts";
import {
  failure,
  maxFaults,
  type Problem,
  pointerInto,
  problem,
  type Result,
  success,
  type WireFault,
} from "./errors.ts";
import { type Event, timestampRule } from "./event.ts";
import { defaultJsonLimits, type JsonElement, type JsonMember, numberOf, readString, scanJson } from "./json.ts";
import { maxInstantMs, parseTimestamp } from "./timestamp.ts";

/** An event as a client tells it. What is missing, the platform fills in. */
export interface NativeEvent extends Omit<Event, "id" | "source"> {
  readonly id?: string;
  readonly source?: string;
  /** When to deliver: RFC 3339, or milliseconds since 1970. Never together with `delay`. */
  readonly deliverAt?: string | number;
  /** Seconds from now, at least 0; fractions are allowed. */
  readonly delay?: number;
}

export interface NativeRequest {
  readonly events: readonly NativeEvent[];
  /** The body was an array, so the answer is one too. */
  readonly isArray: boolean;
}

export interface NativeOptions {
  /** How deep the JSON may nest, the envelope included. */
  readonly maxDepth?: number;
}

const rules: EnvelopeRules = {
  required: ["type"],
  acceptRc1: false,
  ownFields: new Set(["deliverAt", "delay"]),
  unknownName: "unknown_field",
};

/** Reads one event or an array of them; every fault of every event at once, each with its pointer. */
export function decodeNative(text: string, options: NativeOptions = {}): Result<NativeRequest> {
  const scanned = scanJson(text, options.maxDepth === undefined ? defaultJsonLimits : { maxDepth: options.maxDepth });
  if (!scanned.ok) return scanned;
  const { kind, elements } = scanned.value;
  if (kind !== "object" && kind !== "array")
    return failure("wrong_type", "the body must be an event, which is a JSON object, or an array of events");
  const faults: WireFault[] = [];
  if (kind === "object") {
    const event = readEvent(text, scanned.value, "#", faults);
    return faults.length > 0 ? { ok: false, faults } : success({ events: [event], isArray: false });
  }
  const events: NativeEvent[] = [];
  for (const [index, element] of elements.entries()) {
    if (faults.length >= maxFaults) break;
    const pointer = pointerInto("#", index);
    if (element.kind === "object") events.push(readEvent(text, element, pointer, faults));
    else faults.push({ ...problem("wrong_type", "each event must be a JSON object"), pointer });
  }
  return faults.length > 0 ? { ok: false, faults } : success({ events, isArray: true });
}

type NativeDraft = PartialEvent & { deliverAt?: string | number; delay?: number };

function readEvent(text: string, element: JsonElement, pointer: string, faults: WireFault[]): NativeEvent {
  const draft: NativeDraft = readEnvelope(text, element, pointer, faults, rules);
  for (const member of element.members) {
    const found = readSchedule(draft, text, member);
    if (found !== undefined) faults.push({ ...found, pointer: pointerInto(pointer, member.name) });
  }
  if (draft.deliverAt !== undefined && draft.delay !== undefined)
    faults.push({ ...problem("conflicting_fields", "deliverAt and delay must not both be there"), pointer });
  // Without a fault the required attribute, type, is there; with one the caller drops the event.
  return draft as NativeEvent;
}

function readSchedule(draft: NativeDraft, text: string, member: JsonMember): Problem | undefined {
  if (member.kind === "null") return undefined;
  if (member.name === "deliverAt") {
    const value = instantOf(text, member);
    if (value === undefined)
      return problem("invalid_field", `deliverAt ${timestampRule}, or whole milliseconds since 1970`);
    draft.deliverAt = value;
  } else if (member.name === "delay") {
    const seconds = numberOf(text, member);
    if (!(seconds >= 0 && Number.isFinite(seconds)))
      return problem("invalid_field", "delay must be a number of seconds, at least 0");
    draft.delay = seconds;
  }
  return undefined;
}

function instantOf(text: string, span: JsonMember): string | number | undefined {
  if (span.kind === "string") {
    const value = readString(text, span.start, span.end);
    return parseTimestamp(value) === undefined ? undefined : value;
  }
  const value = numberOf(text, span);
  return Number.isInteger(value) && Math.abs(value) <= maxInstantMs ? value : undefined;
}
