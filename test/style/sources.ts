// What the style tests read: the files of this repository, and the syntax tree of those that are TypeScript.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type ParseResult, parse } from "@babel/parser";
import { type Node, traverseFast } from "@babel/types";

export const repository = resolve(import.meta.dirname, "../..");

export interface Source {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ParseResult;
}

export function parseSource(path: string, text: string): Source {
  // A generic arrow function of a .ts file reads as a tag where JSX is on.
  const plugins = path.endsWith("x") ? (["typescript", "jsx"] as const) : (["typescript"] as const);
  const tree = parse(text, { sourceType: "module", sourceFilename: path, plugins: [...plugins] });
  return { path, text, tree };
}

/** All nodes of the tree, from the outside in. */
export function nodesOf(source: Source): readonly Node[] {
  const nodes: Node[] = [];
  traverseFast(source.tree, (node) => {
    nodes.push(node);
  });
  return nodes;
}

/** Not committed, so not ours to judge. Mirrors .gitignore. */
const uncommitted = new Set([".git", "node_modules", "dist", "data", ".artefacts"]);

/** Every committed file below `folder`, sorted. Walks the tree itself, so that an unpacked archive can be tested too. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true })
    .filter((entry) => !uncommitted.has(entry.name) && !entry.name.endsWith(".log"))
    .flatMap((entry) => {
      const path = relative(repository, join(entry.parentPath, entry.name)).replaceAll("\\", "/");
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

export function readRepositoryFile(path: string): string {
  return readFileSync(join(repository, path), "utf8");
}

/** Tests, the suites of the seams, and what only these use: whatever is made of test tools, or is named `test-<what>.ts`. */
export function isTest({ path, text }: Source): boolean {
  return /\.test\.|\/test-[^/]+$/.test(path) || /^import .* from "(node:test|fast-check)";$/m.test(text);
}

/** What runs in production: the TypeScript of all packages without its tests. */
export function productionSources(): readonly Source[] {
  return sourcesBelow("packages").filter((source) => !isTest(source));
}

/** Every TypeScript file below `folder`, tests included. */
export function sourcesBelow(folder: string): readonly Source[] {
  return filesBelow(folder)
    .filter((path) => /\.tsx?$/.test(path))
    .map((path) => parseSource(path, readRepositoryFile(path)));
}
