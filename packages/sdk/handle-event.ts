// globalMOO's `handleEvent` (SEEDS §4): five layers in order, and an error of its own for each kind of trouble.

import type { MessageHeaders } from "@posthorn/wire/cloudevents";
import type { WireFault } from "@posthorn/wire/errors";
import { parseJson } from "@posthorn/wire/json";
import { decodeResource, decodeResourceName, type ResourceEvent } from "@posthorn/wire/resource";
import { type EventMap, type Events, type EventType, issuesText } from "./catalogue.ts";
import { InvalidArgumentException, InvalidEventException, ValidationException } from "./exceptions.ts";
import { alreadyParsed, type Refusal } from "./refusal.ts";
import type { ResourceEvents } from "./resource-events.ts";
import type { Verify } from "./verify-message.ts";

/** An event as `handleEvent` answers it. */
export interface HandledEvent<Name extends string, Data> {
  readonly id: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly disabledAt: Date | null;
  readonly name: Name;
  readonly subject: string | null;
  readonly data: Data;
  /** The JSON of the data, character for character: big integers are whole here. */
  readonly dataText: string;
}

/** globalMOO's two, and what the application has defined; its own definition of a name wins. */
export type HandledEvents<Known extends EventMap> = string extends keyof Known
  ? ResourceEvents
  : Omit<ResourceEvents, keyof Known> & Known;

/** All events that `handleEvent` may answer, told apart by `name`. */
export type AnyHandledEvent<Known extends EventMap> = {
  readonly [Name in EventType<Known>]: HandledEvent<Name, Known[Name]["received"]>;
}[EventType<Known>];

/** Headers of a request: of fetch, or as Node has them. */
export type GivenHeaders = MessageHeaders | Headers;

export interface HandleParts {
  readonly events: Pick<Events, "has" | "validate">;
  /** Undefined where no secret was given. */
  readonly verify: Verify | undefined;
  now(): number;
}

/** The raw payload, its text or its bytes, to an event; its data is not typed yet. */
export async function handlePayload(
  parts: HandleParts,
  payload: unknown,
  headers: GivenHeaders | undefined,
): Promise<HandledEvent<string, unknown>> {
  if (typeof payload !== "string" && !(payload instanceof Uint8Array)) throw exceptionOf(alreadyParsed(payloadRemedy));
  await checkSignature(parts, payload, headers);
  const event = readFields(payload, readName(payload, parts));
  const { createdAt, updatedAt, disabledAt, ...rest } = event;
  return {
    ...rest,
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
    disabledAt: disabledAt === null ? null : new Date(disabledAt),
    data: await readData(parts, event),
  };
}

const payloadRemedy =
  'pass the text or the bytes of the body; in Express, use `express.text({ type: "*/*" })` on this route';

function exceptionOf({ code, message }: Refusal): InvalidArgumentException {
  return new InvalidArgumentException(code, message);
}

async function checkSignature(
  { verify, now }: HandleParts,
  payload: string | Uint8Array,
  headers: GivenHeaders | undefined,
): Promise<void> {
  if (verify === undefined) {
    if (headers === undefined) return;
    throw new TypeError("to check a signature the client needs a secret: new Client({ secret })");
  }
  const given: MessageHeaders = headers instanceof Headers ? Object.fromEntries(headers) : (headers ?? {});
  const verification = await verify(given, payload, now());
  if ("refusal" in verification) throw exceptionOf(verification.refusal);
}

/** The first three layers; the messages are those of the real SDKs. */
function readName(payload: string | Uint8Array, { events }: HandleParts): string {
  const name = decodeResourceName(payload);
  if (!name.ok) throw new InvalidArgumentException("bad_payload", nameMessage(name.faults[0]), { cause: name.faults });
  if (!events.has(name.value)) throw new InvalidEventException(`The event name "${name.value}" is invalid.`);
  return name.value;
}

function nameMessage(fault: WireFault | undefined): string {
  switch (fault?.code) {
    case "invalid_json":
    case "invalid_utf8":
    case "duplicate_key":
    case "json_too_deep":
      return "The payload provided is not valid JSON.";
    default:
      if (fault?.pointer === "#/name" && fault.code === "wrong_type") return fault.detail;
      return "The payload provided does not appear to be a valid event.";
  }
}

/** The types of the event's own fields. */
function readFields(payload: string | Uint8Array, name: string): ResourceEvent {
  const decoded = decodeResource(payload);
  if (decoded.ok) return decoded.value;
  const issues = decoded.faults.map(({ detail, pointer }) => ({ path: pointer.slice(2), message: detail }));
  throw new ValidationException(
    `The event "${name}" is invalid: ${issues.map(({ message }) => message).join("; ")}.`,
    issues,
  );
}

async function readData(parts: HandleParts, { name, dataText }: ResourceEvent): Promise<unknown> {
  const value = parseJson(dataText);
  // The envelope around it was JSON.
  const validation = await parts.events.validate(name, value.ok ? value.value : undefined);
  if (validation.ok) return validation.data;
  const { issues } = validation;
  throw new ValidationException(`The data of the event "${name}" is invalid: ${issuesText(issues)}.`, issues);
}
