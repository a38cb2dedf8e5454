// For the tests of this room: a table of bad requests, each with the one problem that answers it.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { ProblemCode } from "./problems.ts";
import type { Message, TestNode } from "./test-node.ts";

export type Case = readonly [
  name: string,
  request: readonly [method: string, path: string, message?: Message],
  status: number,
  code: ProblemCode,
  pointers?: readonly string[],
];

export function text(body: string, headers: Readonly<Record<string, string>> = {}): Message {
  return { body, headers };
}

/** Sends each and holds the answer against its line; afterwards the node holds nothing of them all. */
export async function assertRefused(context: TestContext, node: TestNode, cases: readonly Case[]): Promise<void> {
  for (const [name, [method, path, message], status, code, pointers] of cases)
    await context.test(name, async () => {
      const answer = await node.ask(method, path, message);
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.headers.get("content-type"), "application/problem+json");
      assert.equal(answer.json.code, code, answer.text);
      assert.equal(answer.json.status, status);
      assert.equal(answer.json.type, `/docs/errors#${code}`);
      if (pointers === undefined) return;
      assert.deepEqual(
        answer.json.errors.map((each: { readonly pointer: string }) => each.pointer),
        pointers,
      );
    });
  assert.equal((await node.demand(200, "GET", "/stats")).json.events, 0);
  assert.deepEqual((await node.demand(200, "GET", "/triggers")).json.data, []);
}
