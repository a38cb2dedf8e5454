// Lists are walked page by page, both ways, without a gap and without a repeat.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PageRequest } from "../store/store.ts";
import { pageOf } from "./paging.ts";
import { startTestNode, type TestNode } from "./test-node.ts";

const identity = (row: number): number => row;

test("walking pages of rows in memory meets every row once, there and back", () => {
  const rows = fc
    .uniqueArray(fc.integer({ min: 1, max: 1000 }))
    .map((all) => all.toSorted((one, other) => one - other));
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 10 }), (all, limit) => {
      const forth = walk(all, { limit }, (page) => (page.hasOlder ? { limit, before: page.rows.at(-1) ?? 0 } : null));
      assert.deepEqual(forth, all.toReversed());
      const back = walk(all, { limit, after: 0 }, (page) =>
        page.hasNewer ? { limit, after: page.rows[0] ?? 0 } : null,
      );
      assert.deepEqual(
        back.toSorted((one, other) => one - other),
        all,
      );
    }),
  );
});

function walk(
  all: readonly number[],
  first: PageRequest,
  next: (page: ReturnType<typeof pageOf<number>>) => PageRequest | null,
): readonly number[] {
  const seen: number[] = [];
  for (let request: PageRequest | null = first; request !== null; ) {
    const page = pageOf(all, request, identity);
    seen.push(...page.rows);
    request = next(page);
  }
  return seen;
}

async function collect(
  node: TestNode,
  path: string,
  cursor: "nextCursor" | "prevCursor",
): Promise<readonly string[][]> {
  const pages: string[][] = [];
  const separator = path.includes("?") ? "&" : "?";
  for (let at: string | null = ""; at !== null; ) {
    const answer = await node.demand(200, "GET", `${path}${at === "" ? "" : `${separator}cursor=${at}`}`);
    pages.push(answer.json.data.map(({ type, name }: { type?: string; name?: string }) => type ?? name));
    at = answer.json[cursor];
  }
  return pages;
}

test("events are listed newest first; the Link header leads where the cursors do", async (context) => {
  const node = await startTestNode(context);
  for (const type of ["a", "b", "c", "d", "e"]) await node.demand(202, "POST", "/events", { body: { type } });
  assert.deepEqual(await collect(node, "/events?limit=2", "nextCursor"), [["e", "d"], ["c", "b"], ["a"]]);
  const first = await node.demand(200, "GET", "/events?limit=2");
  assert.equal(first.json.prevCursor, null);
  const [, next] = /^<([^>]+)>; rel="next"$/.exec(first.headers.get("link") ?? "") ?? [];
  const second = await node.demand(200, "GET", next ?? "");
  assert.deepEqual(
    second.json.data.map(({ type }: { type: string }) => type),
    ["c", "b"],
  );
  assert.match(second.headers.get("link") ?? "", /rel="next", <[^>]+>; rel="prev"$/);
  const back = await node.demand(200, "GET", `/events?limit=2&cursor=${second.json.prevCursor}`);
  assert.deepEqual(back.json.data, first.json.data);
});

test("a cursor holds for its own list with its own filters alone, at any limit", async (context) => {
  const node = await startTestNode(context);
  await node.demand(201, "POST", "/v1/projects", { body: { slug: "other", name: "Other" } });
  for (let count = 0; count < 3; count += 1) await node.demand(202, "POST", "/events", { body: { type: "a" } });
  const { nextCursor } = (await node.demand(200, "GET", "/events?type=a&limit=1")).json;
  await node.demand(200, "GET", `/events?limit=2&cursor=${nextCursor}&type=a`);
  for (const path of [
    `/events?cursor=${nextCursor}`,
    `/events?type=b&cursor=${nextCursor}`,
    `/deliveries?cursor=${nextCursor}`,
    `/v1/projects/other/events?type=a&cursor=${nextCursor}`,
    `/events?type=a&cursor=${nextCursor}x`,
  ]) {
    assert.equal((await node.demand(400, "GET", path)).json.code, "invalid_cursor", path);
  }
});

test("triggers and projects are paged too", async (context) => {
  const node = await startTestNode(context);
  for (const name of ["a", "b", "c"]) {
    const body = { name, types: ["*"], target: { kind: "webhook", url: "https://example.com/" } };
    await node.demand(201, "POST", "/triggers", { body });
    await node.demand(201, "POST", "/v1/projects", { body: { slug: name, name } });
  }
  assert.deepEqual(await collect(node, "/triggers?limit=2", "nextCursor"), [["c", "b"], ["a"]]);
  assert.deepEqual(await collect(node, "/v1/projects?limit=3", "nextCursor"), [["c", "b", "a"], ["Default"]]);
});

test("events are filtered by type, subject, status and time", async (context) => {
  const node = await startTestNode(context);
  const trigger = { name: "t", types: ["wanted"], target: { kind: "webhook", url: node.receiver.url("/t") } };
  await node.demand(201, "POST", "/triggers", { body: trigger });
  const settled = node.nextFact((fact) => fact.kind === "attempt.finished");
  await node.demand(202, "POST", "/events", { body: [{ type: "wanted" }, { type: "other", subject: "s" }] });
  await settled;
  const typesAt = async (query: string): Promise<readonly string[]> =>
    (await node.demand(200, "GET", `/events?${query}`)).json.data.map(({ type }: { type: string }) => type);
  assert.deepEqual(await typesAt("type=wanted"), ["wanted"]);
  assert.deepEqual(await typesAt("subject=s"), ["other"]);
  assert.deepEqual(await typesAt("status=delivered"), ["wanted"]);
  assert.deepEqual(await typesAt("status=unmatched"), ["other"]);
  assert.deepEqual(await typesAt("status=failed"), []);
  assert.deepEqual(await typesAt("since=2020-01-01T00:00:00Z"), ["other", "wanted"]);
  assert.deepEqual(await typesAt(`until=2020-01-01T00:00:00${encodeURIComponent("+02:00")}`), []);
});
