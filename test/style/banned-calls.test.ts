// STYLE 5: time, chance and the network come in by the door. Everywhere else these calls would make a run that no seed repeats.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node } from "@babel/types";
import { nameOf } from "./imports.ts";
import { nodesOf, parseSource, productionSources, type Source } from "./sources.ts";
import { assertNone, violation } from "./violations.ts";

/** Where a banned name may stand all the same. An entry that nothing needs any more fails. */
const exceptions: readonly { readonly path: string; readonly names: readonly string[]; readonly reason: string }[] = [];

/** Where whole families of names have their home. */
const homes: Readonly<Record<string, RegExp>> = {
  "process.env": /^packages\/server\/cli\//,
  console: /^packages\/server\/cli\//,
};
const outside = /^packages\/(?:server\/outside\/|sdk\/outside\.ts$)/;

const bannedCalls = ["fetch", "setTimeout", "setInterval", "Date"];
const bannedMembers = [
  ...["Date.now", "Math.random", "performance.now", "process.hrtime", "AbortSignal.timeout", "process.env"],
  ...["randomBytes", "randomUUID", "randomInt", "randomFill", "randomFillSync", "getRandomValues"].map(
    (name) => `crypto.${name}`,
  ),
  ...["fetch", "setTimeout", "setInterval"].map((name) => `globalThis.${name}`),
];

/** The banned name that stands in this node, or null. */
function bannedName(node: Node): string | null {
  switch (node.type) {
    case "CallExpression":
      return bannedCalls.find((name) => name === nameOf(node.callee)) ?? null;
    case "NewExpression":
      return nameOf(node.callee) === "Date" && node.arguments.length === 0 ? "Date" : null;
    case "MemberExpression":
      return bannedMember(nameOf(node.object), nameOf(node.property));
    case "ImportDeclaration":
      return bannedImport(node.source.value, node.specifiers);
    default:
      return null;
  }
}

function bannedMember(object: string, property: string): string | null {
  if (object === "console") return "console";
  const name = `${object === "webcrypto" ? "crypto" : object}.${property}`;
  return bannedMembers.find((banned) => banned === name) ?? null;
}

/** `import { randomUUID } from "node:crypto"` is `crypto.randomUUID` by another way. */
function bannedImport(specifier: string, names: readonly Node[]): string | null {
  const object = /^(?:node:)?(crypto|process)$/.exec(specifier)?.[1] ?? "";
  const taken = names.flatMap((each) => (each.type === "ImportSpecifier" ? [nameOf(each.imported)] : []));
  return taken.map((name) => bannedMember(object, name)).find((name) => name !== null) ?? null;
}

interface Finding {
  readonly path: string;
  readonly name: string;
  readonly line: string;
}

function findBanned(source: Source): readonly Finding[] {
  if (outside.test(source.path)) return [];
  return nodesOf(source).flatMap((node) => {
    const name = bannedName(node);
    if (name === null || homes[name]?.test(source.path)) return [];
    return [{ path: source.path, name, line: violation(source, node, name) }];
  });
}

function isExcepted({ path, name }: Finding): boolean {
  return exceptions.some((exception) => exception.path === path && exception.names.includes(name));
}

const findings = productionSources().flatMap(findBanned);

test("time, chance, network, environment and console are used at their doors only", () => {
  const places = findings.filter((finding) => !isExcepted(finding)).map(({ line }) => line);
  assertNone(places, "let the caller bring it (see packages/server/outside), or add an exception with a reason:");
});

test("every exception is still needed", () => {
  const idle = exceptions.flatMap(({ path, names }) =>
    names
      .filter((name) => !findings.some((each) => each.path === path && each.name === name))
      .map((name) => `${path} ${name}`),
  );
  assertNone(idle, "remove these exceptions from test/style/banned-calls.test.ts:");
});

test("the rule catches what it is for, and nothing else", () => {
  const caught = [
    ...[
      "Date.now()",
      "const now = Date.now",
      "new Date()",
      "Date()",
      "Math.random()",
      "await fetch(url)",
      "globalThis.fetch(url)",
    ],
    ...[
      "setTimeout(f, 1)",
      "setInterval(f, 1)",
      "performance.now()",
      "AbortSignal.timeout(5)",
      "process.hrtime.bigint()",
    ],
    ...["crypto.randomUUID()", 'import { randomBytes as bytes } from "node:crypto"', "webcrypto.getRandomValues(a)"],
    ...["process.env.HOME", 'import { env } from "node:process"', "console.log(1)"],
  ];
  const free = [
    "new Date(0)",
    "Date.UTC(2026, 0)",
    "clock.now()",
    "setImmediate(f)",
    "clock.setTimeout(f)",
    "this.fetch()",
    "crypto.createHash('sha1')",
  ];
  const found = (text: string): number => findBanned(parseSource("packages/server/domain/planted.ts", text)).length;
  assert.deepEqual(
    caught.filter((text) => found(text) !== 1),
    [],
  );
  assert.deepEqual(
    free.filter((text) => found(text) !== 0),
    [],
  );
  assert.deepEqual(findBanned(parseSource("packages/server/outside/clock.ts", "Date.now()")), []);
});
