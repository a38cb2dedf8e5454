// STYLE, "their numbers": small functions, files that fit in a head.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Function as FunctionNode, isFunction, type Node } from "@babel/types";
import { nameOf } from "./imports.ts";
import { nodesOf, parseSource, productionSources, type Source, sourcesBelow } from "./sources.ts";
import { assertNone, lineOf, violation } from "./violations.ts";

const maxFunctionLines = 60;
const maxFileLines = 400;
const maxMedianLines = 10;
const maxPercentile90Lines = 35;

/** Files and functions ("file#function") that may be longer, and why. An entry that nothing needs any more fails. */
const exceptions: Readonly<Record<string, string>> = {};

interface Measure {
  readonly key: string;
  readonly lines: number;
  readonly line: string;
}

function measureFunctions(source: Source): readonly Measure[] {
  const nodes = nodesOf(source);
  const names = new Map<Node, string>();
  for (const node of nodes) if (node.type === "VariableDeclarator" && node.init) names.set(node.init, nameOf(node.id));
  return nodes
    .filter((node) => isFunction(node))
    .filter((node) => hasStatements(node) && !declaresTests(node))
    .map((node) => {
      const lines = (node.loc?.end.line ?? 0) - lineOf(node) + 1;
      const name = names.get(node) ?? ownName(node) ?? "a function without a name";
      return { key: `${source.path}#${name}`, lines, line: violation(source, node, `${name} has ${lines} lines`) };
    });
}

function ownName(node: FunctionNode): string | null {
  if ("key" in node) return nameOf(node.key);
  return "id" in node && node.id ? nameOf(node.id) : null;
}

/** `(each) => each.id` says nothing about length and would only flatter the median. */
function hasStatements(node: FunctionNode): boolean {
  return node.body.type === "BlockStatement";
}

/** A suite is a list of tests, not a way that somebody has to follow. */
function declaresTests(node: FunctionNode): boolean {
  const statements = node.body.type === "BlockStatement" ? node.body.body : [];
  return statements.some(
    (each) =>
      each.type === "ExpressionStatement" &&
      each.expression.type === "CallExpression" &&
      ["test", "describe", "it"].includes(nameOf(each.expression.callee)),
  );
}

function measureFile({ path, text }: Source): Measure {
  const lines = text.trimEnd().split("\n").length;
  return { key: path, lines, line: `${path}:${lines} the file has ${lines} lines` };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

const everything = sourcesBelow(".");
const functions = everything.flatMap(measureFunctions);
const tooLong = [
  ...functions.filter(({ lines }) => lines > maxFunctionLines),
  ...everything.map(measureFile).filter(({ lines }) => lines > maxFileLines),
];

test(`no function over ${maxFunctionLines} lines, no file over ${maxFileLines}`, () => {
  const places = tooLong.filter(({ key }) => !(key in exceptions)).map(({ line }) => line);
  assertNone(places, "find the parts and give them names, or write an exception with a reason:");
});

test("every exception is still needed", () => {
  const idle = Object.keys(exceptions).filter((key) => !tooLong.some((each) => each.key === key));
  assertNone(idle, "remove these exceptions from test/style/function-length.test.ts:");
});

test(`half of all functions within ${maxMedianLines} lines, nine of ten within ${maxPercentile90Lines}`, (context) => {
  const lengths = productionSources()
    .flatMap(measureFunctions)
    .map(({ lines }) => lines)
    .sort((one, other) => one - other);
  const [median, percentile90] = [percentile(lengths, 0.5), percentile(lengths, 0.9)];
  context.diagnostic(`${lengths.length} functions: median ${median} lines, 90th percentile ${percentile90} lines`);
  assert.ok(median <= maxMedianLines, `the median is ${median} lines`);
  assert.ok(percentile90 <= maxPercentile90Lines, `the 90th percentile is ${percentile90} lines`);
});

test("the ruler measures every kind of function, and no suites", () => {
  const kinds = ["function f() {\n}", "const f = () => {\n};", "class A { f() {\n} }", "const o = { f() {\n} };"];
  const suite = "function suite() {\n  test('a', () => {\n\n});\n}";
  const lengths = (text: string): readonly number[] =>
    measureFunctions(parseSource("a.ts", text)).map(({ lines }) => lines);
  assert.deepEqual(kinds.flatMap(lengths), [2, 2, 2, 2]);
  assert.deepEqual(lengths("const f = (a: string) => a;"), []);
  assert.deepEqual(lengths(suite), [3]);
});
