// Readings of deliveries and of their attempts. What has no single order in an index is merged from one walk per state,
// each in order already, so that no reading ever sorts.
import type { Attempt, AttemptEvidence } from "../../domain/attempt.ts";
import { type DeliveryState, deliveryStates } from "../../domain/delivery.ts";
import { timeOfSequence } from "../../domain/ids.ts";
import { type OutcomeName, outcomeNames } from "../../domain/outcome.ts";
import type { DeliveryFilter, DeliveryRow, PageRequest } from "../store.ts";
import type { Database } from "./database.ts";
import { emptyPage, type FlatPage, timeRange } from "./events.ts";
import { type Flat, type FlatValue, readFlat } from "./flat.ts";
import { type Direction, findPage, type Listing, type Range } from "./paging.ts";
import { progressColumns, readProgress } from "./rows.ts";

export function listDeliveries(
  db: Database,
  {
    projectId,
    filter,
    page,
  }: { readonly projectId: number; readonly filter: DeliveryFilter; readonly page: PageRequest },
): FlatPage {
  if (filter.triggerId !== undefined && !ownsTrigger(db, projectId, filter.triggerId)) return emptyPage;
  const { sequences, ...sides } = findPage(db, deliveryListing(projectId, filter), timeRange(filter), page);
  return { ...sides, rows: sequences.map((sequence) => db.query(selectBySequence).get(sequence) ?? []) };
}

function ownsTrigger(db: Database, projectId: number, triggerId: number): boolean {
  return db.query("SELECT 1 FROM triggers WHERE id = ? AND project_id = ?").get(triggerId, projectId) !== undefined;
}

function deliveryListing(projectId: number, { state, triggerId, eventSequence }: DeliveryFilter): Listing {
  const states = state === undefined ? deliveryStates : [state];
  if (eventSequence !== undefined) {
    const condition = "project_id = ? AND event_sequence = ? AND state = ?";
    return merged(states, "deliveries_by_event", condition, [projectId, eventSequence], triggerId ?? null);
  }
  if (triggerId !== undefined)
    return merged(states, "deliveries_by_trigger", "trigger_id = ? AND state = ?", [triggerId]);
  return merged(states, "deliveries_by_state", "project_id = ? AND state = ?", [projectId]);
}

/** `onlyTrigger` narrows the deliveries of one event, which are few. */
function merged(
  states: readonly DeliveryState[],
  index: string,
  condition: string,
  values: readonly FlatValue[],
  onlyTrigger: number | null = null,
): Listing {
  const fits = onlyTrigger === null ? "TRUE" : "trigger_id = ?";
  const fitsValues = onlyTrigger === null ? [] : [onlyTrigger];
  const walk = `SELECT sequence, ${fits} FROM deliveries INDEXED BY ${index} WHERE ${condition} AND sequence > ? AND sequence < ?`;
  return ({ above, below }: Range, direction: Direction) => ({
    sql: `${states.map(() => walk).join(" UNION ALL ")} ORDER BY sequence ${direction}`,
    values: states.flatMap((state) => [...fitsValues, ...values, state, above, below]),
  });
}

// ── Rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const selectRow = (condition: string) => `
  SELECT deliveries.sequence, deliveries.id, events.id, events.source, events.type, deliveries.trigger_id, triggers.name,
    deliveries.last_outcome, ${progressColumns}
  FROM deliveries CROSS JOIN events ON events.sequence = deliveries.event_sequence
    CROSS JOIN triggers ON triggers.id = deliveries.trigger_id
  WHERE ${condition}`;
const selectBySequence = selectRow("deliveries.sequence = ?");
const selectById = selectRow("deliveries.id = ? AND deliveries.project_id = ?");

export function findDelivery(
  db: Database,
  { projectId, id }: { readonly projectId: number; readonly id: string },
): Flat | null {
  return db.query(selectById).get(id, projectId) ?? null;
}

export function readDeliveryRow(row: Flat): DeliveryRow {
  const values = readFlat(row);
  const sequence = values.number();
  return {
    sequence,
    id: values.text(),
    eventId: values.text(),
    eventSource: values.text(),
    type: values.text(),
    triggerId: values.number(),
    trigger: values.text(),
    createdAt: timeOfSequence(sequence),
    lastOutcome: readOutcome(values.maybeText()),
    progress: readProgress(values),
  };
}

function readOutcome(text: string | null): OutcomeName | null {
  if (text === null) return null;
  const outcome = outcomeNames.find((known) => known === text);
  if (outcome === undefined) throw new TypeError(`an attempt has the unknown outcome ${text}`);
  return outcome;
}

// ── Attempts ───────────────────────────────────────────────────────────────────────────────────────────────────────

const selectAttempts = `
  SELECT number, started_at, duration_ms, outcome, status, evidence FROM attempts
  WHERE delivery_sequence = ? AND number < ? ORDER BY number DESC LIMIT ?`;
const evidencePosition = 5;

/** A delivery may have thousands of tries, each with its answer: a reading must not hold them all. */
const mostAttempts = 1_000;
const mostEvidenceBytes = 8 * 1024 * 1024;

export function listAttempts(
  db: Database,
  request: {
    readonly projectId: number;
    readonly deliveryId: string;
    readonly limit?: number | undefined;
    readonly before?: number | undefined;
  },
): readonly Flat[] | null {
  const { projectId, deliveryId, limit = mostAttempts, before = Number.MAX_SAFE_INTEGER } = request;
  const found = db.query("SELECT sequence FROM deliveries WHERE id = ? AND project_id = ?").get(deliveryId, projectId);
  if (found === undefined) return null;
  const rows: Flat[] = [];
  let bytesLeft = mostEvidenceBytes;
  for (const row of db.query(selectAttempts).iterate(readFlat(found).number(), before, limit)) {
    rows.push(row);
    bytesLeft -= String(row[evidencePosition]).length;
    if (bytesLeft <= 0) break;
  }
  return rows.toReversed();
}

export function readAttempt(row: Flat): Attempt {
  const values = readFlat(row);
  const number = values.number();
  const startedAt = values.number();
  const durationMs = values.number();
  const outcome = readOutcome(values.text());
  if (outcome === null) throw new TypeError("an attempt has no outcome");
  const status = values.maybeNumber();
  // Written by `flattenSettle` from a value of the same type.
  const evidence = JSON.parse(values.text()) as AttemptEvidence;
  return { number, startedAt, durationMs, outcome, status, evidence };
}
