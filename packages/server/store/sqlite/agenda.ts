// When the dispatcher has to look next, and for which triggers.
import type { AgendaEntry } from "../store.ts";
import type { Database } from "./database.ts";
import { type Flat, readFlat } from "./flat.ts";

/**
 * Steps from trigger to trigger along the index of what is due, one seek each, so that a million waiting deliveries of one
 * trigger cost as much as one.
 */
const selectAgenda = `
  WITH RECURSIVE owed (trigger_id) AS (
    SELECT (SELECT trigger_id FROM deliveries INDEXED BY deliveries_due
            WHERE due_at IS NOT NULL AND trigger_id > 0 ORDER BY trigger_id LIMIT 1)
    UNION ALL
    SELECT (SELECT trigger_id FROM deliveries INDEXED BY deliveries_due
            WHERE due_at IS NOT NULL AND trigger_id > owed.trigger_id ORDER BY trigger_id LIMIT 1)
    FROM owed WHERE owed.trigger_id IS NOT NULL
  )
  SELECT triggers.project_id, triggers.id,
    (SELECT due_at FROM deliveries INDEXED BY deliveries_due
     WHERE trigger_id = triggers.id AND due_at IS NOT NULL ORDER BY due_at LIMIT 1)
  FROM owed CROSS JOIN triggers ON triggers.id = owed.trigger_id AND triggers.deleted_at IS NULL`;

export function agenda(db: Database): readonly AgendaEntry[] {
  return db.query(selectAgenda).all().map(readEntry);
}

const selectAgendaOf = `
  SELECT deliveries.project_id, deliveries.trigger_id, deliveries.due_at
  FROM deliveries INDEXED BY deliveries_due CROSS JOIN triggers
    ON triggers.id = deliveries.trigger_id AND triggers.deleted_at IS NULL
  WHERE deliveries.trigger_id = ? AND deliveries.due_at IS NOT NULL ORDER BY deliveries.due_at LIMIT 1`;

/** One entry, or none where nothing is owed. */
export function agendaOf(db: Database, triggerId: number): readonly AgendaEntry[] {
  return db.query(selectAgendaOf).all(triggerId).map(readEntry);
}

function readEntry(row: Flat): AgendaEntry {
  const values = readFlat(row);
  return { projectId: values.number(), triggerId: values.number(), dueAt: values.number() };
}
