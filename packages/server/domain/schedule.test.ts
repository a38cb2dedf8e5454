import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { deliverAt, maxScheduleAheadMs } from "./schedule.ts";

const now = Date.UTC(2026, 5, 1);

test("no wish is now; the past is now", () => {
  assert.equal(deliverAt(now, {}), now);
  assert.equal(deliverAt(now, { at: 1_587_902_400 }), now);
});

test("the delay counts from the time given, or from now; seconds may have fractions", () => {
  assert.equal(deliverAt(now, { delaySeconds: 3600 }), now + 3_600_000);
  assert.equal(deliverAt(now, { at: now + 500, delaySeconds: 0.25 }), now + 750);
  assert.equal(deliverAt(now, { at: now - 10_000, delaySeconds: 4 }), now);
});

test("more than ten years ahead is no time at all", () => {
  assert.equal(deliverAt(now, { at: now + maxScheduleAheadMs }), now + maxScheduleAheadMs);
  assert.equal(deliverAt(now, { at: now + maxScheduleAheadMs + 1 }), null);
  assert.equal(deliverAt(now, { delaySeconds: Number.MAX_VALUE }), null);
});

test("an answer is a whole millisecond, never before now", () => {
  const times = fc.option(fc.double({ noNaN: true, min: -1e15, max: 1e15 }), { nil: undefined });
  const delays = fc.option(fc.double({ noNaN: true, min: 0, max: 1e9 }), { nil: undefined });
  fc.assert(
    fc.property(times, delays, (at, delaySeconds) => {
      const due = deliverAt(now, { at, delaySeconds });
      assert.ok(due === null || (Number.isSafeInteger(due) && due >= now));
    }),
  );
});
