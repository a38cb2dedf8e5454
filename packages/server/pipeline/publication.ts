// What somebody says happened, before it is an event: the platform fills in what may be left out, and refuses what no
// client may say. Clients and webhooks that answer with events come through here alike.
import type { Event } from "@posthorn/wire/event";
import type { QueueRequest } from "@posthorn/wire/space-cloud";
import { parseTimestamp } from "@posthorn/wire/timestamp";
import { uuidv7 } from "../domain/ids.ts";
import { deliverAt } from "../domain/schedule.ts";
import { isSystemType } from "../domain/system-types.ts";
import type { Randomness } from "../outside/randomness.ts";

export interface Publication {
  readonly event: Omit<Event, "id" | "source"> & { readonly id?: string; readonly source?: string };
  /** Milliseconds since 1970; the default is now. */
  readonly deliverAt?: number | undefined;
  readonly delaySeconds?: number | undefined;
}

/** A whole event and when it is due: what stays the same however often it is matched. */
export interface Admitted {
  readonly event: Event;
  readonly deliverAt: number;
  readonly mayRepeat: boolean;
}

export interface PublicationFault {
  readonly code: "system_type" | "schedule_too_far" | "fan_out_too_wide" | "attribute_too_long";
  /** RFC 6901, below the place where the publication stands: "/0/type". */
  readonly pointer: string;
  readonly detail: string;
}

export function complete(
  publication: Publication,
  defaultSource: string,
  now: number,
  randomness: Randomness,
): Admitted {
  const { event } = publication;
  return {
    event: {
      ...event,
      id: event.id ?? uuidv7(now, randomness.bytes(10)),
      source: event.source ?? defaultSource,
      time: event.time ?? new Date(now).toISOString(),
    },
    deliverAt: dueTime(publication, now) ?? now,
    mayRepeat: event.id !== undefined,
  };
}

function dueTime(publication: Publication, now: number): number | null {
  return deliverAt(now, { at: publication.deliverAt, delaySeconds: publication.delaySeconds });
}

/** In characters. An id must fit into a path; all of these stand in indexes, so one event must not fill a page of them. */
const longestAttributes = { id: 1024, type: 1024, source: 2048, subject: 2048 } as const;
const attributeNames = ["id", "type", "source", "subject"] as const;

/** What forbids a publication, each with its place below `pointer`. */
export function faultsOf(publication: Publication, now: number, pointer: string): readonly PublicationFault[] {
  const faults: PublicationFault[] = attributeNames.flatMap((name) => lengthFaults(publication, name, pointer));
  if (isSystemType(publication.event.type))
    faults.push({
      code: "system_type",
      pointer: `${pointer}/type`,
      detail: `type "${publication.event.type}" is published by the platform alone`,
    });
  if (dueTime(publication, now) === null)
    faults.push({
      code: "schedule_too_far",
      pointer: `${pointer}/${publication.deliverAt === undefined ? "delay" : "deliverAt"}`,
      detail: "an event may be scheduled at most ten years ahead",
    });
  return faults;
}

function lengthFaults(
  { event }: Publication,
  name: (typeof attributeNames)[number],
  pointer: string,
): readonly PublicationFault[] {
  const most = longestAttributes[name];
  if ((event[name]?.length ?? 0) <= most) return [];
  const detail = `${name} may have at most ${most} characters`;
  return [{ code: "attribute_too_long", pointer: `${pointer}/${name}`, detail }];
}

/** What is queued the Space Cloud way. Its time is the one it was asked for, else when it was accepted (SEEDS §1). */
export function publicationOf({ type, data, timestamp, delay }: QueueRequest): Publication {
  return {
    event: {
      type,
      extensions: {},
      ...(data === undefined ? {} : { data, datacontenttype: "application/json" }),
      ...timeOf(timestamp),
    },
    deliverAt: typeof timestamp === "string" ? parseTimestamp(timestamp) : timestamp,
    delaySeconds: delay,
  };
}

/** Years before 0 and after 9999 cannot be written in RFC 3339; such an event occurs when it is accepted. */
function timeOf(timestamp: number | string | undefined): { readonly time?: string } {
  if (typeof timestamp !== "number") return timestamp === undefined ? {} : { time: timestamp };
  const time = new Date(timestamp).toISOString();
  return /^\d{4}-/.test(time) ? { time } : {};
}
