// Stores events with everything they owe: what an answer 202 stands for (DESIGN §2). The request crosses to the writer
// as one flat list, written and read here side by side.
import type { AcceptRequest, AcceptResult, EventDraft, EventReceipt } from "../store.ts";
import { type Flat, type FlatReader, type FlatValue, readFlat } from "./flat.ts";
import { bearDelivery, flattenDeliveryDraft, readDeliveryDraft } from "./moves.ts";
import { eventColumnCount, eventColumns, flattenEvent } from "./rows.ts";
import type { Writing } from "./writing.ts";

/** A sequence number stands for the receipt of a new event, which the main thread can write by itself. */
export type FlatReceipt = number | EventReceipt;
type AcceptAnswer = readonly FlatReceipt[] | Exclude<AcceptResult, { readonly kind: "stored" }>;

// ── The main thread's side ─────────────────────────────────────────────────────────────────────────────────────────

export function flattenAccept(request: AcceptRequest): Flat {
  const { idempotency } = request;
  const values: FlatValue[] = [
    request.now,
    request.projectId,
    request.catalogueVersion,
    idempotency?.key ?? null,
    idempotency?.fingerprint ?? null,
    idempotency?.expiresAt ?? null,
  ];
  flattenDrafts(values, request.events);
  return values;
}

export function flattenDrafts(values: FlatValue[], drafts: readonly EventDraft[]): void {
  values.push(drafts.length);
  for (const draft of drafts) {
    values.push(...flattenEvent(draft.event), draft.deliverAt, draft.depth, draft.deliveries.length);
    for (const delivery of draft.deliveries) values.push(...flattenDeliveryDraft(delivery));
  }
}

export function readAcceptAnswer(request: AcceptRequest, answer: AcceptAnswer): AcceptResult {
  return "kind" in answer ? answer : { kind: "stored", receipts: readReceipts(request.events, answer) };
}

/** `answer` holds one entry for each draft, in their order. */
export function readReceipts(drafts: readonly EventDraft[], answer: readonly FlatReceipt[]): readonly EventReceipt[] {
  return drafts.map((draft, index) => {
    const receipt = answer[index];
    if (receipt === undefined) throw new TypeError("the writer answered fewer receipts than there were drafts");
    return typeof receipt === "number" ? firstReceipt(draft, receipt) : receipt;
  });
}

function firstReceipt({ event, deliverAt, deliveries }: EventDraft, sequence: number): EventReceipt {
  const { id, source, type, time } = event;
  if (time === undefined) throw new TypeError("an event without a time cannot have been stored");
  return { sequence, id, source, type, time, deliverAt, deliveries: deliveries.length, duplicate: false };
}

// ── The writer's side ──────────────────────────────────────────────────────────────────────────────────────────────

const projectVersion = "SELECT catalogue_version FROM projects WHERE id = ? AND deleted_at IS NULL";

/** The version of a project's triggers, or null when there is no such project. */
export function catalogueVersion(writing: Writing, projectId: number): number | null {
  const row = writing.db.query(projectVersion).get(projectId);
  return row === undefined ? null : readFlat(row).number();
}

export function accept(writing: Writing, request: Flat): AcceptAnswer {
  const values = readFlat(request);
  const now = values.number();
  const projectId = values.number();
  const matchedVersion = values.number();
  const idempotency = readIdempotency(values);
  const version = catalogueVersion(writing, projectId);
  if (version === null) return { kind: "no-project" };
  const earlier = idempotency === null ? null : findEarlier(writing, projectId, idempotency, now);
  if (earlier !== null) return earlier;
  if (version !== matchedVersion) return { kind: "stale" };
  const receipts = storeDrafts(writing, { now, projectId }, values);
  if (idempotency !== null) keepReceipts(writing, projectId, idempotency, receipts);
  return briefly(receipts);
}

