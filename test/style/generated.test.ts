// STYLE 7: what is generated is committed, and never stale.
import { test } from "node:test";
import { generated } from "./generated.ts";
import { readRepositoryFile } from "./sources.ts";
import { assertNone } from "./violations.ts";

for (const { path, render } of generated) {
  test(`${path} is fresh`, async () => {
    const current = readRepositoryFile(path);
    const fresh = (await render(current)).split("\n");
    const stale = current.split("\n").findIndex((line, index) => line !== fresh[index]);
    assertNone(current === fresh.join("\n") ? [] : [`${path}:${stale + 1} is stale`], "run npm run generate:");
  });
}
