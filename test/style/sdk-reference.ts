// The reference of the SDK in docs/sdk.md: every export with its words and its types, read from the declarations that the
// compiler makes of packages/sdk.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "@babel/parser";
import type { Comment, Node, Statement } from "@babel/types";
import { repository } from "./sources.ts";

/** In the order in which a reader needs them, and the files of packages/sdk that tell of each. */
const chapters: Readonly<Record<string, readonly string[]>> = {
  Events: ["catalogue", "schema-check", "standard-schema", "json-schema-type"],
  Client: ["client", "publication", "duration", "retry", "request", "errors"],
  "What Posthorn keeps": ["triggers", "deliveries", "recorded-events", "keys", "lists"],
  Receiver: [
    "receiver",
    "received-event",
    "reception",
    "refusal",
    "verify-message",
    "handshake",
    "raw-body",
    "adapters",
  ],
  "Your own tests": ["sign-test-request", "outside"],
  Duplicates: ["claims", "memory-claims", "sqlite-claims", "postgres-claims", "redis-claims"],
  "globalMOO and GreyMatter": [
    ...["handle-event", "resource-events", "project", "inverse", "exceptions", "notification"],
  ],
};

interface Declaration {
  readonly name: string;
  readonly words: string;
  readonly code: string;
  /** A function, a class or a constant; all else is for the compiler alone. */
  readonly isValue: boolean;
}

export function sdkReference(): string {
  const folder = mkdtempSync(join(tmpdir(), "posthorn-reference-"));
  try {
    const compiler = join(repository, "node_modules/typescript/bin/tsc");
    const options = ["--project", join(repository, "release"), "--emitDeclarationOnly", "--outDir", folder];
    execFileSync(process.execPath, [compiler, ...options]);
    return render((file) => readFileSync(join(folder, "sdk", `${file}.d.ts`), "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function render(read: (file: string) => string): string {
  const wanted = exportedNames(read("index"));
  const told = new Set<string>();
  const texts = Object.entries(chapters).map(([title, files]) => {
    const all = files.flatMap((file) => declarationsOf(read(file))).filter(({ name }) => wanted.has(name));
    // What does something comes first, then the types that it speaks of.
    const declarations = [...all.filter(({ isValue }) => isValue), ...all.filter(({ isValue }) => !isValue)];
    for (const { name } of declarations) told.add(name);
    return [`## ${title}`, ...declarations.map(section)].join("\n\n");
  });
  const missing = [...wanted].filter((name) => !told.has(name));
  if (missing.length > 0) throw new Error(`give these exports a chapter in sdk-reference.ts: ${missing.join(", ")}`);
  return texts.join("\n\n");
}

function statementsOf(text: string): readonly Statement[] {
  return parse(text, { sourceType: "module", plugins: [["typescript", { dts: true }]] }).program.body;
}

function exportedNames(index: string): ReadonlySet<string> {
  const names = statementsOf(index).flatMap((statement) =>
    statement.type === "ExportNamedDeclaration" ? statement.specifiers : [],
  );
  return new Set(names.flatMap((each) => ("name" in each.exported ? [each.exported.name] : [])));
}

function declarationsOf(text: string): readonly Declaration[] {
  return statementsOf(text).flatMap((statement) => {
    if (statement.type !== "ExportNamedDeclaration" || !statement.declaration) return [];
    const name = nameOf(statement.declaration);
    const { start, end } = statement.declaration;
    if (name === undefined || start == null || end == null) return [];
    const isValue = !/^TS(Interface|TypeAlias)/.test(statement.declaration.type);
    return [{ name, words: wordsOf(statement.leadingComments), code: tidy(text.slice(start, end)), isValue }];
  });
}

function nameOf(declaration: Node): string | undefined {
  const named = declaration.type === "VariableDeclaration" ? declaration.declarations[0] : declaration;
  const id = named !== undefined && "id" in named ? named.id : undefined;
  return id?.type === "Identifier" ? id.name : undefined;
}

function wordsOf(comments: readonly Comment[] | null | undefined): string {
  const block = comments?.findLast(({ type, value }) => type === "CommentBlock" && value.startsWith("*"));
  const lines = (block?.value.slice(1) ?? "").split("\n").map((line) => line.replace(/^\s*\*? ?/, "").trimEnd());
  return lines
    .join("\n")
    .trim()
    .replace(/^@throws /gm, "\nThrows ");
}

/** What the compiler writes and nobody needs to read. */
function tidy(code: string): string {
  const lines = code.replace(/^declare /, "").split("\n");
  return lines
    .filter((line) => line.trim() !== "#private;")
    .join("\n")
    .replaceAll("    ", "  ");
}

function section({ name, words, code }: Declaration): string {
  return [`### ${name}`, ...(words === "" ? [] : [words]), `\`\`\`typescript\n${code}\n\`\`\``].join("\n\n");
}
