// Leases while they run, and what became of those whose bearer is gone.
import { advance } from "../../domain/delivery.ts";
import type { Store } from "../store.ts";
import { readFlat } from "./flat.ts";
import { moveDelivery, readStoredDelivery, storedDeliveryColumns } from "./moves.ts";
import type { Writing } from "./writing.ts";

const prolong = `
  UPDATE deliveries SET due_at = ?
  WHERE id = ? AND fence = ? AND state = 'in_flight' AND owner = ? AND due_at > ?`;

/** Answers the ids of those that were lost. */
export function renew(writing: Writing, request: Parameters<Store["renew"]>[0]): readonly string[] {
  const { now, lease, claims } = request;
  return claims
    .filter(
      (claim) => writing.db.query(prolong).run(lease.until, claim.deliveryId, claim.fence, lease.owner, now) === 0,
    )
    .map((claim) => claim.deliveryId);
}

const selectLeftInFlight = `
  SELECT ${storedDeliveryColumns} FROM projects CROSS JOIN deliveries INDEXED BY deliveries_by_state
  ON deliveries.project_id = projects.id AND deliveries.state = 'in_flight'
  WHERE deliveries.owner <> ?`;

/** The data folder has one owner at a time, so what others hold in flight, they hold no longer. */
export function recover(writing: Writing, request: Parameters<Store["recover"]>[0]): number {
  const left = writing.db.query(selectLeftInFlight).all(request.owner);
  for (const row of left) {
    const delivery = readStoredDelivery(readFlat(row));
    const progress = advance(delivery.progress, { kind: "interrupted", at: request.now });
    if (progress !== null) moveDelivery(writing, delivery, progress);
  }
  return left.length;
}
