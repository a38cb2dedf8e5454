// The event of globalMOO (SEEDS §4), in and out: an integer id, dates, a name, an optional subject, and data. The document
// writes snake_case and most of its SDKs camelCase: both are read, snake_case is written.
import { encodeUtf8 } from "./bytes.ts";
import type { EncodedMessage } from "./cloudevents.ts";
import { type Failure, failure, type Result, success } from "./errors.ts";
import { brokenRule, type Event, noExtensions, timestampRule } from "./event.ts";
import type { JsonMember } from "./json.ts";
import { jsonTextOf, type PlainObject, readPlainObject } from "./plain-data.ts";
import { parseTimestamp } from "./timestamp.ts";

export interface ResourceEvent {
  readonly id: number;
  /** RFC 3339, the text kept as given; so are the other dates. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly disabledAt: string | null;
  readonly name: string;
  readonly subject: string | null;
  /** JSON text, verbatim. */
  readonly dataText: string;
}

/** A resource event does not say where it comes from; an event of ours must. */
const resourceSource = "resource";

const headers = Object.freeze({ "content-type": "application/json; charset=utf-8" });

/** Writes an event in the document's shape; data is copied verbatim. Its id is the sequence number; both dates are its time. */
export function encodeResource(event: Event, context: { readonly sequence: number }): EncodedMessage {
  const time = event.time === undefined ? "null" : JSON.stringify(event.time);
  const subject = event.subject === undefined ? "null" : JSON.stringify(event.subject);
  const text =
    `{"id":${context.sequence},"created_at":${time},"updated_at":${time},"disabled_at":null,` +
    `"name":${JSON.stringify(event.type)},"subject":${subject},"data":${jsonTextOf(event.data) ?? "null"}}`;
  return { headers, body: encodeUtf8(text) };
}

/** The first layers alone: JSON, the required fields, and a name. For those who look the name up before they go on. */
export function decodeResourceName(body: Uint8Array | string): Result<string> {
  const object = readPlainObject(body, "an event");
  if (!object.ok) return object;
  const incomplete = incompleteness(object.value);
  return incomplete ?? readName(object.value);
}

/**
 * Reads the document's event, in either spelling. Faults come one at a time, in the order of the document's layers: JSON,
 * then the required fields, then the name, then all other types. Members that are not known are passed over.
 */
export function decodeResource(body: Uint8Array | string): Result<ResourceEvent> {
  const object = readPlainObject(body, "an event");
  if (!object.ok) return object;
  return incompleteness(object.value) ?? readFields(object.value);
}

const spellings = [
  ["created_at", "createdAt"],
  ["updated_at", "updatedAt"],
  ["disabled_at", "disabledAt"],
] as const;

function has(object: PlainObject, name: string): boolean {
  return object.members.some((member) => member.name === name);
}

/** `subject` and `disabled_at` may be null or left out; data may be null, which the event's own schema then judges. */
function missingField(object: PlainObject): string | undefined {
  if (object.find("id") === undefined) return "id";
  if (object.find("name") === undefined) return "name";
  if (object.find("created_at", "createdAt") === undefined) return "created_at";
  if (object.find("updated_at", "updatedAt") === undefined) return "updated_at";
  return has(object, "data") ? undefined : "data";
}

function incompleteness(object: PlainObject): Failure | undefined {
  const missing = missingField(object);
  if (missing !== undefined) return failure("missing_attribute", `${missing} is required`, `#/${missing}`);
  const twice = spellings.find(([snake, camel]) => has(object, snake) && has(object, camel));
  if (twice === undefined) return undefined;
  return failure("conflicting_fields", `${twice[0]} and ${twice[1]} must not both be there`, `#/${twice[1]}`);
}

function readName(object: PlainObject): Result<string> {
  const name = object.stringOf(object.find("name"));
  if (name === undefined) return failure("wrong_type", 'The "name" property is expected to be a string.', "#/name");
  const rule = brokenRule("type", name);
  return rule === undefined ? success(name) : failure("invalid_attribute", `name ${rule}`, "#/name");
}

function readFields(object: PlainObject): Result<ResourceEvent> {
  const name = readName(object);
  if (!name.ok) return name;
  const id = readId(object, object.find("id"));
  if (!id.ok) return id;
  const subject = readSubject(object, object.find("subject"));
  if (!subject.ok) return subject;
  const createdAt = readDate(object, ...spellings[0]);
  if (!createdAt.ok) return createdAt;
  const updatedAt = readDate(object, ...spellings[1]);
  if (!updatedAt.ok) return updatedAt;
  const disabledAt = object.find(...spellings[2]) === undefined ? success(null) : readDate(object, ...spellings[2]);
  if (!disabledAt.ok) return disabledAt;
  return success({
    id: id.value,
    name: name.value,
    subject: subject.value,
    createdAt: createdAt.value,
    updatedAt: updatedAt.value,
    disabledAt: disabledAt.value,
    dataText: dataTextOf(object),
  });
}

/** An integer that JavaScript can hold, and no other spelling of one: `1.0` and `1e2` are none here. */
function readId(object: PlainObject, member: JsonMember | undefined): Result<number> {
  const digits = member === undefined ? "" : object.textOf(member);
  const id = /^(0|[1-9]\d*)$/.test(digits) ? Number(digits) : Number.NaN;
  return Number.isSafeInteger(id)
    ? success(id)
    : failure("wrong_type", "id must be an integer of up to 2^53 - 1", "#/id");
}

function readSubject(object: PlainObject, member: JsonMember | undefined): Result<string | null> {
  if (member === undefined) return success(null);
  const subject = object.stringOf(member);
  return subject === undefined
    ? failure("wrong_type", "subject must be a string or null", "#/subject")
    : success(subject);
}

function readDate(object: PlainObject, name: string, alias: string): Result<string> {
  const text = object.stringOf(object.find(name, alias));
  if (text !== undefined && parseTimestamp(text) !== undefined) return success(text);
  return failure("wrong_type", `${name} ${timestampRule}`, `#/${name}`);
}

function dataTextOf(object: PlainObject): string {
  const data = object.members.find(({ name }) => name === "data");
  return data === undefined ? "null" : object.textOf(data);
}

/** The same as an event of ours; a subject that none of ours could have is left out. */
export function eventOfResource({ id, name, subject, createdAt, dataText }: ResourceEvent): Event {
  const hasSubject = subject !== null && brokenRule("subject", subject) === undefined;
  return {
    id: String(id),
    type: name,
    source: resourceSource,
    time: createdAt,
    ...(hasSubject ? { subject } : {}),
    extensions: noExtensions,
    data: { kind: "json", text: dataText },
  };
}
