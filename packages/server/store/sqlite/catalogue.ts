// Projects and their triggers: what matching works on. Every change of a trigger makes the project's version one higher,
// in the same transaction, so that no event is stored against triggers that have changed (DESIGN §2).
import type { Project } from "../../domain/project.ts";
import type { ProjectCatalogue, Put, Store, TriggerPatch, TriggerRecord } from "../store.ts";
import type { Database } from "./database.ts";
import { type Flat, readFlat } from "./flat.ts";
import { cancelWaiting, storedDeliveryColumns } from "./moves.ts";
import type { Writing } from "./writing.ts";

// ── Projects ───────────────────────────────────────────────────────────────────────────────────────────────────────

const markProjectDeleted = `
  UPDATE projects SET deleted_at = ?, catalogue_version = catalogue_version + 1 WHERE id = ? AND deleted_at IS NULL`;
const markTriggersDeleted = `
  UPDATE triggers SET deleted_at = ?, definition = '{}', sealed = '' WHERE project_id = ? AND deleted_at IS NULL`;

/** Events and deliveries stay for `prune`, out of everybody's reach. */
export function deleteProject({ db }: Writing, { now, projectId }: Parameters<Store["deleteProject"]>[0]): boolean {
  if (db.query(markProjectDeleted).run(now, projectId) === 0) return false;
  db.query(markTriggersDeleted).run(now, projectId);
  db.query("DELETE FROM keys WHERE project_id = ?").run(projectId);
  return true;
}

export const projectColumns = "id, slug, name, created_at";

export function readProject(row: Flat): Project {
  const values = readFlat(row);
  return { id: values.number(), slug: values.text(), name: values.text(), createdAt: values.number() };
}

// ── Triggers ───────────────────────────────────────────────────────────────────────────────────────────────────────

const raiseVersion =
  "UPDATE projects SET catalogue_version = catalogue_version + 1 WHERE id = ? AND deleted_at IS NULL";
const countTriggers = "SELECT count(*) FROM triggers WHERE project_id = ? AND deleted_at IS NULL";
const triggerColumns = "id, project_id, name, definition, sealed, paused_reason, paused_at, created_at, updated_at";
const insertTrigger = `
  INSERT INTO triggers (project_id, name, definition, sealed, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING RETURNING ${triggerColumns}`;

export function createTrigger({ db }: Writing, request: Parameters<Store["createTrigger"]>[0]): Put<TriggerRecord> {
  const { now, projectId, name, definition, sealed } = request;
  if (db.query("SELECT 1 FROM projects WHERE id = ? AND deleted_at IS NULL").get(projectId) === undefined) {
    return { kind: "missing" };
  }
  if (findTriggerByName(db, projectId, name) !== undefined) return { kind: "taken" };
  if (readFlat(db.query(countTriggers).get(projectId) ?? []).number() >= request.maxTriggers) {
    return { kind: "too-many" };
  }
  const row = db.query(insertTrigger).get(projectId, name, definition, sealed, now, now);
  if (row === undefined) return { kind: "taken" };
  db.query(raiseVersion).run(projectId);
  return { kind: "done", value: readTrigger(row) };
}

function findTriggerByName(db: Database, projectId: number, name: string): Flat | undefined {
  return db
    .query("SELECT id FROM triggers WHERE project_id = ? AND name = ? AND deleted_at IS NULL")
    .get(projectId, name);
}

const selectTrigger = `SELECT ${triggerColumns} FROM triggers WHERE id = ? AND project_id = ? AND deleted_at IS NULL`;

function findTrigger(db: Database, projectId: number, triggerId: number): TriggerRecord | null {
  const row = db.query(selectTrigger).get(triggerId, projectId);
  return row === undefined ? null : readTrigger(row);
}

export function updateTrigger(
  writing: Writing,
  { now, projectId, triggerId, basedOn, patch }: Parameters<Store["updateTrigger"]>[0],
): Awaited<ReturnType<Store["updateTrigger"]>> {
  const known = findTrigger(writing.db, projectId, triggerId);
  if (known === null) return { kind: "missing" };
  if (known.updatedAt !== basedOn) return { kind: "conflict" };
  const changed = patched(known, patch, now);
  const isRenamed = changed.name !== known.name;
  if (isRenamed && findTriggerByName(writing.db, projectId, changed.name) !== undefined) return { kind: "taken" };
  writeTrigger(writing, changed);
  return { kind: "done", value: changed };
}

