// Who imports what: every form in which one file can name another, type imports and worker threads included.
import { posix } from "node:path";
import type { ExportNamedDeclaration, ImportDeclaration, Node } from "@babel/types";
import { nodesOf, type Source } from "./sources.ts";

export interface Import {
  readonly source: Source;
  readonly node: Node;
  /** As written: "./outcome.ts", "@posthorn/wire/event", "node:crypto", "fastify". */
  readonly specifier: string;
  /** The file of ours it leads to, or null where it leads out of the repository. */
  readonly file: string | null;
  /** The names taken; "all" where it cannot be told apart. */
  readonly names: readonly string[] | "all";
  /** Nothing of it is left when the program runs. */
  readonly isTypeOnly: boolean;
}

type Reading = Pick<Import, "specifier" | "names" | "isTypeOnly">;

export function importsOf(source: Source): readonly Import[] {
  return nodesOf(source).flatMap((node) => {
    const found = readImport(node);
    return found === null ? [] : [{ source, node, ...found, file: resolveFile(source.path, found.specifier) }];
  });
}

function readImport(node: Node): Reading | null {
  switch (node.type) {
    case "ImportDeclaration":
      return { specifier: node.source.value, names: importedNames(node), isTypeOnly: isTypeImport(node) };
    case "ExportNamedDeclaration":
      return node.source ? readPassedOn(node, node.source.value) : null;
    case "ExportAllDeclaration":
      return { specifier: node.source.value, names: "all", isTypeOnly: node.exportKind === "type" };
    case "ImportExpression":
      return allOf(node.source);
    case "TSImportType":
      return allOf(node.source, /./, true);
    case "NewExpression":
      // `new URL("./thread.ts", import.meta.url)` is how a worker thread is started.
      return node.arguments[1]?.type === "MemberExpression" ? allOf(node.arguments[0], /^\.{1,2}\/.*\.[jt]s$/) : null;
    default:
      return null;
  }
}

function allOf(node: Node | undefined, shape = /./, isTypeOnly = false): Reading | null {
  if (node?.type !== "StringLiteral" || !shape.test(node.value)) return null;
  return { specifier: node.value, names: "all", isTypeOnly };
}

function isTypeImport(node: ImportDeclaration): boolean {
  const kinds = node.specifiers.map((each) => (each.type === "ImportSpecifier" ? each.importKind : "value"));
  return node.importKind === "type" || (kinds.length > 0 && kinds.every((kind) => kind === "type"));
}

function importedNames(node: ImportDeclaration): Import["names"] {
  const names = node.specifiers.map((each) => {
    if (each.type === "ImportNamespaceSpecifier") return "*";
    return each.type === "ImportDefaultSpecifier" ? "default" : nameOf(each.imported);
  });
  return names.includes("*") ? "all" : names;
}

function readPassedOn(node: ExportNamedDeclaration, specifier: string): Reading {
  const names = node.specifiers.map((each) => (each.type === "ExportSpecifier" ? nameOf(each.local) : "*"));
  return { specifier, names: names.includes("*") ? "all" : names, isTypeOnly: node.exportKind === "type" };
}

export function nameOf(node: Node): string {
  if (node.type === "Identifier") return node.name;
  return node.type === "StringLiteral" ? node.value : "*";
}

function resolveFile(from: string, specifier: string): string | null {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(from), specifier);
  const [, name, file] = /^@posthorn\/([^/]+)\/?(.*)$/.exec(specifier) ?? [];
  return name === undefined ? null : `packages/${name}/${file || "index"}.ts`;
}
