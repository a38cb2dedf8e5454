// How a delivery is written: born, and moved to what `advance` said. Every act that touches one goes through here, so
// that the tallies agree with the rows.
import { advance, type DeliveryProgress, type DeliveryState, newDelivery } from "../../domain/delivery.ts";
import type { DeliveryDraft } from "../store.ts";
import { type FlatReader, type FlatValue, readFlat } from "./flat.ts";
import { flattenProgress, progressAssignments, progressColumns, readProgress } from "./rows.ts";
import type { Writing } from "./writing.ts";

const insertDelivery = `
  INSERT INTO deliveries (sequence, id, project_id, trigger_id, event_sequence, state, attempts, series_attempts,
    series_started_at, due_at, settled_at, fence, owner, recorded, last_outcome)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, NULL)`;

interface Birth {
  readonly now: number;
  readonly projectId: number;
  readonly eventSequence: number;
  readonly deliverAt: number;
}

/** @throws where a draft brings a lease although its time has not come: its bearer would try too early. */
export function bearDelivery(writing: Writing, birth: Birth, draft: DeliveryDraft): void {
  const { now, projectId, eventSequence, deliverAt } = birth;
  const { lease } = draft;
  const progress = leased(newDelivery(now, deliverAt), now, lease === null ? null : lease.until);
  writing.db
    .query(insertDelivery)
    .run(
      writing.nextSequence(now),
      draft.id,
      projectId,
      draft.triggerId,
      eventSequence,
      ...flattenProgress(progress),
      lease === null ? 0 : 1,
      lease === null ? null : lease.owner,
    );
  writing.tally(projectId, progress.state, 1);
}

function leased(progress: DeliveryProgress, now: number, leaseUntil: number | null): DeliveryProgress {
  if (leaseUntil === null) return progress;
  const claimed = advance(progress, { kind: "claimed", at: now, leaseUntil });
  if (claimed === null) throw new TypeError("a delivery cannot be born in flight before its time");
  return claimed;
}

/** As many values as `flattenDeliveryDraft` writes. */
export function flattenDeliveryDraft(draft: DeliveryDraft): FlatValue[] {
  return [draft.id, draft.triggerId, draft.lease?.owner ?? null, draft.lease?.until ?? null];
}

export function readDeliveryDraft(values: FlatReader): DeliveryDraft {
  const id = values.text();
  const triggerId = values.number();
  const owner = values.maybeText();
  const until = values.maybeNumber();
  return { id, triggerId, lease: owner === null || until === null ? null : { owner, until } };
}

const updateProgress = `UPDATE deliveries SET ${progressAssignments}, owner = NULL WHERE sequence = ?`;

export interface StoredDelivery {
  readonly sequence: number;
  readonly projectId: number;
  readonly progress: DeliveryProgress;
}

/** What `moveDelivery` needs of a row: select these columns and read them with `readStoredDelivery`. */
export const storedDeliveryColumns = `deliveries.sequence, deliveries.project_id, ${progressColumns}`;

export function readStoredDelivery(row: FlatReader): StoredDelivery {
  return { sequence: row.number(), projectId: row.number(), progress: readProgress(row) };
}

/** Writes a move out of flight or between states in which nobody holds a lease. */
export function moveDelivery(writing: Writing, delivery: StoredDelivery, to: DeliveryProgress): void {
  writing.db.query(updateProgress).run(...flattenProgress(to), delivery.sequence);
  tallyMove(writing, delivery.projectId, delivery.progress.state, to.state);
}

export function tallyMove(writing: Writing, projectId: number, from: DeliveryState, to: DeliveryState): void {
  if (from === to) return;
  writing.tally(projectId, from, -1);
  writing.tally(projectId, to, 1);
}

/** Cancels what waits among `rows` (of `storedDeliveryColumns`). Answers how many. */
export function cancelWaiting(writing: Writing, rows: readonly (readonly FlatValue[])[], at: number): number {
  let cancelled = 0;
  for (const row of rows) {
    const delivery = readStoredDelivery(readFlat(row));
    const progress = advance(delivery.progress, { kind: "cancelled", at });
    if (progress === null) continue;
    moveDelivery(writing, delivery, progress);
    cancelled += 1;
  }
  return cancelled;
}
