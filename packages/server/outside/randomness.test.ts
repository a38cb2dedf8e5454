import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandomness, systemRandomness } from "./randomness.ts";

test("the system's bytes are as many as asked for, never twice the same, and stay as they were", () => {
  const taken = Array.from({ length: 5_000 }, () => systemRandomness.bytes(16));
  const before = taken.map((bytes) => Buffer.from(bytes).toString("hex"));
  assert.ok(before.every((hex) => hex.length === 32));
  assert.equal(new Set(before).size, taken.length);
  systemRandomness.bytes(100_000);
  assert.deepEqual(
    taken.map((bytes) => Buffer.from(bytes).toString("hex")),
    before,
  );
  for (const count of [0, 1, 8_191, 8_192, 8_193, 100_000]) assert.equal(systemRandomness.bytes(count).length, count);
});

test("numbers lie in [0, 1) and fill it", () => {
  for (const randomness of [systemRandomness, seededRandomness(7)]) {
    const numbers = Array.from({ length: 10_000 }, () => randomness.unit());
    assert.ok(numbers.every((number) => number >= 0 && number < 1));
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const share = numbers.filter((number) => Math.floor(number * 10) === tenth).length;
      assert.ok(share > 700 && share < 1_300, `${share}`);
    }
  }
});

test("a seed gives the same again, another seed something else", () => {
  const draw = (seed: number): unknown[] => {
    const randomness = seededRandomness(seed);
    return [randomness.unit(), [...randomness.bytes(32)], randomness.unit()];
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  assert.notDeepEqual(draw(0), draw(-1));
});
