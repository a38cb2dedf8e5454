// CloudEvents 1.0 over HTTP, in and out: structured, batched and binary mode (STANDARDS §1). JSON data is copied from text
// to text and never built into values, so that what a sender wrote arrives character for character.
import { encodeBase64 } from "./base64.ts";
import { encodeUtf8 } from "./bytes.ts";
import {
  checkSpecversion,
  cloudEventsRequired,
  type DecodeOptions,
  type EnvelopeRules,
  type PartialEvent,
  readEnvelope,
  setCore,
  setExtension,
} from "./envelope.ts";
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
import { type Event, type EventData, isCoreAttribute, isExtensionName, noExtensions } from "./event.ts";
import { decodeHeaderValue, encodeHeaderValue } from "./header-value.ts";
import { decodeUtf8, defaultJsonLimits, type JsonLimits, scanJson } from "./json.ts";
import { isJsonMediaType, isUtf8TextMediaType, permitsUtf8 } from "./media-type.ts";

export type { DecodeOptions } from "./envelope.ts";

/** Request headers as Node gives them; names in any case. */
export type MessageHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface EncodedMessage {
  /** Names in lower case. Often shared between messages: to add some, copy it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * `none`: no CloudEvent at all, such as a plain JSON request. `unsupported`: a CloudEvent in a format other than JSON,
 * to be answered with 415.
 */
export type ContentMode = "structured" | "batched" | "binary" | "unsupported" | "none";

const eventMediaType = "application/cloudevents";
const structuredMediaType = "application/cloudevents+json";
const batchMediaType = "application/cloudevents-batch+json";

/** Which mode a message is in: by its Content-Type, then by whether any header of a required attribute is there (CEH-2). */
export function detectMode(headers: MessageHeaders): ContentMode {
  let contentType = "";
  let hasRequired = false;
  for (const header in headers) {
    const value = headers[header];
    if (value === undefined) continue;
    if (isContentType(header)) contentType = onlyValue(value) ?? "";
    else if (isEventHeader(header)) hasRequired ||= isRequired(header.slice(3).toLowerCase());
  }
  const mediaType = contentType.trimStart().toLowerCase();
  if (!mediaType.startsWith(eventMediaType)) return hasRequired ? "binary" : "none";
  if (isOfType(mediaType, batchMediaType)) return "batched";
  return isOfType(mediaType, structuredMediaType) ? "structured" : "unsupported";
}

function isContentType(header: string): boolean {
  return header.length === 12 && header.toLowerCase() === "content-type";
}

function isEventHeader(header: string): boolean {
  return (header.charCodeAt(0) | 0x20) === 0x63 && (header.charCodeAt(1) | 0x20) === 0x65 && header[2] === "-";
}

function isRequired(name: string): boolean {
  return name === "specversion" || name === "id" || name === "source" || name === "type";
}

function onlyValue(value: string | readonly string[]): string | undefined {
  if (typeof value === "string") return value;
  return value.length === 1 ? value[0] : undefined;
}

/** The media type itself, with or without parameters. */
function isOfType(contentType: string, mediaType: string): boolean {
  if (!contentType.startsWith(mediaType)) return false;
  const next = contentType.charCodeAt(mediaType.length);
  return Number.isNaN(next) || next === 0x3b || next === 0x20 || next === 0x09;
}

// ── Structured and batched ─────────────────────────────────────────────────────────────────────────────────────────

/** Reads one CloudEvent in the JSON format; all its faults at once. */
export function decodeStructured(text: string, options: DecodeOptions = {}): Result<Event> {
  const scanned = scanJson(text, limitsOf(options));
  if (!scanned.ok) return scanned;
  if (scanned.value.kind !== "object") return failure("wrong_type", "a CloudEvent must be a JSON object");
  const faults: WireFault[] = [];
  const event = readEnvelope(text, scanned.value, "#", faults, structuredRules(options));
  return faults.length > 0 ? { ok: false, faults } : success(complete(event));
}

/** Reads a JSON batch. One bad element makes the batch bad (CEJ-9); every fault points into its element. `[]` is legal. */
export function decodeBatch(text: string, options: DecodeOptions = {}): Result<readonly Event[]> {
  const scanned = scanJson(text, limitsOf(options));
  if (!scanned.ok) return scanned;
  if (scanned.value.kind !== "array") return failure("wrong_type", "a batch of CloudEvents must be a JSON array");
  const faults: WireFault[] = [];
  const events: Event[] = [];
  for (const [index, element] of scanned.value.elements.entries()) {
    if (faults.length >= maxFaults) break;
    const pointer = pointerInto("#", index);
    if (element.kind !== "object")
      faults.push({ ...problem("wrong_type", "each element of a batch must be a JSON object"), pointer });
    else events.push(complete(readEnvelope(text, element, pointer, faults, structuredRules(options))));
  }
  return faults.length > 0 ? { ok: false, faults } : success(events);
}

function limitsOf(options: DecodeOptions): JsonLimits {
  return options.maxDepth === undefined ? defaultJsonLimits : { maxDepth: options.maxDepth };
}

const strictRules: EnvelopeRules = {
  required: cloudEventsRequired,
  acceptRc1: false,
  unknownName: "invalid_attribute_name",
};
const lenientRules: EnvelopeRules = { ...strictRules, acceptRc1: true };

function structuredRules(options: DecodeOptions): EnvelopeRules {
  return options.acceptRc1 === true ? lenientRules : strictRules;
}

function complete(event: PartialEvent): Event {
  // A missing required attribute is a fault, and with a fault the event is never answered.
  return event as Event;
}

/** The JSON format of an event, as text. */
export function structuredText(event: Event): string {
  let text = `{"specversion":"1.0","id":${quote(event.id)},"source":${quote(event.source)},"type":${quote(event.type)}`;
  if (event.subject !== undefined) text += `,"subject":${quote(event.subject)}`;
  if (event.time !== undefined) text += `,"time":${quote(event.time)}`;
  if (event.datacontenttype !== undefined) text += `,"datacontenttype":${quote(event.datacontenttype)}`;
  if (event.dataschema !== undefined) text += `,"dataschema":${quote(event.dataschema)}`;
  for (const name in event.extensions) text += `,"${name}":${JSON.stringify(event.extensions[name])}`;
  return event.data === undefined ? `${text}}` : `${text},${dataMember(event.data)}}`;
}

const quote: (text: string) => string = JSON.stringify;

function dataMember(data: EventData): string {
  switch (data.kind) {
    case "json":
      return `"data":${data.text}`;
    case "text":
      return `"data":${quote(data.text)}`;
    case "binary":
      return `"data_base64":"${encodeBase64(data.bytes)}"`;
    default:
      return data satisfies never;
  }
}

const structuredHeaders = Object.freeze({ "content-type": `${structuredMediaType}; charset=utf-8` });
const batchHeaders = Object.freeze({ "content-type": `${batchMediaType}; charset=utf-8` });

/** Writes an event in structured mode. It comes back from `decodeStructured` as it was, spaces around JSON data aside. */
export function encodeStructured(event: Event): EncodedMessage {
  return { headers: structuredHeaders, body: encodeUtf8(structuredText(event)) };
}

/** Writes events as one batch. To be sent only to those who asked for batches (CEH-1). */
export function encodeBatch(events: readonly Event[]): EncodedMessage {
  return { headers: batchHeaders, body: encodeUtf8(`[${events.map(structuredText).join(",")}]`) };
}

// ── Binary ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Reads an event whose attributes stand in `ce-` headers. Extensions come as strings, since headers have no types (CE-10).
 * An empty body is no data. A body of a JSON media type must be JSON and is kept verbatim, spaces included; text that is
 * UTF-8 becomes `text`; all else, and everything without a Content-Type, stays `binary` (CEJ-7).
 */
export function decodeBinary(headers: MessageHeaders, body: Uint8Array, options: DecodeOptions = {}): Result<Event> {
  const event: PartialEvent = { extensions: noExtensions };
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const header in headers) {
    const value = headers[header];
    if (value === undefined || !(isContentType(header) || isEventHeader(header))) continue;
    const found = readHeader(event, header.toLowerCase(), value, seen, options);
    if (found !== undefined) problems.push(found);
  }
  for (const name of cloudEventsRequired)
    if (!seen.has(`ce-${name}`)) problems.push(problem("missing_attribute", `ce-${name} is required`));
  if (problems.length > 0) return { ok: false, faults: problems.map((each) => ({ ...each, pointer: "#" })) };
  if (body.length === 0) return success(complete(event));
  const data = readBody(event.datacontenttype, body, options);
  if (!data.ok) return data;
  event.data = data.value;
  return success(complete(event));
}

