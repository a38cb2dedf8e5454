import assert from "node:assert/strict";
import { test } from "node:test";
import { manualClock } from "../outside/clock.ts";
import type { Happening } from "./happenings.ts";
import { limitLines } from "./line-limit.ts";

const happening = (word: Happening["word"], line: string): Happening => ({ word, line });

test("what is over the limit is summed up when the second is over, and then lines are shown again", () => {
  const clock = manualClock(1000);
  const lines: string[] = [];
  const show = limitLines(clock, 2, (line) => lines.push(line));
  for (const line of ["a", "b", "c", "d"]) show(happening("delivered", line));
  show(happening("missed", "e"));
  assert.deepEqual(lines, ["a", "b"]);
  clock.advance(1000);
  assert.deepEqual(lines, ["a", "b", "… and more: 2 delivered, 1 missed"]);
  show(happening("delivered", "f"));
  assert.equal(lines.at(-1), "f");
});

test("a quiet second says nothing of itself", () => {
  const clock = manualClock(1000);
  const lines: string[] = [];
  limitLines(clock, 2, (line) => lines.push(line))(happening("delivered", "a"));
  clock.advance(5000);
  assert.deepEqual(lines, ["a"]);
});
