// A project in numbers. They are kept as tallies, since counting ten million rows takes seconds.
import type { DeliveryState } from "../../domain/delivery.ts";
import type { ProjectStats } from "../store.ts";
import type { Database } from "./database.ts";
import { readFlat } from "./flat.ts";

const selectOldestDue = `
  SELECT min((SELECT due_at FROM deliveries INDEXED BY deliveries_due
              WHERE trigger_id = triggers.id AND due_at IS NOT NULL ORDER BY due_at LIMIT 1))
  FROM triggers WHERE project_id = ? AND deleted_at IS NULL`;

export const noStats: ProjectStats = {
  events: 0,
  deliveries: { scheduled: 0, pending: 0, in_flight: 0, retrying: 0, delivered: 0, failed: 0, cancelled: 0 },
  oldestDueAt: null,
};

export function stats(db: Database, projectId: number): ProjectStats {
  const counts = new Map<string, number>();
  for (const found of db.query("SELECT kind, count FROM tallies WHERE project_id = ?").iterate(projectId)) {
    const row = readFlat(found);
    counts.set(row.text(), row.number());
  }
  const count = (state: DeliveryState): number => counts.get(state) ?? 0;
  const oldest = db.query(selectOldestDue).get(projectId);
  return {
    events: counts.get("events") ?? 0,
    deliveries: {
      scheduled: count("scheduled"),
      pending: count("pending"),
      in_flight: count("in_flight"),
      retrying: count("retrying"),
      delivered: count("delivered"),
      failed: count("failed"),
      cancelled: count("cancelled"),
    },
    oldestDueAt: oldest === undefined ? null : readFlat(oldest).maybeNumber(),
  };
}