function readHeader(
  event: PartialEvent,
  header: string,
  raw: string | readonly string[],
  seen: Set<string>,
  options: DecodeOptions,
): Problem | undefined {
  const once = onlyValue(raw);
  if (once === undefined || seen.has(header)) return problem("duplicate_header", `${header} must be there once`);
  seen.add(header);
  if (header === "content-type") return setCore(event, "datacontenttype", once, header);
  const value = decodeHeaderValue(once);
  if (value === undefined)
    return problem("invalid_header", `${header} must be percent-encoded UTF-8, with every quote closed`);
  return readAttribute(event, header, value, options);
}

function readAttribute(
  event: PartialEvent,
  header: string,
  value: string,
  options: DecodeOptions,
): Problem | undefined {
  const name = header.slice(3);
  if (name === "specversion") return checkSpecversion(value, header, options.acceptRc1 === true);
  if (name === "datacontenttype")
    return problem("invalid_header", "ce-datacontenttype must not be there: Content-Type says it");
  if (isCoreAttribute(name)) return setCore(event, name, value, header);
  if (isExtensionName(name)) return setExtension(event, name, value, header);
  return problem("invalid_attribute_name", `${header} is no attribute: their names are made of a-z and 0-9`);
}

function readBody(mediaType: string | undefined, body: Uint8Array, options: DecodeOptions): Result<EventData> {
  if (mediaType !== undefined && isJsonMediaType(mediaType)) return readJsonBody(body, options);
  const text = mediaType !== undefined && isUtf8TextMediaType(mediaType) ? decodeUtf8(body) : undefined;
  return success(text?.ok === true ? { kind: "text", text: text.value } : { kind: "binary", bytes: body });
}

