// What a person does to deliveries that exist: cancel what waits, send an old event again, retry one delivery now.
import { advance } from "../../domain/delivery.ts";
import type { Store } from "../store.ts";
import { catalogueVersion } from "./accept.ts";
import { readStates } from "./events.ts";
import { readFlat } from "./flat.ts";
import { bearDelivery, cancelWaiting, moveDelivery, readStoredDelivery, storedDeliveryColumns } from "./moves.ts";
import type { Writing } from "./writing.ts";

const selectEvent = `
  SELECT 1 FROM events JOIN projects ON projects.id = events.project_id AND projects.deleted_at IS NULL
  WHERE events.sequence = ? AND events.project_id = ?`;

function hasEvent(writing: Writing, projectId: number, eventSequence: number): boolean {
  return writing.db.query(selectEvent).get(eventSequence, projectId) !== undefined;
}

const selectWaiting = `
  SELECT ${storedDeliveryColumns} FROM deliveries INDEXED BY deliveries_by_event
  WHERE project_id = ? AND state IN ('scheduled', 'pending', 'retrying') AND event_sequence = ?`;

export function cancel(
  writing: Writing,
  { now, projectId, eventSequence }: Parameters<Store["cancel"]>[0],
): Awaited<ReturnType<Store["cancel"]>> {
  if (!hasEvent(writing, projectId, eventSequence)) return null;
  const cancelled = cancelWaiting(writing, writing.db.query(selectWaiting).all(projectId, eventSequence), now);
  return { cancelled, states: readStates(writing.db, projectId, eventSequence) };
}

const addDeliveries = "UPDATE events SET deliveries = deliveries + ? WHERE sequence = ?";

export function replay(
  writing: Writing,
  { now, projectId, catalogueVersion: matchedVersion, eventSequence, deliveries }: Parameters<Store["replay"]>[0],
): Awaited<ReturnType<Store["replay"]>> {
  if (!hasEvent(writing, projectId, eventSequence)) return "missing";
  if (catalogueVersion(writing, projectId) !== matchedVersion) return "stale";
  for (const draft of deliveries) bearDelivery(writing, { now, projectId, eventSequence, deliverAt: now }, draft);
  writing.db.query(addDeliveries).run(deliveries.length, eventSequence);
  return "stored";
}

const selectForRetry = `
  SELECT ${storedDeliveryColumns}, triggers.deleted_at
  FROM deliveries LEFT JOIN triggers ON triggers.id = deliveries.trigger_id
  WHERE deliveries.id = ? AND deliveries.project_id = ?
    AND EXISTS (SELECT 1 FROM projects WHERE id = deliveries.project_id AND deleted_at IS NULL)`;

export function retry(
  writing: Writing,
  { now, projectId, deliveryId }: Parameters<Store["retry"]>[0],
): Awaited<ReturnType<Store["retry"]>> {
  const found = writing.db.query(selectForRetry).get(deliveryId, projectId);
  if (found === undefined) return { kind: "missing" };
  const row = readFlat(found);
  const delivery = readStoredDelivery(row);
  if (row.maybeNumber() !== null) return { kind: "no-trigger" };
  const progress = advance(delivery.progress, { kind: "asked-again", at: now });
  if (progress === null) return { kind: "busy", state: delivery.progress.state };
  moveDelivery(writing, delivery, progress);
  return { kind: "done" };
}
