// Records a try: the attempt as proof, what the delivery has come to, and the events that the try leads to, in one act.
import type { Attempt } from "../../domain/attempt.ts";
import type { DeliveryProgress } from "../../domain/delivery.ts";
import type { SettleRequest, SettleResult } from "../store.ts";
import { briefly, catalogueVersion, type FlatReceipt, flattenDrafts, readReceipts, storeDrafts } from "./accept.ts";
import { pauseTrigger } from "./catalogue.ts";
import { type Flat, type FlatValue, readFlat } from "./flat.ts";
import { tallyMove } from "./moves.ts";
import { flattenProgress, progressAssignments, readProgress } from "./rows.ts";
import type { Writing } from "./writing.ts";

type SettleAnswer = readonly FlatReceipt[] | "lost" | "stale";

// ── The main thread's side ─────────────────────────────────────────────────────────────────────────────────────────

export function flattenSettle(request: SettleRequest): Flat {
  const { attempt, follow } = request;
  const values: FlatValue[] = [
    request.now,
    request.projectId,
    request.triggerId,
    request.deliveryId,
    request.fence,
    ...flattenProgress(request.progress),
    ...flattenAttempt(attempt),
    request.pause?.reason ?? null,
    follow?.catalogueVersion ?? null,
  ];
  if (follow !== undefined) flattenDrafts(values, follow.events);
  return values;
}

/** As many values for a claim that was given back untried. */
function flattenAttempt(attempt: Attempt | null): FlatValue[] {
  if (attempt === null) return [null, null, null, null, null, null];
  const { number, startedAt, durationMs, outcome, status, evidence } = attempt;
  return [number, startedAt, durationMs, outcome, status, JSON.stringify(evidence)];
}

export function readSettleAnswer(request: SettleRequest, answer: SettleAnswer): SettleResult {
  if (answer === "lost" || answer === "stale") return { kind: answer };
  return { kind: "recorded", receipts: readReceipts(request.follow?.events ?? [], answer) };
}

// ── The writer's side ──────────────────────────────────────────────────────────────────────────────────────────────

export function settle(writing: Writing, request: Flat): SettleAnswer {
  const values = readFlat(request);
  const now = values.number();
  const projectId = values.number();
  const triggerId = values.number();
  const sequence = findClaim(writing, { now, projectId, triggerId, deliveryId: values.text(), fence: values.number() });
  if (sequence === null) return "lost";
  const progress = readProgress(values);
  const attempt = values.take(attemptColumnCount);
  const pauseReason = values.maybeText();
  const matchedVersion = values.maybeNumber();
  // A project that was deleted meanwhile has no version at all: what follows in it is stale as well.
  if (matchedVersion !== null && catalogueVersion(writing, projectId) !== matchedVersion) return "stale";
  writeProgress(writing, sequence, progress, attempt);
  tallyMove(writing, projectId, "in_flight", progress.state);
  if (pauseReason !== null) pauseTrigger(writing, { now, projectId, triggerId, reason: pauseReason });
  return matchedVersion === null ? [] : briefly(storeDrafts(writing, { now, projectId }, values));
}

const selectClaim = `
  SELECT sequence FROM deliveries
  WHERE id = ? AND project_id = ? AND trigger_id = ? AND state = 'in_flight' AND fence = ? AND due_at > ?`;

function findClaim(
  writing: Writing,
  claim: Pick<SettleRequest, "now" | "projectId" | "triggerId" | "deliveryId" | "fence">,
): number | null {
  const { deliveryId, projectId, triggerId, fence, now } = claim;
  const row = writing.db.query(selectClaim).get(deliveryId, projectId, triggerId, fence, now);
  return row === undefined ? null : readFlat(row).number();
}

const attemptColumnCount = 6;
const insertAttempt = `
  INSERT INTO attempts (delivery_sequence, number, started_at, duration_ms, outcome, status, evidence)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const updateSettled = `UPDATE deliveries SET ${progressAssignments}, owner = NULL WHERE sequence = ?`;
const updateRecorded = `
  UPDATE deliveries SET ${progressAssignments}, owner = NULL, recorded = ?, last_outcome = ? WHERE sequence = ?`;

function writeProgress({ db }: Writing, sequence: number, progress: DeliveryProgress, attempt: Flat): void {
  const [number = null, , , outcome = null] = attempt;
  if (number === null) {
    db.query(updateSettled).run(...flattenProgress(progress), sequence);
    return;
  }
  db.query(insertAttempt).run(sequence, ...attempt);
  db.query(updateRecorded).run(...flattenProgress(progress), number, outcome, sequence);
}
