// An event as an application sends it, and the body that goes over the wire for it.
import { encodeBase64 } from "@posthorn/wire/base64";
import type { EventMap, Events, EventType } from "./catalogue.ts";
import { issuesText } from "./catalogue.ts";
import { type Duration, secondsOf } from "./duration.ts";
import { ValidationException } from "./exceptions.ts";

export interface PublicationAttributes<Type extends string> {
  readonly type: Type;
  /** Where it happened: a URI-reference such as `/shop`. The project's own if not given. */
  readonly source?: string;
  /** What it is about, such as the id of an order. */
  readonly subject?: string;
  /** With `source` it makes a repeat safe. One is made if not given. */
  readonly id?: string;
  /** When it happened; now if not given. */
  readonly time?: Date | string;
  /** Deliver it later: "5m", "1.5h", or seconds. */
  readonly delay?: Duration;
  /** Deliver it then; not together with `delay`. */
  readonly at?: Date;
  /** The media type of data that is text or bytes and not JSON. */
  readonly contentType?: string;
  /** Extension attributes of CloudEvents; their names are made of a-z and 0-9. */
  readonly extensions?: Readonly<Record<string, string | number | boolean>>;
}

/** An event to send, whatever its type. A Uint8Array travels as bytes. */
export interface Publication extends PublicationAttributes<string> {
  readonly data?: unknown;
}

/** An event to send: its type says what its data must be. */
export type PublicationOf<Known extends EventMap, Type extends EventType<Known>> = PublicationAttributes<Type> &
  (string extends keyof Known ? { readonly data?: unknown } : { readonly data: Known[Type]["sent"] });

/** Checks the data as receivers will. Types that were not defined are refused too. */
export async function checkPublication(
  { type, data }: Publication,
  events: Pick<Events, "validate"> | undefined,
): Promise<void> {
  const validation = await events?.validate(type, data);
  if (validation === undefined || validation.ok) return;
  const { issues } = validation;
  throw new ValidationException(`The data of the event "${type}" is invalid: ${issuesText(issues)}.`, issues);
}

/**
 * The JSON of a publication.
 * @throws TypeError for a delay that is none, or one together with `at`.
 */
export function publicationText(publication: Publication): string {
  const { type, data, time, delay, at, contentType, extensions, ...attributes } = publication;
  if (delay !== undefined && at !== undefined)
    throw new TypeError("an event has a delay or a time to deliver it at, not both");
  return JSON.stringify({
    ...extensions,
    type,
    ...attributes,
    ...(time === undefined ? {} : { time: time instanceof Date ? time.toISOString() : time }),
    ...(delay === undefined ? {} : { delay: secondsOf(delay) }),
    ...(at === undefined ? {} : { deliverAt: at.toISOString() }),
    ...(contentType === undefined ? {} : { datacontenttype: contentType }),
    ...(data instanceof Uint8Array ? { data_base64: encodeBase64(data) } : { data }),
  });
}
