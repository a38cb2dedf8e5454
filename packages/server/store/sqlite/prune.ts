// Erases what nobody needs any more, a few rows at a time between the acts that cannot wait: old events that owe nothing,
// expired idempotency keys, and what deleted triggers and projects left. Never anything that is still owed.
import { advance, isSettled } from "../../domain/delivery.ts";
import { sequenceAt, timeOfSequence } from "../../domain/ids.ts";
import type { PruneRequest } from "../store.ts";
import { readFlat } from "./flat.ts";
import {
  cancelWaiting,
  moveDelivery,
  readStoredDelivery,
  type StoredDelivery,
  storedDeliveryColumns,
} from "./moves.ts";
import type { Writing } from "./writing.ts";

interface Pruned {
  readonly removed: number;
  readonly more: boolean;
}
const nothing: Pruned = { removed: 0, more: false };

export function prune(writing: Writing, request: PruneRequest): Pruned {
  let removed = 0;
  let more = false;
  for (const chore of [forgetKeys, cancelOrphans, eraseProjects, eraseOldEvents, forgetTriggers, returnSpace]) {
    const done = removed < request.limit ? chore(writing, { ...request, limit: request.limit - removed }) : nothing;
    removed += done.removed;
    more ||= done.more;
  }
  return { removed, more: more || removed >= request.limit };
}

// ── Idempotency keys ───────────────────────────────────────────────────────────────────────────────────────────────

const deleteExpired = `
  DELETE FROM idempotency WHERE number IN
    (SELECT number FROM idempotency INDEXED BY idempotency_by_expiry WHERE expires_at <= ? LIMIT ?)`;

function forgetKeys({ db }: Writing, { now, limit }: PruneRequest): Pruned {
  const removed = db.query(deleteExpired).run(now, limit);
  return { removed, more: removed === limit };
}

// ── What deleted triggers owe ──────────────────────────────────────────────────────────────────────────────────────

/** A try that still runs under a lease may record; only after that is its delivery an orphan. */
const selectOrphans = `
  SELECT ${storedDeliveryColumns} FROM triggers INDEXED BY triggers_deleted
    CROSS JOIN deliveries INDEXED BY deliveries_due ON deliveries.trigger_id = triggers.id
  WHERE triggers.deleted_at IS NOT NULL AND deliveries.due_at IS NOT NULL
    AND (deliveries.state <> 'in_flight' OR deliveries.due_at <= ?) LIMIT ?`;

function cancelOrphans(writing: Writing, { now, limit }: PruneRequest): Pruned {
  const orphans = writing.db.query(selectOrphans).all(now, limit);
  for (const row of orphans) interruptLost(writing, readStoredDelivery(readFlat(row)), now);
  // Read anew: those in flight are waiting now.
  cancelWaiting(writing, writing.db.query(selectOrphans).all(now, limit), now);
  return { removed: 0, more: orphans.length === limit };
}

function interruptLost(writing: Writing, delivery: StoredDelivery, now: number): void {
  const progress = advance(delivery.progress, { kind: "interrupted", at: now });
  if (progress !== null) moveDelivery(writing, delivery, progress);
}

// ── Deleted projects ───────────────────────────────────────────────────────────────────────────────────────────────

const selectDeletedProject = "SELECT id FROM projects WHERE deleted_at IS NOT NULL LIMIT 1";
const selectEventsOfProject =
  "SELECT sequence FROM events INDEXED BY events_by_project WHERE project_id = ? ORDER BY sequence LIMIT ?";
const deleteKeysOfProject = `
  DELETE FROM idempotency WHERE number IN
    (SELECT number FROM idempotency INDEXED BY idempotency_by_key WHERE project_id = ? LIMIT ?)`;

function eraseProjects(writing: Writing, { limit }: PruneRequest): Pruned {
  const { db } = writing;
  const found = db.query(selectDeletedProject).get();
  if (found === undefined) return nothing;
  const projectId = readFlat(found).number();
  let removed = db.query(deleteKeysOfProject).run(projectId, limit);
  for (const row of db.query(selectEventsOfProject).all(projectId, limit)) {
    if (removed >= limit) break;
    const eventSequence = readFlat(row).number();
    removed += eraseEvent(writing, projectId, eventSequence, deliveriesOf(writing, projectId, eventSequence));
  }
  // Fewer than the limit: nothing is left but the project itself.
  if (removed < limit) forgetProject(writing, projectId);
  return { removed, more: true };
}

