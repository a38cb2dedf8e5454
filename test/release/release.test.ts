// The packages as they are published, met by a stranger: packed, installed, compiled by three TypeScripts, run by two Nodes.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { buildPackages } from "../../release/build.ts";

const repository = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "posthorn-consumer-"));
let installed: readonly string[] = [];
after(() => rmSync(folder, { recursive: true, force: true }));

before(() => {
  const dist = buildPackages();
  const tarballs = ["wire", "sdk"].map((name) => {
    const output = execFileSync("npm", ["pack", join(dist, name), "--pack-destination", folder, "--json"], {
      encoding: "utf8",
    });
    return join(folder, JSON.parse(output)[0].filename);
  });
  writeFileSync(join(folder, "package.json"), '{"private":true,"type":"module"}');
  execFileSync("npm", ["install", "--offline", "--no-audit", "--no-fund", ...tarballs], { cwd: folder, stdio: "pipe" });
  const modules = join(folder, "node_modules");
  installed = readdirSync(modules, { recursive: true, encoding: "utf8" })
    .filter((path) => /^@?[\w-]+(\/[\w-]+)?$/.test(path) && statSync(join(modules, path)).isDirectory())
    .sort();
  copyFileSync(join(import.meta.dirname, "consumer.ts"), join(folder, "consumer.ts"));
  mkdirSync(join(folder, "node_modules", "@types"), { recursive: true });
  for (const name of ["@types/node", "undici-types"])
    symlinkSync(join(repository, "node_modules", name), join(folder, "node_modules", name));
});

const compilers = {
  "TypeScript 5": "test/release/old/node_modules/typescript",
  "TypeScript 6": "test/release/middle/node_modules/typescript",
  "TypeScript 7": "node_modules/typescript",
};

/** Where the names of fetch come from, and how imports are found. */
const surroundings = {
  "Node's types": { types: ["node"], lib: ["es2022"], module: "nodenext", moduleResolution: "nodenext" },
  "a browser's types and a bundler": {
    ...{ types: [], lib: ["es2022", "dom", "dom.iterable"] },
    ...{ module: "esnext", moduleResolution: "bundler" },
  },
};

/** Every check there is, also of the .d.ts files themselves. */
const strictest = {
  ...{ strict: true, skipLibCheck: false, target: "es2022", outDir: "out" },
  ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noPropertyAccessFromIndexSignature: true },
  ...{ verbatimModuleSyntax: true, isolatedModules: true, noUnusedLocals: true },
};

for (const [compiler, place] of Object.entries(compilers))
  for (const [what, options] of Object.entries(surroundings))
    test(`${compiler} compiles a strict consumer with ${what}`, () => {
      const configuration = { compilerOptions: { ...strictest, ...options }, files: ["consumer.ts"] };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(configuration));
      const result = spawnSync(process.execPath, [join(repository, place, "bin/tsc"), "-p", folder], {
        encoding: "utf8",
      });
      assert.equal(result.stdout, "");
      assert.equal(result.status, 0);
    });

const oldNode = join(import.meta.dirname, "old/node_modules/.bin/node");

for (const [name, program] of [
  ["Node 20", oldNode],
  ["this Node", process.execPath],
] as const)
  test(`${name} runs it`, { skip: existsSync(program) ? false : "npm carries this Node for Linux only" }, () => {
    const output = execFileSync(program, [join(folder, "out/consumer.js")], { encoding: "utf8" });
    assert.deepEqual(JSON.parse(output), {
      ...{ status: 200, totals: [42], id: 3, isUnknown: true, notification: "n", wire: false },
    });
  });

test("nothing but our own two packages is installed", () => {
  assert.deepEqual(installed, ["@posthorn", "@posthorn/sdk", "@posthorn/wire"]);
});

/** Bytes, minified, of what a bundler keeps of some exports, and of the same compressed. */
async function sizeOf(...names: readonly string[]): Promise<readonly [number, number]> {
  const contents = `export { ${names} } from "@posthorn/sdk"`;
  const stdin = { contents, resolveDir: folder };
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    write: false,
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return [bytes.length, gzipSync(bytes).length];
}

for (const [what, names, limit] of [
  ["the receive path", ["receiver"], 36_000],
  ["the receive path with JSON Schemas and claims", ["receiver", "defineEvents", "memoryClaims"], 45_000],
  ["handleEvent and all of the client", ["Client"], 50_000],
] as const)
  test(`${what} stays below ${limit / 1000} kB`, async (context) => {
    const [bytes, compressed] = await sizeOf(...names);
    context.diagnostic(
      `${what}: ${(bytes / 1000).toFixed(1)} kB minified, ${(compressed / 1000).toFixed(1)} kB compressed`,
    );
    assert.ok(bytes < limit, `${bytes} bytes`);
  });
