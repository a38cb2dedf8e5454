// Every snippet of the SDK's documents is compiled, run against a real Posthorn, and prints what its comments say.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { formatSecret } from "@posthorn/wire/secret";
import { startNodeUnderTest } from "../live/node-under-test.ts";
import { adminKey } from "../live/posthorn-process.ts";

const repository = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "posthorn-snippets-"));
after(() => rmSync(folder, { recursive: true, force: true }));
symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
writeFileSync(join(folder, "package.json"), '{"type":"module"}');

const snippets = ["docs/sdk.md", "packages/sdk/README.md"].flatMap((document) => {
  const text = readFileSync(join(repository, document), "utf8");
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match, index) => {
    const file = join(folder, `${document.replaceAll(/\W/g, "-")}-${index + 1}.ts`);
    writeFileSync(file, match[1] ?? "");
    return { name: `${document}, snippet ${index + 1}`, file, promised: promisedLines(match[1] ?? "") };
  });
});

/** The comment behind a console.log, and the comment lines at the very end. */
function promisedLines(snippet: string): readonly string[] {
  const lines = snippet.trim().split("\n");
  const last = lines.findLastIndex((line) => !line.startsWith("// "));
  const beside = lines.slice(0, last + 1).flatMap((line) => /console\.log\(.*\); ?\/\/ (.*)$/.exec(line)?.[1] ?? []);
  return [...beside, ...lines.slice(last + 1).map((line) => line.slice("// ".length))];
}

test("the snippets compile under the repository's own settings", () => {
  const base = join(repository, "tsconfig.json");
  const configuration = { extends: base, compilerOptions: { lib: ["es2024"] }, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(configuration));
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const { stdout, status } = spawnSync(process.execPath, [compiler, "-p", folder], { encoding: "utf8" });
  assert.equal(stdout, "");
  assert.equal(status, 0);
});

test("the snippets run, and print what they promise", async (context) => {
  const { url } = await startNodeUnderTest(context);
  const secret = formatSecret(new Uint8Array(32).fill(7));
  const env = { ...process.env, POSTHORN_URL: url, POSTHORN_KEY: adminKey, POSTHORN_SECRET: secret };
  for (const { name, file, promised } of snippets) {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    assert.deepEqual(stdout.trim().split("\n"), promised, name);
  }
  assert.ok(snippets.length >= 6);
});
