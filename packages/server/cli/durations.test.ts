import assert from "node:assert/strict";
import { test } from "node:test";
import { formatDuration, parseSeconds } from "./durations.ts";

test("times are read as people write them", () => {
  const read = ["300", "1.5s", "250ms", "5m", "2h", "7d", "0"].map(parseSeconds);
  assert.deepEqual(read, [300, 1.5, 0.25, 300, 7200, 604_800, 0]);
});

test("what is no time is not guessed at", () => {
  for (const text of ["", "5 m", "m", "-5", "5M", "1e3", "5m30s", "1.", "1.2345s"])
    assert.equal(parseSeconds(text), undefined, text);
});

test("durations are shown in the unit that needs the fewest digits", () => {
  const shown = [0, 2.6, 999, 1000, 4_230, 60_000, 120_000, 7_200_000, 259_200_000].map(formatDuration);
  assert.deepEqual(shown, ["0 ms", "3 ms", "999 ms", "1 s", "4.2 s", "60 s", "2 min", "2 h", "3 days"]);
});
