import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { defaultRetryPolicy } from "./backoff.ts";
import { advance, type DeliveryHappening, type DeliveryProgress, isSettled, newDelivery } from "./delivery.ts";

const policy = { ...defaultRetryPolicy, retries: 2, jitter: 0 };
const at = 1_000;
const claimed: DeliveryHappening = { kind: "claimed", at, leaseUntil: at + 10 };
const missed: DeliveryHappening = { kind: "missed", at, policy, final: false, chance: 0 };

function after(progress: DeliveryProgress, ...happenings: readonly DeliveryHappening[]): DeliveryProgress {
  return happenings.reduce((current, happening) => {
    const next = advance(current, happening);
    assert.ok(next, `${happening.kind} does not fit ${current.state}`);
    return next;
  }, progress);
}

test("a delivery in the future is scheduled, one of now or the past is pending at once", () => {
  assert.equal(newDelivery(at, at + 1).state, "scheduled");
  assert.deepEqual([newDelivery(at, at).state, newDelivery(at, at).dueAt], ["pending", at]);
  assert.equal(newDelivery(at, 0).dueAt, at);
});

test("delivered at the first try", () => {
  const done = after(newDelivery(at, at), claimed, { kind: "succeeded", at: at + 3 });
  assert.deepEqual([done.state, done.attempts, done.dueAt, done.settledAt], ["delivered", 1, null, at + 3]);
});

test("two retries are three tries, then it has failed", () => {
  const late: DeliveryHappening = { kind: "claimed", at: at + 1e6, leaseUntil: at + 2e6 };
  const once = after(newDelivery(at, at), claimed, missed);
  assert.deepEqual([once.state, once.dueAt], ["retrying", at + 5_000]);
  const failed = after(once, late, missed, late, missed);
  assert.deepEqual([failed.state, failed.attempts, failed.dueAt], ["failed", 3, null]);
});

test("a miss that no further try can mend ends it at once", () => {
  assert.equal(after(newDelivery(at, at), claimed, { ...missed, final: true }).state, "failed");
});

test("an interruption does not count as a try", () => {
  const back = after(newDelivery(at, at), claimed, { kind: "interrupted", at: at + 5 });
  assert.deepEqual([back.state, back.attempts, back.seriesAttempts, back.dueAt], ["pending", 0, 0, at]);
});

test("a claim takes what is due, expired leases included, and nothing before its time", () => {
  assert.equal(advance(newDelivery(at, at + 1), claimed), null);
  const held = after(newDelivery(at, at), claimed);
  assert.equal(advance(held, claimed), null);
  assert.equal(advance(held, { ...claimed, at: at + 10 })?.state, "in_flight");
});

test("asked again, a failed delivery has all its retries once more, and its tries stay counted", () => {
  const failed = after(newDelivery(at, at), claimed, { ...missed, final: true });
  const again = after(failed, { kind: "asked-again", at: at + 9 });
  assert.deepEqual(
    [again.state, again.attempts, again.seriesAttempts, again.seriesStartedAt],
    ["pending", 1, 0, at + 9],
  );
});

test("what is in flight cannot be cancelled, what waits can", () => {
  assert.equal(advance(after(newDelivery(at, at), claimed), { kind: "cancelled", at }), null);
  assert.equal(after(newDelivery(at, at + 50), { kind: "cancelled", at }).state, "cancelled");
});

const happenings: fc.Arbitrary<DeliveryHappening> = fc.oneof(
  fc.record({ kind: fc.constant("claimed" as const), at: fc.nat(1e9), leaseUntil: fc.nat(1e9) }),
  fc.record({ kind: fc.constant("succeeded" as const), at: fc.nat(1e9) }),
  fc.record({
    kind: fc.constant("missed" as const),
    at: fc.nat(1e9),
    policy: fc.constant(policy),
    retryAfterMs: fc.option(fc.nat(1e9), { nil: undefined }),
    final: fc.boolean(),
    chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
  fc.record({
    kind: fc.constantFrom("interrupted" as const, "cancelled" as const, "asked-again" as const),
    at: fc.nat(1e9),
  }),
);

test("whatever happens: settled means nothing is due, anything else is due some time; tries never go down", () => {
  fc.assert(
    fc.property(fc.nat(1e6), fc.nat(1e6), fc.array(happenings, { maxLength: 30 }), (now, due, all) => {
      let progress = newDelivery(now, due);
      for (const happening of all) {
        const next = advance(progress, happening);
        if (next === null) continue;
        assert.equal(isSettled(next.state), next.dueAt === null);
        assert.equal(isSettled(next.state), next.settledAt !== null);
        assert.ok(next.attempts >= progress.attempts && next.seriesAttempts <= next.attempts);
        progress = next;
      }
    }),
  );
});