/** `updatedAt` always grows, so that two changes in one millisecond are told apart. */
function patched(known: TriggerRecord, patch: TriggerPatch, now: number): TriggerRecord {
  return {
    ...known,
    name: patch.name ?? known.name,
    definition: patch.definition ?? known.definition,
    sealed: patch.sealed ?? known.sealed,
    paused: patch.paused === undefined ? known.paused : patch.paused,
    updatedAt: Math.max(now, known.updatedAt + 1),
  };
}

const updateTriggerRow = `
  UPDATE triggers SET name = ?, definition = ?, sealed = ?, paused_reason = ?, paused_at = ?, updated_at = ? WHERE id = ?`;

function writeTrigger({ db }: Writing, trigger: TriggerRecord): void {
  const { name, definition, sealed, paused, updatedAt, id } = trigger;
  db.query(updateTriggerRow).run(name, definition, sealed, paused?.reason ?? null, paused?.at ?? null, updatedAt, id);
  db.query(raiseVersion).run(trigger.projectId);
}

/** A trigger that is paused already keeps its first reason. */
export function pauseTrigger(
  writing: Writing,
  {
    now,
    projectId,
    triggerId,
    reason,
  }: {
    readonly now: number;
    readonly projectId: number;
    readonly triggerId: number;
    readonly reason: string;
  },
): void {
  const known = findTrigger(writing.db, projectId, triggerId);
  if (known === null || known.paused !== null) return;
  writeTrigger(writing, patched(known, { paused: { reason, at: now } }, now));
}

const markTriggerDeleted = `
  UPDATE triggers SET deleted_at = ?, definition = '{}', sealed = '' WHERE id = ? AND project_id = ? AND deleted_at IS NULL`;
const selectWaitingOfTrigger = `
  SELECT ${storedDeliveryColumns} FROM deliveries INDEXED BY deliveries_by_trigger
  WHERE trigger_id = ? AND state IN ('scheduled', 'pending', 'retrying') LIMIT ?`;
/** One act must not hold the others up; `prune` does the rest. */
const maxCancelledAtOnce = 1_000;

/** The row stays, without its secrets, for the name that its deliveries show. */
export function deleteTrigger(
  writing: Writing,
  { now, projectId, triggerId }: Parameters<Store["deleteTrigger"]>[0],
): boolean {
  const { db } = writing;
  if (db.query(markTriggerDeleted).run(now, triggerId, projectId) === 0) return false;
  db.query(raiseVersion).run(projectId);
  cancelWaiting(writing, db.query(selectWaitingOfTrigger).all(triggerId, maxCancelledAtOnce), now);
  return true;
}

function readTrigger(row: Flat): TriggerRecord {
  const values = readFlat(row);
  return {
    id: values.number(),
    projectId: values.number(),
    name: values.text(),
    definition: values.text(),
    sealed: values.text(),
    paused: readPause(values.maybeText(), values.maybeNumber()),
    createdAt: values.number(),
    updatedAt: values.number(),
  };
}

function readPause(reason: string | null, at: number | null): TriggerRecord["paused"] {
  return reason === null || at === null ? null : { reason, at };
}

// ── Both ───────────────────────────────────────────────────────────────────────────────────────────────────────────

const selectCatalogue = (condition: string) =>
  `SELECT ${projectColumns}, catalogue_version FROM projects WHERE ${condition} AND deleted_at IS NULL`;
const selectTriggers = `SELECT ${triggerColumns} FROM triggers WHERE project_id = ? AND deleted_at IS NULL ORDER BY name`;

/** Runs on the writer, so that it sees what every answered act wrote, and no half of any other. */
export function loadCatalogue(
  { db }: Writing,
  project: Parameters<Store["loadCatalogue"]>[0],
): ProjectCatalogue | null {
  const row =
    "slug" in project
      ? db.query(selectCatalogue("slug = ?")).get(project.slug)
      : db.query(selectCatalogue("id = ?")).get(project.id);
  if (row === undefined) return null;
  const found = readProject(row);
  const version = readFlat(row.slice(4)).number();
  return { project: found, version, triggers: db.query(selectTriggers).all(found.id).map(readTrigger) };
}
