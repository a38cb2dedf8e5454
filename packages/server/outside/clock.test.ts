import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import fc from "fast-check";
import { manualClock, systemClock } from "./clock.ts";

const yearMs = 365 * 24 * 60 * 60 * 1000;

test("the system's clock counts whole milliseconds, and its monotonic one does not go back", () => {
  assert.ok(Number.isInteger(systemClock.now()));
  const first = systemClock.monotonic();
  assert.ok(systemClock.monotonic() >= first);
});

test("a moment is not announced early", async () => {
  for (const delayMs of [-5, 0, 1, 3, 7.5]) {
    const atMs = systemClock.now() + delayMs;
    const calledAt = await new Promise<number>((resolve) => {
      const waiting = setTimeout(() => {}, 1_000);
      systemClock.at(atMs, () => {
        clearTimeout(waiting);
        resolve(systemClock.now());
      });
    });
    assert.ok(calledAt >= atMs, `${calledAt - atMs}`);
  }
});

test("a wait of years is made in legs that timers can take", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  let calls = 0;
  systemClock.at(3 * yearMs, () => {
    calls += 1;
  });
  t.mock.timers.tick(2 ** 31);
  assert.equal(calls, 0);
  // A tick of the mock fires what was due at its beginning, so legs are passed one by one.
  for (let leg = 1; leg < 44; leg += 1) t.mock.timers.tick(2 ** 31 - 1);
  assert.equal(calls, 0);
  t.mock.timers.tick(2 ** 31 - 1);
  assert.equal(calls, 1);
});

test("what was cancelled is not called, on any leg, and to cancel late does no harm", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  let calls = 0;
  const count = (): void => {
    calls += 1;
  };
  const cancelFar = systemClock.at(yearMs, count);
  t.mock.timers.tick(2 ** 31);
  cancelFar();
  cancelFar();
  for (let leg = 0; leg < 20; leg += 1) t.mock.timers.tick(2 ** 31 - 1);
  assert.equal(calls, 0);
  const cancelDone = systemClock.at(Date.now() + 1, count);
  t.mock.timers.tick(1);
  cancelDone();
  assert.equal(calls, 1);
});

test("what waits does not keep the process alive", async () => {
  const clock = new URL("./clock.ts", import.meta.url).href;
  const program = `import { systemClock } from ${JSON.stringify(clock)}; systemClock.at(Date.now() + 600_000, () => {});`;
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], { timeout: 20_000 });
});

test("a manual clock calls what falls due, in order, each at its time", () => {
  const clock = manualClock(1_000);
  const called: string[] = [];
  const note = (name: string) => () => called.push(`${name}@${clock.now()}`);
  clock.at(1_030, note("c"));
  clock.at(1_010, () => {
    note("a")();
    clock.at(1_015, note("nested"));
    clock.at(900, note("late"));
  });
  clock.at(1_030, note("d"));
  const cancel = clock.at(1_020, note("b"));
  cancel();
  cancel();
  clock.advance(29);
  assert.deepEqual(called, ["a@1010", "late@1010", "nested@1015"]);
  clock.advance(1);
  assert.deepEqual(called.slice(3), ["c@1030", "d@1030"]);
  assert.deepEqual([clock.now(), clock.monotonic()], [1_030, 30]);
});

test("a manual clock calls exactly what is due, sorted by time", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100)), fc.array(fc.nat(30)), (moments, steps) => {
      const clock = manualClock(0);
      const called: number[] = [];
      for (const at of moments) clock.at(at, () => called.push(at));
      for (const step of steps) clock.advance(step);
      const due = moments.filter((at) => steps.length > 0 && at <= clock.now());
      assert.deepEqual(
        called,
        due.toSorted((a, b) => a - b),
      );
    }),
  );
});
