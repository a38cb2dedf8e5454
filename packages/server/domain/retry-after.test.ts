import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maxRetryAfterMs, parseRetryAfter } from "./retry-after.ts";

const now = Date.UTC(1994, 10, 6, 8, 49, 7);

test("delay-seconds are digits and nothing else", () => {
  assert.equal(parseRetryAfter("0", now), 0);
  assert.equal(parseRetryAfter("120", now), 120_000);
  assert.equal(parseRetryAfter(" 007 ", now), 7_000);
  for (const malformed of ["", "1.5", "-1", "+1", "1e3", "0x10", "1 2", "1s", "١", "Infinity", "NaN"]) {
    assert.equal(parseRetryAfter(malformed, now), undefined, malformed);
  }
});

test("all three forms of a date are read", () => {
  for (const date of ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]) {
    assert.equal(parseRetryAfter(date, now), 30_000, date);
  }
});

test("a date that has passed asks for no pause", () => {
  assert.equal(parseRetryAfter("Sun, 06 Nov 1994 08:49:00 GMT", now), 0);
});

test("no wish is longer than 24 hours", () => {
  for (const long of ["86401", "9".repeat(400), "Sun, 06 Nov 2094 08:49:37 GMT"]) {
    assert.equal(parseRetryAfter(long, now), maxRetryAfterMs, long);
  }
});

test("a year of two digits never lies more than 50 years ahead", () => {
  const in2026 = Date.UTC(2026, 0, 1);
  assert.equal(parseRetryAfter("Thursday, 01-Jan-26 00:01:00 GMT", in2026), 60_000);
  assert.equal(parseRetryAfter("Sunday, 06-Nov-94 08:49:37 GMT", in2026), 0);
});

test("what only looks like a date is ignored", () => {
  const malformed = [
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37",
    "sun, 06 nov 1994 08:49:37 gmt",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Thu, 31 Jun 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:49:37 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    "Fri, 01 Jan 0050 00:00:00 GMT",
    "1994-11-06T08:49:37Z",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
  ];
  for (const value of malformed) assert.equal(parseRetryAfter(value, now), undefined, value);
});

test("any IMF-fixdate within a day is obeyed to the second", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 86_400 }),
      fc.integer({ min: 0, max: 4_000_000_000 }),
      (seconds, nowSeconds) => {
        const nowMs = nowSeconds * 1000;
        assert.equal(parseRetryAfter(new Date(nowMs + seconds * 1000).toUTCString(), nowMs), seconds * 1000);
      },
    ),
  );
});

test("no value makes it throw, and every pause lies between 0 and 24 hours", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (value, nowMs) => {
      const pause = parseRetryAfter(value, nowMs);
      assert.ok(pause === undefined || (pause >= 0 && pause <= maxRetryAfterMs));
    }),
  );
});
