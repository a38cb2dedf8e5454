import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Duration, secondsOf } from "./duration.ts";

const rows: readonly (readonly [Duration, number])[] = [
  [0, 0],
  [1.5, 1.5],
  ["250ms", 0.25],
  ["90s", 90],
  ["5m", 300],
  ["1.5h", 5400],
  ["2d", 172_800],
];

for (const [duration, seconds] of rows)
  test(`${JSON.stringify(duration)} is ${seconds} seconds`, () => assert.equal(secondsOf(duration), seconds));

test("anything else is a mistake, said at once", () => {
  // What a program without types may bring.
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY, "", "5", "m", "-5m", "5 m", "5min", "1h30m", "1e3s"])
    assert.throws(() => secondsOf(bad as Duration), TypeError, String(bad));
});

test("a unit is as many of the smaller one", () => {
  fc.assert(
    fc.property(fc.nat(10_000), (count) => {
      assert.equal(secondsOf(`${count}m`), secondsOf(`${count * 60}s`));
      assert.equal(secondsOf(`${count}d`), secondsOf(`${count * 24}h`));
    }),
  );
});