/** The whole body, which must be one JSON value. A byte order mark would be part of the data, where JSON has no place for it. */
function readJsonBody(body: Uint8Array, options: DecodeOptions): Result<EventData> {
  const text = decodeUtf8(body);
  if (!text.ok) return text;
  if (text.value.startsWith("\ufeff"))
    return failure("invalid_data", "JSON data must not begin with a byte order mark");
  // One less than elsewhere, so that the data still fits when an envelope is put around it.
  const scanned = scanJson(text.value, { maxDepth: limitsOf(options).maxDepth - 1 });
  return scanned.ok ? success({ kind: "json", text: text.value }) : scanned;
}

/**
 * True when binary mode can carry the event whole and over a webhook: these need a Content-Type and a body (WH-3), and text
 * that declares an encoding other than UTF-8 would have to be converted first.
 */
export function fitsBinaryMode({ data, datacontenttype }: Event): boolean {
  if (data === undefined) return false;
  switch (data.kind) {
    case "json":
      return true;
    case "text":
      return data.text !== "" && datacontenttype !== undefined && permitsUtf8(datacontenttype);
    case "binary":
      return data.bytes.length > 0 && datacontenttype !== undefined;
    default:
      return data satisfies never;
  }
}

/**
 * Writes an event in binary mode. What `decodeBinary` then reads differs in four points that the mode cannot express:
 * extensions are strings; JSON data without `datacontenttype` has gained `application/json` (CEJ-5); empty text or bytes are
 * no data; bytes of a JSON or text media type are read as such. Text is written as UTF-8 whatever encoding its media type
 * declares: where that matters ask `fitsBinaryMode` first.
 */
export function encodeBinary(event: Event): EncodedMessage {
  const headers: Record<string, string> = {
    "ce-specversion": "1.0",
    "ce-id": encodeHeaderValue(event.id),
    "ce-source": encodeHeaderValue(event.source),
    "ce-type": encodeHeaderValue(event.type),
  };
  if (event.subject !== undefined) headers["ce-subject"] = encodeHeaderValue(event.subject);
  if (event.time !== undefined) headers["ce-time"] = event.time;
  if (event.dataschema !== undefined) headers["ce-dataschema"] = encodeHeaderValue(event.dataschema);
  for (const name in event.extensions) headers[`ce-${name}`] = encodeHeaderValue(String(event.extensions[name]));
  const mediaType = event.datacontenttype ?? (event.data?.kind === "json" ? "application/json" : undefined);
  if (mediaType !== undefined) headers["content-type"] = mediaType;
  return { headers, body: bodyOf(event.data) };
}

const emptyBody = new Uint8Array();

function bodyOf(data: EventData | undefined): Uint8Array {
  if (data === undefined) return emptyBody;
  return data.kind === "binary" ? data.bytes : encodeUtf8(data.text);
}
