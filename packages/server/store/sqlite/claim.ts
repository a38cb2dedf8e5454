// Takes what is due under a lease: new deliveries, those whose pause is over, and those whose bearer was lost.
import { advance, type DeliveryProgress } from "../../domain/delivery.ts";
import type { AgendaEntry, ClaimedDelivery, ClaimRequest, ClaimResult } from "../store.ts";
import { agendaOf } from "./agenda.ts";
import { type Flat, readFlat } from "./flat.ts";
import { tallyMove } from "./moves.ts";
import { eventColumnsOfJoin, progressColumns, readEvent, readProgress } from "./rows.ts";
import type { Writing } from "./writing.ts";

const isLiving = "SELECT 1 FROM triggers WHERE id = ? AND deleted_at IS NULL";

/** `CROSS JOIN` keeps the order of the loops: the due ones first, an event for each. */
const selectDue = `
  SELECT deliveries.sequence, deliveries.project_id, ${progressColumns}, deliveries.id, deliveries.trigger_id,
    deliveries.fence, deliveries.recorded, deliveries.event_sequence, events.depth,
    coalesce(octet_length(events.data), 0), ${eventColumnsOfJoin}
  FROM deliveries INDEXED BY deliveries_due CROSS JOIN events ON events.sequence = deliveries.event_sequence
  WHERE deliveries.trigger_id = ? AND deliveries.due_at <= ?
  ORDER BY deliveries.due_at LIMIT ?`;

const updateClaimed = "UPDATE deliveries SET state = ?, due_at = ?, fence = fence + 1, owner = ? WHERE sequence = ?";

interface ClaimAnswer {
  /** Rows of `selectDue` as they were before the claim; `readClaimed` makes of them what they are now. */
  readonly rows: readonly Flat[];
  readonly agenda: readonly AgendaEntry[];
}

export function claimDue(writing: Writing, request: ClaimRequest): ClaimAnswer {
  const rows = takeDue(writing, request);
  // Only now, since a row that is moved while its index is read could be met again.
  for (const row of rows) writeClaim(writing, request, row);
  return { rows, agenda: request.quotas.flatMap(({ triggerId }) => agendaOf(writing.db, triggerId)) };
}

function takeDue(writing: Writing, request: ClaimRequest): readonly Flat[] {
  const claimed: Flat[] = [];
  let bytesLeft = request.maxBytes;
  for (const { triggerId, limit } of request.quotas) {
    if (writing.db.query(isLiving).get(triggerId) === undefined) continue;
    for (const row of writing.db.query(selectDue).iterate(triggerId, request.now, limit)) {
      claimed.push(row);
      bytesLeft -= dataBytes(row);
      if (bytesLeft <= 0) break;
    }
    if (bytesLeft <= 0) break;
  }
  return claimed;
}

function dataBytes(row: Flat): number {
  const bytes = row[14];
  return typeof bytes === "number" ? bytes : 0;
}

function writeClaim(writing: Writing, { now, lease }: ClaimRequest, row: Flat): void {
  const values = readFlat(row);
  const sequence = values.number();
  const projectId = values.number();
  const before = readProgress(values);
  const progress = claimedProgress(before, now, lease.until);
  writing.db.query(updateClaimed).run(progress.state, progress.dueAt, lease.owner, sequence);
  tallyMove(writing, projectId, before.state, progress.state);
}

function claimedProgress(before: DeliveryProgress, now: number, leaseUntil: number): DeliveryProgress {
  const progress = advance(before, { kind: "claimed", at: now, leaseUntil });
  if (progress === null) throw new TypeError("the index of what is due holds a delivery that cannot be claimed");
  return progress;
}

/** The main thread's side. */
export function readClaimAnswer(request: ClaimRequest, { rows, agenda }: ClaimAnswer): ClaimResult {
  return { deliveries: rows.map((row) => readClaimed(request, row)), agenda };
}

function readClaimed(request: ClaimRequest, row: Flat): ClaimedDelivery {
  const values = readFlat(row);
  values.take(1);
  const projectId = values.number();
  const progress = claimedProgress(readProgress(values), request.now, request.lease.until);
  const id = values.text();
  const triggerId = values.number();
  const fence = values.number() + 1;
  const recorded = values.number();
  const eventSequence = values.number();
  const depth = values.number();
  values.take(1);
  const event = readEvent(values);
  return { id, projectId, triggerId, fence, progress, recorded, event, eventSequence, depth };
}
