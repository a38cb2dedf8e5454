// How events and the progress of deliveries lie in rows: the columns, and both ways between them and the words of domain.
import type { Event, EventData, ExtensionValue } from "@posthorn/wire/event";
import { type DeliveryProgress, type DeliveryState, deliveryStates } from "../../domain/delivery.ts";
import type { FlatReader, FlatValue } from "./flat.ts";

const eventColumnNames = [
  "id",
  "source",
  "type",
  "subject",
  "time",
  "datacontenttype",
  "dataschema",
  "extensions",
  "data_kind",
  "data",
] as const;
export const eventColumns = eventColumnNames.join(", ");
export const eventColumnsOfJoin = eventColumnNames.map((name) => `events.${name}`).join(", ");
export const eventColumnCount = eventColumnNames.length;

/** In the order of `eventColumns`. */
export function flattenEvent(event: Event): FlatValue[] {
  const { data } = event;
  return [
    event.id,
    event.source,
    event.type,
    event.subject ?? null,
    event.time ?? null,
    event.datacontenttype ?? null,
    event.dataschema ?? null,
    flattenExtensions(event.extensions),
    data === undefined ? null : data.kind,
    data === undefined ? null : data.kind === "binary" ? ownBytes(data.bytes) : data.text,
  ];
}

function flattenExtensions(extensions: Event["extensions"]): string | null {
  for (const _name in extensions) return JSON.stringify(extensions);
  return null;
}

/** A slice of a pooled Buffer would take its whole pool along to the other thread. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

/** Reads what `flattenEvent` wrote. */
export function readEvent(row: FlatReader): Event {
  const id = row.text();
  const source = row.text();
  const type = row.text();
  const subject = row.maybeText();
  const time = row.maybeText();
  const datacontenttype = row.maybeText();
  const dataschema = row.maybeText();
  const extensions = readExtensions(row.maybeText());
  const data = readData(row);
  return {
    id,
    source,
    type,
    ...(subject === null ? {} : { subject }),
    ...(time === null ? {} : { time }),
    ...(datacontenttype === null ? {} : { datacontenttype }),
    ...(dataschema === null ? {} : { dataschema }),
    extensions,
    ...(data === null ? {} : { data }),
  };
}

function readExtensions(text: string | null): Event["extensions"] {
  const extensions: Record<string, ExtensionValue> = Object.create(null);
  // Written by `flattenExtensions` from a record of the same type.
  return text === null ? extensions : Object.assign(extensions, JSON.parse(text) as Record<string, ExtensionValue>);
}

function readData(row: FlatReader): EventData | null {
  const kind = row.maybeText();
  switch (kind) {
    case null:
      row.take(1);
      return null;
    case "binary":
      return { kind, bytes: row.bytes() };
    case "json":
    case "text":
      return { kind, text: row.text() };
    default:
      throw new TypeError(`an event's data is of the unknown kind ${kind}`);
  }
}

const progressColumnNames = [
  "state",
  "attempts",
  "series_attempts",
  "series_started_at",
  "due_at",
  "settled_at",
] as const;
export const progressColumns = progressColumnNames.map((name) => `deliveries.${name}`).join(", ");
/** For UPDATE: as many placeholders as `flattenProgress` has values. */
export const progressAssignments = progressColumnNames.map((name) => `${name} = ?`).join(", ");

/** In the order of `progressColumns`. */
export function flattenProgress(progress: DeliveryProgress): FlatValue[] {
  return [
    progress.state,
    progress.attempts,
    progress.seriesAttempts,
    progress.seriesStartedAt,
    progress.dueAt,
    progress.settledAt,
  ];
}

export function readProgress(row: FlatReader): DeliveryProgress {
  return {
    state: readState(row.text()),
    attempts: row.number(),
    seriesAttempts: row.number(),
    seriesStartedAt: row.number(),
    dueAt: row.maybeNumber(),
    settledAt: row.maybeNumber(),
  };
}

export function readState(text: string): DeliveryState {
  const state = deliveryStates.find((known) => known === text);
  if (state === undefined) throw new TypeError(`a delivery is in the unknown state ${text}`);
  return state;
}
