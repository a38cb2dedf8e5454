// Readings of events: lists by the filters of the API, each along an index, and single events with their deliveries' states.
import type { DeliveryState } from "../../domain/delivery.ts";
import { sequenceAt, timeOfSequence } from "../../domain/ids.ts";
import type { EventDetail, EventFilter, EventRow, Page, PageRequest } from "../store.ts";
import type { Database } from "./database.ts";
import { type Flat, type FlatValue, readFlat } from "./flat.ts";
import {
  type Direction,
  type FoundPage,
  findPage,
  type Listing,
  pagesBackwards,
  type Range,
  wholeRange,
} from "./paging.ts";
import { eventColumnCount, eventColumns, readEvent, readState } from "./rows.ts";

export interface FlatPage {
  readonly rows: readonly Flat[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  readonly stoppedAt?: number;
}
export const emptyPage: FlatPage = { rows: [], hasOlder: false, hasNewer: false };

/** The main thread's side. */
export function readPage<T>(page: FlatPage, readRow: (row: Flat) => T): Page<T> {
  return { ...page, rows: page.rows.map(readRow) };
}

/** Sequence numbers hold the time, so a range of time is a range of them. */
export function timeRange({
  since,
  until,
}: {
  readonly since?: number | undefined;
  readonly until?: number | undefined;
}): Range {
  return {
    above: since === undefined ? wholeRange.above : sequenceAt(since) - 1,
    below: until === undefined ? wholeRange.below : sequenceAt(until),
  };
}

export function listEvents(
  db: Database,
  request: { readonly projectId: number; readonly filter: EventFilter; readonly page: PageRequest },
): FlatPage {
  const found = findPage(db, eventListing(request.projectId, request.filter), timeRange(request.filter), request.page);
  return withRows(db, found, pagesBackwards(request.page));
}

// ── Which index serves which filter ────────────────────────────────────────────────────────────────────────────────

/** Conditions with their values, joined by AND. */
interface Conditions {
  readonly sql: string;
  readonly values: readonly FlatValue[];
}

function eventListing(projectId: number, filter: EventFilter): Listing {
  const { status, type, subject } = filter;
  const wanted = [
    ...(subject === undefined ? [] : [{ sql: "events.subject = ?", values: [subject] }]),
    ...(type === undefined ? [] : [{ sql: "events.type = ?", values: [type] }]),
  ];
  if (status === "unmatched") return alongEvents(projectId, "events_unmatched", unmatched, wanted);
  // Most events come to be delivered, so there the other filters narrow more; the other states are rare.
  if (status !== undefined && (status !== "delivered" || wanted.length === 0)) {
    return alongDeliveries(projectId, status, wanted);
  }
  const [first, ...others] = wanted;
  const rest = status === undefined ? others : [...others, hasDelivery(projectId, status)];
  if (first === undefined) return alongEvents(projectId, "events_by_project", everything, []);
  return alongEvents(projectId, subject === undefined ? "events_by_type" : "events_by_subject", first, rest);
}

const everything: Conditions = { sql: "TRUE", values: [] };
const unmatched: Conditions = { sql: "events.deliveries = 0", values: [] };

function hasDelivery(projectId: number, state: DeliveryState): Conditions {
  return {
    sql: `EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_by_event WHERE deliveries.project_id = ?
      AND deliveries.state = ? AND deliveries.event_sequence = events.sequence)`,
    values: [projectId, state],
  };
}

/** 1 or 0, also where an event has no subject to compare. */
function joined(conditions: readonly Conditions[]): Conditions {
  if (conditions.length === 0) return everything;
  return {
    sql: `(${conditions.map((condition) => condition.sql).join(" AND ")}) IS TRUE`,
    values: conditions.flatMap((condition) => condition.values),
  };
}

function alongEvents(projectId: number, index: string, served: Conditions, others: readonly Conditions[]): Listing {
  const fits = joined(others);
  return ({ above, below }: Range, direction: Direction) => ({
    sql: `SELECT events.sequence, ${fits.sql} FROM events INDEXED BY ${index}
      WHERE events.project_id = ? AND ${served.sql} AND events.sequence > ? AND events.sequence < ?
      ORDER BY events.sequence ${direction}`,
    values: [...fits.values, projectId, ...served.values, above, below],
  });
}

function alongDeliveries(projectId: number, state: DeliveryState, others: readonly Conditions[]): Listing {
  const fits = joined(others);
  return ({ above, below }: Range, direction: Direction) => ({
    sql: `SELECT deliveries.event_sequence, (SELECT ${fits.sql} FROM events WHERE events.sequence = deliveries.event_sequence)
      FROM deliveries INDEXED BY deliveries_by_event
      WHERE deliveries.project_id = ? AND deliveries.state = ?
        AND deliveries.event_sequence > ? AND deliveries.event_sequence < ?
      GROUP BY deliveries.event_sequence ORDER BY deliveries.event_sequence ${direction}`,
    values: [...fits.values, projectId, state, above, below],
  });
}

// ── Rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const rowColumns = `sequence, deliver_at, depth, deliveries, ${eventColumns}`;
const selectRow = `SELECT ${rowColumns} FROM events WHERE sequence = ?`;
const dataPosition = 4 + eventColumnCount - 1;

/** A page ends early rather than fill the memory with a thousand events of a megabyte each. */
const maxPageBytes = 8 * 1024 * 1024;

/** Reads on from the cursor's side, so that a page cut short leaves no gap. */
function withRows(db: Database, found: FoundPage, isBackwards: boolean): FlatPage {
  const rows: Flat[] = [];
  let bytesLeft = maxPageBytes;
  for (const sequence of isBackwards ? found.sequences.toReversed() : found.sequences) {
    if (bytesLeft <= 0) break;
    const row = db.query(selectRow).get(sequence) ?? [];
    rows.push(row);
    bytesLeft -= sizeOf(row[dataPosition]);
  }
  const { sequences, ...sides } = found;
  const page = { ...sides, rows: isBackwards ? rows.toReversed() : rows };
  if (rows.length === sequences.length) return page;
  const { stoppedAt: _beyondTheCut, ...cut } = page;
  return { ...cut, ...(isBackwards ? { hasNewer: true } : { hasOlder: true }) };
}

function sizeOf(data: FlatValue | undefined): number {
  return typeof data === "string" || data instanceof Uint8Array ? data.length : 0;
}

export function readEventRow(row: Flat): EventRow {
  const values = readFlat(row);
  const sequence = values.number();
  const deliverAt = values.number();
  const depth = values.number();
  const deliveries = values.number();
  return { sequence, event: readEvent(values), acceptedAt: timeOfSequence(sequence), deliverAt, depth, deliveries };
}

// ── Single events ──────────────────────────────────────────────────────────────────────────────────────────────────

const selectSequences = (ofSource: string) =>
  `SELECT sequence FROM events INDEXED BY events_by_id WHERE project_id = ? AND id = ?${ofSource}`;

interface FlatDetail {
  readonly row: Flat;
  readonly states: EventDetail["states"];
}

/** Newest first, at most two. Only an id's sequence numbers are sorted, and one id has few sources. */
export function findEvents(
  db: Database,
  { projectId, id, source }: { readonly projectId: number; readonly id: string; readonly source?: string | undefined },
): readonly FlatDetail[] {
  const found =
    source === undefined
      ? db.query(selectSequences("")).all(projectId, id)
      : db.query(selectSequences(" AND source = ?")).all(projectId, id, source);
  return found
    .map((row) => readFlat(row).number())
    .toSorted((one, other) => other - one)
    .slice(0, 2)
    .map((sequence) => ({
      row: db.query(selectRow).get(sequence) ?? [],
      states: readStates(db, projectId, sequence),
    }));
}

const countStates = `
  SELECT state, count(*) FROM deliveries INDEXED BY deliveries_by_event
  WHERE project_id = ? AND state IN ('scheduled', 'pending', 'in_flight', 'retrying', 'delivered', 'failed', 'cancelled')
    AND event_sequence = ? GROUP BY state`;

export function readStates(db: Database, projectId: number, eventSequence: number): EventDetail["states"] {
  const states: Partial<Record<DeliveryState, number>> = {};
  for (const found of db.query(countStates).iterate(projectId, eventSequence)) {
    const row = readFlat(found);
    states[readState(row.text())] = row.number();
  }
  return states;
}
