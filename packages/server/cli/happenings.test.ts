import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fact } from "../observe/facts.ts";
import { describeFact } from "./happenings.ts";

const now = 1_000_000;
const attempt: Extract<Fact, { readonly kind: "attempt.finished" }> = {
  kind: "attempt.finished",
  projectId: 1,
  triggerId: 1,
  trigger: "welcome",
  deliveryId: "d1",
  eventId: "e1",
  type: "order.created",
  attempt: 1,
  outcome: "delivered",
  status: 200,
  phase: null,
  error: null,
  durationMs: 2.7,
  state: "delivered",
  nextAttemptAt: null,
  sinceDueMs: 4,
};
const missed = { ...attempt, outcome: "rejected", status: 500, state: "retrying" } as const;

const lineOf = (fact: Fact): string | undefined => describeFact(fact, now)?.line;

test("a delivery and its failures are told as they are seen from outside", () => {
  assert.equal(lineOf(attempt), "✓ order.created → welcome 200 in 3 ms");
  assert.equal(lineOf({ ...missed, nextAttemptAt: now + 4998 }), "✗ order.created → welcome 500, next try in 5 s");
  assert.equal(
    lineOf({ ...missed, outcome: "network", status: null, error: "connection refused by ::1:9", state: "failed" }),
    "✗ order.created → welcome connection refused by ::1:9, no more tries; delivery d1 has failed",
  );
});

test("acceptance says how many want the event", () => {
  const fact = {
    kind: "event.accepted",
    projectId: 1,
    eventId: "e1",
    type: "a.b",
    deliveries: 2,
    duplicate: false,
  } as const;
  assert.equal(lineOf(fact), "· a.b e1 accepted for 2 triggers");
  assert.equal(lineOf({ ...fact, deliveries: 0 }), "· a.b e1 accepted; no trigger wants it");
  assert.equal(lineOf({ ...fact, duplicate: true }), "· a.b e1 came again; nothing is sent again");
});

test("a target cannot write on the terminal", () => {
  const line = lineOf({ ...missed, status: null, error: "no\u001b[2J", state: "failed" });
  assert.match(line ?? "", /no\\u001b\[2J/);
});

test("what only machines care for is not told", () => {
  assert.equal(lineOf({ kind: "deliveries.claimed", count: 3 }), undefined);
  assert.equal(lineOf({ kind: "deliveries.recovered", count: 0 }), undefined);
});
