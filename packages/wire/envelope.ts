// Gathers the attributes and the data of one event, whatever they are written in: the members of a JSON object (CloudEvents
// structured, native, the Space Cloud webhook) or HTTP headers. Every fault is collected, not only the first.
import { decodeBase64 } from "./base64.ts";
import { maxFaults, type Problem, pointerInto, problem, showName, type WireFault } from "./errors.ts";
import {
  brokenRule,
  type CoreAttribute,
  type Event,
  type EventData,
  type ExtensionValue,
  isAttributeInteger,
  isAttributeText,
  isCoreAttribute,
  isExtensionName,
  noExtensions,
  textRule,
} from "./event.ts";
import { type JsonElement, type JsonMember, type JsonSpan, readString } from "./json.ts";
import { isJsonMediaType } from "./media-type.ts";

/** What is known of an event so far: required attributes may be missing. */
export type PartialEvent = { -readonly [Name in keyof Event]?: Event[Name] } & { extensions: Event["extensions"] };

export interface DecodeOptions {
  /** How deep the JSON may nest, the envelope included. */
  readonly maxDepth?: number;
  /** Read specversion "1.0-rc1" as the "1.0" it became; otherwise it is refused. */
  readonly acceptRc1?: boolean;
}

export interface EnvelopeRules {
  readonly required: readonly (CoreAttribute | "specversion")[];
  readonly acceptRc1: boolean;
  /** Members that the caller's own shape adds and the caller reads. */
  readonly ownFields?: ReadonlySet<string>;
  /** The fault of a name that is neither an attribute nor known otherwise. */
  readonly unknownName: "invalid_attribute_name" | "unknown_field";
}

export const cloudEventsRequired = ["specversion", "id", "source", "type"] as const;

/** Sets a core attribute, unless it breaks its rule. `label` is how the sender wrote the name. */
export function setCore(event: PartialEvent, name: CoreAttribute, value: string, label: string): Problem | undefined {
  const rule = brokenRule(name, value);
  if (rule !== undefined) return problem("invalid_attribute", `${label} ${rule}`);
  event[name] = value;
  return undefined;
}

/** Sets an extension whose name has been checked. */
export function setExtension(
  event: PartialEvent,
  name: string,
  value: ExtensionValue,
  label: string,
): Problem | undefined {
  if (typeof value === "string" && !isAttributeText(value)) return problem("invalid_attribute", `${label} ${textRule}`);
  const extensions: Record<string, ExtensionValue> =
    event.extensions === noExtensions ? Object.create(null) : event.extensions;
  extensions[name] = value;
  event.extensions = extensions;
  return undefined;
}

export function checkSpecversion(value: string, label: string, acceptRc1: boolean): Problem | undefined {
  if (value === "1.0" || (acceptRc1 && value === "1.0-rc1")) return undefined;
  return problem("unsupported_specversion", `${label} must be "1.0", not ${showName(value)}`);
}

/** Reads the members of one JSON object; null means absent (CEJ-2). When faults were added, the answer is no event. */
export function readEnvelope(
  text: string,
  object: JsonElement,
  pointer: string,
  faults: WireFault[],
  rules: EnvelopeRules,
): PartialEvent {
  const event: PartialEvent = { extensions: noExtensions };
  let data: JsonMember | undefined;
  let base64: JsonMember | undefined;
  for (const member of object.members) {
    if (faults.length >= maxFaults) return event;
    const { name } = member;
    if (name === "data") data = member;
    else if (member.kind === "null" || rules.ownFields?.has(name) === true) continue;
    else if (name === "data_base64") base64 = member;
    else {
      const found = readAttribute(event, text, member, rules);
      if (found !== undefined) faults.push({ ...found, pointer: pointerInto(pointer, name) });
    }
  }
  for (const name of rules.required)
    if (!isGiven(object, name))
      faults.push({ ...problem("missing_attribute", `${name} is required`), pointer: pointerInto(pointer, name) });
  if (data !== undefined || base64 !== undefined) setData(event, text, data, base64, pointer, faults);
  return event;
}

function isGiven(object: JsonElement, name: string): boolean {
  for (const member of object.members) if (member.name === name) return member.kind !== "null";
  return false;
}

function readAttribute(
  event: PartialEvent,
  text: string,
  member: JsonMember,
  rules: EnvelopeRules,
): Problem | undefined {
  const { name, kind } = member;
  if (isCoreAttribute(name) || name === "specversion") {
    if (kind !== "string") return problem("wrong_type", `${name} must be a string`);
    const value = readString(text, member.start, member.end);
    return name === "specversion" ? checkSpecversion(value, name, rules.acceptRc1) : setCore(event, name, value, name);
  }
  if (!isExtensionName(name)) return problem(rules.unknownName, unknownNameDetail(name, rules));
  const value = extensionValue(text, member);
  if (value !== undefined) return setExtension(event, name, value, name);
  return problem("wrong_type", `the extension ${name} must be a string, a boolean or a 32-bit integer`);
}

function unknownNameDetail(name: string, rules: EnvelopeRules): string {
  const quoted = showName(name);
  return rules.unknownName === "unknown_field"
    ? `${quoted} is no field of an event, and no extension either: those are made of a-z and 0-9`
    : `${quoted} is no attribute name: those are made of a-z and 0-9`;
}

/** The value of an extension in JSON (CEJ-8), undefined when it is of no type that an attribute can have. */
function extensionValue(text: string, { kind, start, end }: JsonSpan): ExtensionValue | undefined {
  if (kind === "string") return readString(text, start, end);
  if (kind === "boolean") return end - start === 4;
  if (kind !== "number") return undefined;
  const digits = text.slice(start, end);
  // The integer part of a JSON number alone: 1.0 and 1e2 are no Integers, although their values are whole (CE-10).
  if (/[.eE]/.test(digits)) return undefined;
  const value = Number(digits);
  return isAttributeInteger(value) ? value + 0 : undefined;
}

function setData(
  event: PartialEvent,
  text: string,
  data: JsonMember | undefined,
  base64: JsonMember | undefined,
  pointer: string,
  faults: WireFault[],
): void {
  if (data !== undefined && base64 !== undefined) {
    faults.push({ ...problem("conflicting_fields", "data and data_base64 must not both be there"), pointer });
    return;
  }
  const read = data === undefined ? base64 && readBinary(text, base64) : readData(text, data, event.datacontenttype);
  if (typeof read === "object") event.data = read;
  else if (read !== undefined)
    faults.push({ ...problem("invalid_data", read), pointer: pointerInto(pointer, data?.name ?? "data_base64") });
}

/** The data of a `data` member, taken verbatim when it is JSON (CEJ-4 to CEJ-6), or what is wrong with it. */
function readData(text: string, { kind, start, end }: JsonSpan, mediaType: string | undefined): EventData | string {
  if (mediaType === undefined || isJsonMediaType(mediaType)) return { kind: "json", text: text.slice(start, end) };
  if (kind !== "string") return `data must be a string, since datacontenttype ${mediaType} is not JSON`;
  const content = readString(text, start, end);
  // An unpaired surrogate cannot be written as UTF-8, so the data could not arrive as it was sent.
  return content.isWellFormed() ? { kind: "text", text: content } : "data must not hold unpaired surrogates";
}

function readBinary(text: string, { kind, start, end }: JsonSpan): EventData | string {
  const bytes = kind === "string" ? decodeBase64(readString(text, start, end)) : undefined;
  return bytes === undefined ? "data_base64 must be base64 with padding (RFC 4648 §4)" : { kind: "binary", bytes };
}
