// The example of the README, run as it is printed; its comments say what it prints.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

test("the README's example prints what it says", () => {
  const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
  const snippet = readme.split("```ts\n")[1]?.split("```")[0] ?? "";
  const printed = execFileSync(process.execPath, ["--input-type=module-typescript", "--eval", snippet], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  const promised = [...snippet.matchAll(/console\.log.*\/\/ (.*)/g)].map((match) => match[1]);
  assert.equal(promised.length, 2);
  assert.deepEqual(printed.trim().split("\n"), promised);
});
