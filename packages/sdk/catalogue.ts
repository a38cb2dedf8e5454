// The events of an application, said once: from one object come the types of what is sent and of what is received, and the
// checks of both.
import { compileJsonSchema } from "./json-schema.ts";
import type { DataOfJsonSchema } from "./json-schema-type.ts";
import type { Issue, JsonSchema } from "./schema-check.ts";
import { pathText, type StandardIssue, type StandardSchema } from "./standard-schema.ts";

/** What says how the data of an event looks: any Standard Schema (zod, valibot, arktype, …) or a JSON Schema. */
export type EventSchema = StandardSchema | JsonSchema;

/** Schemas by the types of their events. */
export type EventSchemas = Readonly<Record<string, EventSchema>>;

/** What a sender gives and what a handler gets: not the same where a schema transforms. */
export interface EventData<Sent = unknown, Received = unknown> {
  readonly sent: Sent;
  readonly received: Received;
}

/** The data of events by their types. Types are looked up in it one at a time; no union of them all is built. */
export type EventMap = Readonly<Record<string, EventData>>;

/** Of an application that has defined no events: any type, any data. */
export type OpenEvents = EventMap;

/** The map that schemas make. */
export type EventsOf<Schemas extends EventSchemas> = {
  readonly [Type in keyof Schemas & string]: EventData<SentData<Schemas[Type]>, ReceivedData<Schemas[Type]>>;
};

/** The names of the events. */
export type EventType<Known extends EventMap> = keyof Known & string;

type SentData<Schema> = Schema extends StandardSchema
  ? NonNullable<Schema["~standard"]["types"]>["input"]
  : DataOfJsonSchema<Schema>;

type ReceivedData<Schema> = Schema extends StandardSchema
  ? NonNullable<Schema["~standard"]["types"]>["output"]
  : DataOfJsonSchema<Schema>;

export type { Issue, JsonSchema } from "./schema-check.ts";

export type Validation =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Made by `defineEvents`; given to a Client and to a receiver. */
export interface Events<Known extends EventMap = OpenEvents> {
  readonly schemas: EventSchemas;
  /** For the compiler alone: never there when the program runs. */
  readonly map?: Known;
  has(type: string): boolean;
  /** Checks the data of an event whose type is known here. */
  validate(type: string, data: unknown): Promise<Validation>;
}

type Check = (data: unknown) => Validation | Promise<Validation>;

/**
 * Says which events there are and what their data is.
 * @throws TypeError for a JSON Schema with keywords that are not known, since ignoring one would let anything pass.
 */
export function defineEvents<const Schemas extends EventSchemas>(schemas: Schemas): Events<EventsOf<Schemas>> {
  const checks = new Map(
    Object.entries(schemas).map(([type, schema]): [string, Check] => [type, checkOf(type, schema)]),
  );
  return {
    schemas,
    has: (type) => checks.has(type),
    async validate(type, data) {
      const check = checks.get(type);
      return check === undefined ? { ok: false, issues: [{ path: "", message: `unknown type ${type}` }] } : check(data);
    },
  };
}

function checkOf(type: string, schema: EventSchema): Check {
  if (isStandardSchema(schema)) return (data) => checkByStandard(schema, data);
  const check = compileFor(type, schema);
  return (data) => {
    const issues = check(data);
    return issues.length === 0 ? { ok: true, data } : { ok: false, issues };
  };
}

function compileFor(type: string, schema: JsonSchema): (data: unknown) => readonly Issue[] {
  try {
    return compileJsonSchema(schema);
  } catch (error) {
    throw new TypeError(`the schema of ${type}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function isStandardSchema(schema: EventSchema): schema is StandardSchema {
  // arktype's schemas are functions.
  return (typeof schema === "object" || typeof schema === "function") && "~standard" in schema;
}

async function checkByStandard(schema: StandardSchema, data: unknown): Promise<Validation> {
  const result = await schema["~standard"].validate(data);
  if (result.issues !== undefined) return { ok: false, issues: result.issues.map(issueOf) };
  return { ok: true, data: result.value };
}

function issueOf(issue: StandardIssue): Issue {
  return { path: pathText(issue), message: issue.message };
}

/** "total must be a number; items.0 must be a string": for people. */
export function issuesText(issues: readonly Issue[]): string {
  return issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
}
