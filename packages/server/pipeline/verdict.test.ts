// What a waiting caller is told, fact by fact.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attempt } from "../domain/attempt.ts";
import type { DeliveryState } from "../domain/delivery.ts";
import { createFacts, type Fact } from "../observe/facts.ts";
import { manualClock } from "../outside/clock.ts";
import { createVerdicts } from "./verdict.ts";

function attemptAnswering(body: string, truncated = false): Attempt {
  const evidence = { response: { headers: {}, body, truncated } };
  return { number: 1, startedAt: 0, durationMs: 1, outcome: "delivered", status: 200, evidence };
}

/** `answers` are the bodies that the webhooks of the deliveries answered. */
function setUp(answers: Readonly<Record<string, Attempt>> = {}) {
  const [facts, clock] = [createFacts(), manualClock(0)];
  const listAttempts = async (_projectId: number, deliveryId: string) => [answers[deliveryId] ?? attemptAnswering("")];
  const verdicts = createVerdicts({ facts, clock, store: { listAttempts } });
  const tell = (deliveryId: string, state: DeliveryState, projectId = 1): void =>
    facts.tell(finished(deliveryId, state, projectId));
  return { verdicts, clock, tell };
}

function finished(deliveryId: string, state: DeliveryState, projectId: number): Fact {
  return {
    ...{
      kind: "attempt.finished",
      projectId,
      triggerId: 1,
      trigger: `t-${deliveryId}`,
      deliveryId,
      eventId: "e",
      type: "a",
    },
    ...{ attempt: 1, outcome: state === "delivered" ? "delivered" : "rejected", status: 500, phase: null },
    ...{
      error: state === "delivered" ? null : "the target answered 500",
      durationMs: 1,
      state,
      nextAttemptAt: null,
      sinceDueMs: 1,
    },
  } as Fact;
}

test("a delivery that settles before anybody asks for the verdict is heard all the same", async () => {
  const { verdicts, tell } = setUp({ one: attemptAnswering('{"response":[1]}') });
  const expectation = verdicts.expect(1, "e");
  tell("one", "delivered");
  assert.deepEqual(await expectation?.verdict(1, 1000), { kind: "answered", response: "[1]" });
});

test("an event that owes nothing is answered at once", async () => {
  const { verdicts } = setUp();
  assert.deepEqual(await verdicts.expect(1, "e")?.verdict(0, 1000), { kind: "answered", response: null });
});

test("retries are waited for, other projects are not heard, and time runs out", async () => {
  const { verdicts, tell, clock } = setUp();
  const verdict = verdicts.expect(1, "e")?.verdict(1, 1000);
  tell("one", "retrying");
  tell("one", "delivered", 2);
  clock.advance(1000);
  assert.deepEqual(await verdict, { kind: "late" });
});

test("failures alone are a failure, with every trigger named; a success beside them is none", async () => {
  const { verdicts, tell } = setUp();
  const expectation = verdicts.expect(1, "e");
  tell("one", "failed");
  tell("two", "failed");
  const detail = "t-one: the target answered 500; t-two: the target answered 500";
  assert.deepEqual(await expectation?.verdict(2, 1000), { kind: "failed", detail });
  expectation?.forget();
  const other = verdicts.expect(1, "e");
  tell("one", "failed");
  tell("two", "delivered");
  assert.deepEqual(await other?.verdict(2, 1000), { kind: "answered", response: null });
});

test("only so many may wait, and a stop lets all of them go", async () => {
  const { verdicts } = setUp();
  const waiting = Array.from({ length: 1000 }, (_, index) => verdicts.expect(1, `e${index}`));
  assert.equal(verdicts.expect(1, "one too many"), null);
  waiting[0]?.forget();
  assert.notEqual(verdicts.expect(1, "in its place"), null);
  const verdict = waiting[1]?.verdict(1, 1000);
  verdicts.close();
  assert.deepEqual(await verdict, { kind: "late" });
});
