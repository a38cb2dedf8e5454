import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { defaultRetryPolicy, nextPause, type RetryPolicy } from "./backoff.ts";
import { maxRetryAfterMs } from "./retry-after.ts";

const steady: RetryPolicy = { ...defaultRetryPolicy, jitter: 0 };
const policies = fc.record({
  retries: fc.nat(20),
  initialDelayMs: fc.nat(60_000),
  factor: fc.double({ min: 1, max: 10, noNaN: true }),
  maxDelayMs: fc.integer({ min: 1, max: 3_600_000 }),
  jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  maxDurationMs: fc.integer({ min: 0, max: 7 * 86_400_000 }),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("the default waits 5, 15 and 45 seconds, and then no more", () => {
  const pauses = [1, 2, 3, 4].map((tries) => nextPause(steady, { tries, elapsedMs: 0, chance: 0.5 }));
  assert.deepEqual(pauses, [5_000, 15_000, 45_000, null]);
});

test("the default's pauses grow whatever chance says", () => {
  fc.assert(
    fc.property(chance, chance, (one, other) => {
      const first = nextPause(defaultRetryPolicy, { tries: 1, elapsedMs: 0, chance: one });
      const second = nextPause(defaultRetryPolicy, { tries: 2, elapsedMs: 0, chance: other });
      assert.ok(first !== null && second !== null && first < second);
    }),
  );
});

test("there are never more tries than retries + 1, and none after the longest duration", () => {
  fc.assert(
    fc.property(
      policies,
      fc.integer({ min: 1, max: 30 }),
      fc.nat(8 * 86_400_000),
      chance,
      (policy, tries, elapsedMs, c) => {
        const pause = nextPause(policy, { tries, elapsedMs, chance: c });
        if (tries > policy.retries) assert.equal(pause, null);
        if (pause !== null) assert.ok(elapsedMs + pause <= policy.maxDurationMs);
      },
    ),
  );
});

test("a pause is a whole number, at least zero, and within its jitter of the plan", () => {
  fc.assert(
    fc.property(policies, fc.integer({ min: 1, max: 20 }), chance, (policy, tries, c) => {
      const pause = nextPause(
        { ...policy, retries: 20, maxDurationMs: Number.MAX_SAFE_INTEGER },
        { tries, elapsedMs: 0, chance: c },
      );
      assert.ok(pause !== null && Number.isSafeInteger(pause) && pause >= 0);
      const plan = Math.min(policy.maxDelayMs, policy.initialDelayMs * policy.factor ** (tries - 1));
      assert.ok(Math.abs(pause - plan) <= (plan * policy.jitter) / 2 + 0.5);
    }),
  );
});

test("the later of backoff and Retry-After wins, and a day is the most", () => {
  const at = (retryAfterMs: number): number | null =>
    nextPause(steady, { tries: 1, elapsedMs: 0, chance: 0, retryAfterMs });
  assert.equal(at(1_000), 5_000);
  assert.equal(at(60_000), 60_000);
  assert.equal(at(48 * 3_600_000), maxRetryAfterMs);
});

test("an explicit schedule is kept to the letter and bounds the count", () => {
  const policy: RetryPolicy = { ...steady, retries: 10, schedule: [10, 500, 20] };
  const pauses = [1, 2, 3, 4].map((tries) => nextPause(policy, { tries, elapsedMs: 0, chance: 0 }));
  assert.deepEqual(pauses, [10, 500, 20, null]);
});
