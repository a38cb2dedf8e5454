// How the style tests say what is wrong: one line for each place, in the form that editors jump to.
import assert from "node:assert/strict";
import type { Node } from "@babel/types";
import type { Source } from "./sources.ts";

export function violation(source: Source, node: Node, rule: string): string {
  return `${source.path}:${lineOf(node)} ${rule}`;
}

export function lineOf(node: Node): number {
  return node.loc?.start.line ?? 1;
}

/** Fails with the remedy and every place where it is due. */
export function assertNone(violations: readonly string[], remedy: string): void {
  if (violations.length > 0) assert.fail([remedy, ...violations].join("\n  "));
}