/** Stores the drafts that `values` holds next. */
export function storeDrafts(
  writing: Writing,
  by: { readonly now: number; readonly projectId: number },
  values: FlatReader,
): readonly EventReceipt[] {
  const receipts: EventReceipt[] = [];
  for (let left = values.number(); left > 0; left -= 1) receipts.push(storeDraft(writing, by, values));
  return receipts;
}

export function briefly(receipts: readonly EventReceipt[]): readonly FlatReceipt[] {
  return receipts.map((receipt) => (receipt.duplicate ? receipt : receipt.sequence));
}

const insertEvent = `
  INSERT INTO events (sequence, project_id, ${eventColumns}, deliver_at, depth, deliveries)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (project_id, id, source) DO NOTHING`;

/** An event whose source and id were accepted before answers with the first one's receipt; its drafts are read past. */
function storeDraft(
  writing: Writing,
  { now, projectId }: { readonly now: number; readonly projectId: number },
  values: FlatReader,
): EventReceipt {
  const event = values.take(eventColumnCount);
  const deliverAt = values.number();
  const depth = values.number();
  const deliveries = values.number();
  const sequence = writing.nextSequence(now);
  const isNew = writing.db.query(insertEvent).run(sequence, projectId, ...event, deliverAt, depth, deliveries) === 1;
  for (let left = deliveries; left > 0; left -= 1) {
    const draft = readDeliveryDraft(values);
    if (isNew) bearDelivery(writing, { now, projectId, eventSequence: sequence, deliverAt }, draft);
  }
  const attributes = readFlat(event);
  const id = attributes.text();
  const source = attributes.text();
  if (!isNew) return findFirst(writing, projectId, id, source);
  writing.tally(projectId, "events", 1);
  const type = attributes.text();
  attributes.take(1);
  return { sequence, id, source, type, time: attributes.text(), deliverAt, deliveries, duplicate: false };
}

const selectFirst =
  "SELECT sequence, type, time, deliver_at, deliveries FROM events WHERE project_id = ? AND id = ? AND source = ?";

function findFirst(writing: Writing, projectId: number, id: string, source: string): EventReceipt {
  const row = readFlat(writing.db.query(selectFirst).get(projectId, id, source) ?? []);
  return {
    sequence: row.number(),
    id,
    source,
    type: row.text(),
    time: row.text(),
    deliverAt: row.number(),
    deliveries: row.number(),
    duplicate: true,
  };
}

// ── Idempotency (STANDARDS IK-2 to IK-4) ───────────────────────────────────────────────────────────────────────────

type Idempotency = NonNullable<AcceptRequest["idempotency"]>;

function readIdempotency(values: FlatReader): Idempotency | null {
  const key = values.maybeText();
  const fingerprint = values.maybeText();
  const expiresAt = values.maybeNumber();
  return key === null || fingerprint === null || expiresAt === null ? null : { key, fingerprint, expiresAt };
}

const selectReceipts =
  "SELECT fingerprint, receipts FROM idempotency WHERE project_id = ? AND key = ? AND expires_at > ?";

function findEarlier(
  writing: Writing,
  projectId: number,
  { key, fingerprint }: Idempotency,
  now: number,
): AcceptAnswer | null {
  const found = writing.db.query(selectReceipts).get(projectId, key, now);
  if (found === undefined) return null;
  const row = readFlat(found);
  if (row.text() !== fingerprint) return { kind: "key-reused" };
  // Written by `keepReceipts`.
  return { kind: "repeated", receipts: JSON.parse(row.text()) as readonly EventReceipt[] };
}

/** Takes the place of an expired row. */
const replaceReceipts =
  "INSERT OR REPLACE INTO idempotency (project_id, key, fingerprint, receipts, expires_at) VALUES (?, ?, ?, ?, ?)";

function keepReceipts(
  writing: Writing,
  projectId: number,
  { key, fingerprint, expiresAt }: Idempotency,
  receipts: readonly EventReceipt[],
): void {
  writing.db.query(replaceReceipts).run(projectId, key, fingerprint, JSON.stringify(receipts), expiresAt);
}
