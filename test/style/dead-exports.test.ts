// STYLE 10: what the server exports, somebody else in the house uses. A test alone is a user only of what its own file uses
// too (a limit, say), or code would live for its test; the suite of a seam is a user like any other.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "@babel/types";
import { type Import, importsOf, nameOf } from "./imports.ts";
import {
  filesBelow,
  nodesOf,
  parseSource,
  productionSources,
  readRepositoryFile,
  type Source,
  sourcesBelow,
} from "./sources.ts";
import { assertNone, violation } from "./violations.ts";

/** Exports ("file#name") that nobody in the house uses, and why they are there. An entry that nothing needs any more fails. */
const exceptions: Readonly<Record<string, string>> = {};

interface Export {
  readonly source: Source;
  readonly node: Node;
  readonly name: string;
}

function exportsOf(source: Source): readonly Export[] {
  return source.tree.program.body.flatMap((node): readonly Export[] => {
    if (node.type === "ExportDefaultDeclaration") return [{ source, node, name: "default" }];
    if (node.type !== "ExportNamedDeclaration") return [];
    return declaredNames(node.declaration, node.specifiers).map((name) => ({ source, node, name }));
  });
}

function declaredNames(declaration: Node | null | undefined, specifiers: readonly Node[]): readonly string[] {
  if (declaration?.type === "VariableDeclaration") return declaration.declarations.map((each) => nameOf(each.id));
  if (declaration && "id" in declaration && declaration.id) return [nameOf(declaration.id as Node)];
  return specifiers.flatMap((each) => (each.type === "ExportSpecifier" ? [nameOf(each.exported)] : []));
}

/** A type that the file's own exports speak of belongs to them: whoever calls them may have to name it one day. */
function belongsToSignature({ source, node, name }: Export): boolean {
  const kind = "declaration" in node ? node.declaration?.type : undefined;
  if (kind !== "TSInterfaceDeclaration" && kind !== "TSTypeAliasDeclaration") return false;
  const mentions = nodesOf(source).filter((each) => each.type === "TSTypeReference" && nameOf(each.typeName) === name);
  return mentions.length > 0;
}

function deadExports(
  sources: readonly Source[],
  users: readonly Source[],
  tests: readonly Source[] = [],
): readonly Export[] {
  const imports = users.flatMap(importsOf);
  const testImports = tests.flatMap(importsOf);
  return sources
    .flatMap(exportsOf)
    .filter((each) => !imports.some((one) => takes(one, each)) && !belongsToSignature(each))
    .filter((each) => !(isUsedAtHome(each) && testImports.some((one) => takes(one, each))));
}

/** Named in its own file a second time, besides its declaration. */
function isUsedAtHome({ source, name }: Export): boolean {
  return nodesOf(source).filter((node) => node.type === "Identifier" && node.name === name).length > 1;
}

function takes({ file, names }: Import, { source, name }: Export): boolean {
  return file === source.path && (names === "all" || names.includes(name));
}

/** The program of plain JavaScript by which everything starts. */
const entrances = filesBelow("packages/server/bin").map((path) => parseSource(path, readRepositoryFile(path)));
const everyFile = [...sourcesBelow("."), ...entrances];
const isTest = ({ path }: Source): boolean => path.includes(".test.");
const dead = deadExports(
  productionSources().filter(({ path }) => path.startsWith("packages/server/")),
  everyFile.filter((source) => !isTest(source)),
  everyFile.filter(isTest),
);

function keyOf({ source, name }: Export): string {
  return `${source.path}#${name}`;
}

test("everything that packages/server exports is used by another file", () => {
  const places = dead
    .filter((each) => !(keyOf(each) in exceptions))
    .map(({ source, node, name }) => violation(source, node, `nobody imports ${name}`));
  assertNone(places, "remove the word export, or what it stands before:");
});

test("every exception is still needed", () => {
  const idle = Object.keys(exceptions).filter((key) => !dead.some((each) => keyOf(each) === key));
  assertNone(idle, "remove these exceptions from test/style/dead-exports.test.ts:");
});

test("the rule catches what it is for, and nothing else", () => {
  const text = `
    export const used = 1, dead = 2;
    export function alsoUsed(options: Options): void {}
    export interface Options {}
    export interface Unspoken {}
    export class Gone {}
    export { used as renamed };`;
  const user = 'import { used } from "./a.ts"; export { alsoUsed } from "./a.ts";';
  const sources = [parseSource("packages/server/domain/a.ts", text), parseSource("packages/server/domain/b.ts", user)];
  const found = deadExports(sources.slice(0, 1), sources).map(({ name }) => name);
  assert.deepEqual(found, ["dead", "Unspoken", "Gone", "renamed"]);
  const all = parseSource("packages/server/domain/c.ts", 'import * as everything from "./a.ts";');
  assert.deepEqual(deadExports(sources.slice(0, 1), [all]), []);
});
