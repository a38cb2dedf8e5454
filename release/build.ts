// `npm run build`: makes dist/wire and dist/sdk, the packages as they are published: JavaScript, types and a package.json that
// points at them. Inside this repository the TypeScript is used as it is, so the two need package.json files of their own.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..");
const dist = join(repository, "dist");

interface Published {
  readonly folder: string;
  /** The `exports` of package.json. */
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

const published: readonly Published[] = [
  { folder: "wire", exports: { "./*": { types: "./*.d.ts", default: "./*.js" } } },
  { folder: "sdk", exports: { ".": { types: "./index.d.ts", default: "./index.js" } } },
];

/** The oldest Node that the tests of the packages run on. */
const engines = { node: ">=20" };

function describe({ folder, exports }: Published): string {
  const source = JSON.parse(readFileSync(join(repository, "packages", folder, "package.json"), "utf8"));
  const { private: _neverFromSource, ...description } = source;
  return `${JSON.stringify({ ...description, exports, engines }, null, 2)}\n`;
}

/** Answers the folder with the packages. */
export function buildPackages(): string {
  rmSync(dist, { recursive: true, force: true });
  const compiler = join(repository, "node_modules", "typescript", "bin", "tsc");
  execFileSync(process.execPath, [compiler, "--project", join(repository, "release")], { stdio: "inherit" });
  for (const each of published) {
    const target = join(dist, each.folder);
    writeFileSync(join(target, "package.json"), describe(each));
    copyFileSync(join(repository, "LICENSE"), join(target, "LICENSE"));
    const readme = join(repository, "packages", each.folder, "README.md");
    if (existsSync(readme)) copyFileSync(readme, join(target, "README.md"));
  }
  return dist;
}

if (process.argv[1] === import.meta.filename) buildPackages();
