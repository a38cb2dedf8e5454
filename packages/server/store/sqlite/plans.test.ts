// Asks SQLite's planner about every statement of the store: none may read a large table from end to end or sort, so that
// readings stay fast with ten million deliveries (DESIGN §8.10).
import assert from "node:assert/strict";
import { it } from "node:test";
import { deliveryStates } from "../../domain/delivery.ts";
import type { DeliveryFilter, EventFilter, PageRequest } from "../store.ts";
import { acts } from "./acts.ts";
import { agenda } from "./agenda.ts";
import type { Database } from "./database.ts";
import { readings } from "./readings.ts";
import { openEmptyDatabase } from "./test-database.ts";
import { createWriting } from "./writing.ts";

const largeTables = ["events", "deliveries", "attempts", "idempotency"];

it("no statement scans a large table or sorts", () => {
  const db = openEmptyDatabase();
  runEveryAct(db);
  runEveryReading(db);
  const texts = db.preparedTexts().filter((sql) => !/^\s*(PRAGMA|INSERT)/.test(sql));
  assert(texts.length > 80, `only ${texts.length} statements were seen`);
  for (const sql of texts) {
    for (const step of planOf(db, sql)) {
      assert(!step.includes("TEMP B-TREE"), `${step}\n${sql}`);
      assert(!largeTables.some((table) => step.startsWith(`SCAN ${table}`)), `${step}\n${sql}`);
    }
  }
});

function planOf(db: Database, sql: string): readonly string[] {
  return db
    .query(`EXPLAIN QUERY PLAN ${sql}`)
    .all()
    .map((row) => String(row[3]));
}

const now = 2e12;
const projectId = 1;
const newTrigger = { now, definition: "{}", sealed: "", maxTriggers: 9 };
/** In the order of `eventColumns`. */
const event = ["e", "/s", "t", null, "2026-07-01T00:00:00Z", null, null, null, null, null];

/** Enough of each act that all its statements are prepared. */
function runEveryAct(db: Database): void {
  const writing = createWriting(db);
  const lease = { owner: "me", until: now + 1 };
  acts.createProject(writing, { now, slug: "a", name: "A" });
  for (const name of ["a", "b"]) acts.createTrigger(writing, { ...newTrigger, projectId, name });
  const basedOn = now;
  acts.updateTrigger(writing, { now, projectId, triggerId: 1, basedOn, patch: { name: "c" } });
  const drafts = [1, ...event, now, 0, 2, "d1", 1, null, null, "d2", 2, null, null];
  acts.accept(writing, [now, projectId, 4, "key", "print", now + 1, ...drafts]);
  acts.accept(writing, [now, projectId, 4, null, null, null, ...drafts]);
  acts.claimDue(writing, {
    now,
    lease,
    quotas: [
      { triggerId: 1, limit: 9 },
      { triggerId: 2, limit: 9 },
    ],
    maxBytes: 1e9,
  });
  acts.renew(writing, { now, lease, claims: [{ deliveryId: "d1", fence: 1 }] });
  const progress = ["delivered", 1, 1, now, null, now];
  const attempt = [1, now, 1, "delivered", 200, "{}"];
  assert.deepEqual(acts.settle(writing, [now, projectId, 1, "d1", 1, ...progress, ...attempt, "gone", null]), []);
  const untried = [null, null, null, null, null, null];
  acts.settle(writing, [now, projectId, 2, "d2", 1, "pending", 0, 0, now, now, null, ...untried, null, null]);
  const eventSequence = sequenceOf(db);
  acts.cancel(writing, { now, projectId, eventSequence });
  acts.retry(writing, { now, projectId, deliveryId: "d2" });
  acts.claimDue(writing, { now, lease, quotas: [{ triggerId: 2, limit: 9 }], maxBytes: 1e9 });
  acts.recover(writing, { now, owner: "other" });
  const deliveries = [{ id: "d3", triggerId: 2, lease: null }];
  acts.replay(writing, { now, projectId, catalogueVersion: 5, eventSequence, deliveries });
  const key = { id: "k", projectId, name: "k", scopes: [], createdAt: now, hash: "h", maxKeys: 9 };
  acts.createKey(writing, key);
  acts.findKey(writing, "h");
  acts.loadCatalogue(writing, { slug: "a" });
  acts.loadCatalogue(writing, { id: 1 });
  acts.ping(writing, null);
  acts.deleteTrigger(writing, { now, projectId, triggerId: 2 });
  acts.deleteKey(writing, { projectId, keyId: "k" });
  writing.writeTallies();
  acts.prune(writing, { now: now + 2, deliveredBefore: now + 5, failedBefore: now + 5, limit: 100 });
  acts.deleteProject(writing, { now, projectId });
  acts.prune(writing, { now, deliveredBefore: 0, failedBefore: 0, limit: 100 });
}

function sequenceOf(db: Database): number {
  const sequence = db
    .query("SELECT sequence FROM events WHERE project_id = 1 AND id = 'e' AND source = '/s'")
    .get()?.[0];
  assert(typeof sequence === "number");
  return sequence;
}

function runEveryReading(db: Database): void {
  const writing = createWriting(db);
  const created = acts.createProject(writing, { now, slug: "b", name: "B" });
  assert(created.kind === "done");
  const project = { projectId: created.value.id };
  const trigger = acts.createTrigger(writing, { ...newTrigger, ...project, name: "a" });
  assert(trigger.kind === "done");
  const triggerId = trigger.value.id;
  acts.accept(writing, [
    now,
    project.projectId,
    2,
    null,
    null,
    null,
    1,
    ...event,
    now,
    0,
    1,
    "d",
    triggerId,
    null,
    null,
  ]);
  agenda(db);
  readings.listKeys(db, project);
  readings.stats(db, project);
  readings.findDelivery(db, { ...project, id: "d" });
  readings.listAttempts(db, { ...project, deliveryId: "d" });
  readings.findEvents(db, { ...project, id: "e" });
  readings.findEvents(db, { ...project, id: "e", source: "/s" });
  for (const page of pages) {
    readings.listProjects(db, page);
    for (const filter of eventFilters()) readings.listEvents(db, { ...project, filter, page });
    for (const filter of deliveryFilters(triggerId)) readings.listDeliveries(db, { ...project, filter, page });
  }
}

const pages: readonly PageRequest[] = [{ limit: 5 }, { limit: 5, before: 9 }, { limit: 5, after: 9 }];

function* eventFilters(): Generator<EventFilter> {
  for (const type of [undefined, "t"])
    for (const subject of [undefined, "s"])
      for (const status of [undefined, "unmatched" as const, ...deliveryStates])
        for (const since of [undefined, now]) yield { type, subject, status, since, until: since };
}

function* deliveryFilters(known: number): Generator<DeliveryFilter> {
  for (const state of [undefined, ...deliveryStates])
    for (const triggerId of [undefined, known])
      for (const eventSequence of [undefined, 1])
        for (const since of [undefined, now]) yield { state, triggerId, eventSequence, since, until: since };
}