function forgetProject(writing: Writing, projectId: number): void {
  // What this group noted must not bring the project's tallies back.
  writing.writeTallies();
  for (const table of ["tallies", "triggers"])
    writing.db.query(`DELETE FROM ${table} WHERE project_id = ?`).run(projectId);
  writing.db.query("DELETE FROM projects WHERE id = ?").run(projectId);
}

// ── Old events ─────────────────────────────────────────────────────────────────────────────────────────────────────

const selectEventsBetween =
  "SELECT sequence, project_id FROM events WHERE sequence > ? AND sequence < ? ORDER BY sequence LIMIT ?";

/** Looks at `limit` events a time and goes on from there, so that a million that still wait are not read at every call. */
function eraseOldEvents(writing: Writing, request: PruneRequest): Pruned {
  const horizon = sequenceAt(Math.max(request.deliveredBefore, request.failedBefore));
  const found = writing.db.query(selectEventsBetween).all(writing.prunedTo, horizon, request.limit);
  let removed = 0;
  for (const row of found) {
    if (removed >= request.limit) return { removed, more: true };
    const values = readFlat(row);
    const eventSequence = values.number();
    const projectId = values.number();
    const deliveries = deliveriesOf(writing, projectId, eventSequence);
    if (isOver(eventSequence, deliveries, request))
      removed += eraseEvent(writing, projectId, eventSequence, deliveries);
    writing.prunedTo = eventSequence;
  }
  const more = found.length === request.limit;
  if (!more) writing.prunedTo = 0;
  return { removed, more };
}

/** An event is over when nothing is owed for it, and its last delivery was settled long enough ago. */
function isOver(eventSequence: number, deliveries: readonly StoredDelivery[], request: PruneRequest): boolean {
  const progresses = deliveries.map((delivery) => delivery.progress);
  if (!progresses.every((progress) => isSettled(progress.state))) return false;
  const hasFailed = progresses.some((progress) => progress.state === "failed");
  const overSince = progresses.reduce(
    (latest, progress) => Math.max(latest, progress.settledAt ?? 0),
    timeOfSequence(eventSequence),
  );
  return overSince < (hasFailed ? request.failedBefore : request.deliveredBefore);
}

const selectDeliveriesOf = `
  SELECT ${storedDeliveryColumns} FROM deliveries INDEXED BY deliveries_by_event
  WHERE project_id = ? AND state IN ('scheduled', 'pending', 'in_flight', 'retrying', 'delivered', 'failed', 'cancelled')
    AND event_sequence = ?`;

function deliveriesOf({ db }: Writing, projectId: number, eventSequence: number): readonly StoredDelivery[] {
  return db
    .query(selectDeliveriesOf)
    .all(projectId, eventSequence)
    .map((row) => readStoredDelivery(readFlat(row)));
}

/** Answers how many rows went. */
function eraseEvent(
  writing: Writing,
  projectId: number,
  eventSequence: number,
  deliveries: readonly StoredDelivery[],
): number {
  const { db } = writing;
  let removed = 1;
  for (const { sequence, progress } of deliveries) {
    removed += 1 + db.query("DELETE FROM attempts WHERE delivery_sequence = ?").run(sequence);
    db.query("DELETE FROM deliveries WHERE sequence = ?").run(sequence);
    writing.tally(projectId, progress.state, -1);
  }
  db.query("DELETE FROM events WHERE sequence = ?").run(eventSequence);
  writing.tally(projectId, "events", -1);
  return removed;
}

// ── Names and space ────────────────────────────────────────────────────────────────────────────────────────────────

/** A deleted trigger's name is kept as long as a delivery shows it. */
const deleteUnseenTriggers = `
  DELETE FROM triggers WHERE id IN (
    SELECT id FROM triggers INDEXED BY triggers_deleted WHERE deleted_at IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM deliveries INDEXED BY deliveries_by_trigger WHERE trigger_id = triggers.id) LIMIT ?)`;

function forgetTriggers({ db }: Writing, { limit }: PruneRequest): Pruned {
  const removed = db.query(deleteUnseenTriggers).run(limit);
  return { removed, more: removed === limit };
}

/** Free pages that stay in the file (16 MiB), since the next events will want them. */
const keptFreePages = 4_096;
/** Pages given back to the file system per call (4 MiB), a few milliseconds. */
const returnedPages = 1_024;

function returnSpace({ db }: Writing): Pruned {
  const free = readFlat(db.query("PRAGMA freelist_count").get() ?? []).number();
  if (free <= keptFreePages) return nothing;
  db.execute(`PRAGMA incremental_vacuum(${returnedPages})`);
  return { removed: 0, more: free - returnedPages > keptFreePages };
}
