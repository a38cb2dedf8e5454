// Nothing crosses projects (DESIGN §8.5): every route of the document is walked without a key, with a key of another
// project, and with keys that lack its scope.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { scopes } from "../domain/key.ts";
import { adminKey, startTestNode, type TestNode } from "./test-node.ts";

interface Door {
  readonly method: string;
  readonly path: string;
  /** Null where nobody needs a key; empty where any key will do, or the admin key alone. */
  readonly scopes: readonly string[] | null;
}

function doorsOf({ document }: TestNode): readonly Door[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { security }]) => {
      const door = { path: fill(path), scopes: security === undefined ? null : security.flatMap(({ key }) => key) };
      // What is read can be asked for by HEAD too, though the document says nothing of it. The live stream cannot.
      const head = method === "get" && !path.endsWith("/live") ? [{ ...door, method: "HEAD" }] : [];
      return [{ ...door, method: method.toUpperCase() }, ...head];
    }),
  );
}

function fill(path: string): string {
  return path.replace("{project}", "default").replace(/\{\w+\}/g, "some-name");
}

async function makeKey(node: TestNode, project: string, wanted: readonly string[]): Promise<string> {
  const body = { name: "test", scopes: wanted };
  return (await node.demand(201, "POST", `/v1/projects/${project}/keys`, { body })).json.key;
}

async function startWithProjects(context: TestContext): Promise<TestNode> {
  const node = await startTestNode(context);
  await node.demand(201, "POST", "/v1/projects", { body: { slug: "other", name: "Other" } });
  return node;
}

test("without a valid key every door but the open ones is shut", async (context) => {
  const node = await startWithProjects(context);
  const wrong = [null, "", "pha_wrong", `ph_${"A".repeat(43)}`, `${adminKey}x`];
  for (const { method, path, scopes } of doorsOf(node))
    for (const key of scopes === null ? [] : wrong) {
      const answer = await node.ask(method, path, { key });
      assert.equal(answer.status, 401, `${method} ${path} with ${key}`);
      assert.match(answer.headers.get("www-authenticate") ?? "", /^Bearer /);
    }
});

test("another project's key sees the same as if the project were not there", async (context) => {
  const node = await startWithProjects(context);
  const key = await makeKey(node, "other", ["admin"]);
  const doors = doorsOf(node).filter(({ path, scopes }) => scopes !== null && path.includes("default"));
  assert.ok(doors.length > 40);
  for (const { method, path } of doors) {
    const foreign = await node.ask(method, path, { key });
    const missing = await node.ask(method, path.replace("default", "nothing"), { key });
    assert.equal(foreign.status, 404, `${method} ${path}`);
    assert.equal(foreign.text.replaceAll("default", "nothing"), missing.text);
    assert.deepEqual(headersOf(foreign.headers), headersOf(missing.headers));
  }
});

/** The length counts the letters of the slug. */
function headersOf(headers: Headers): readonly (readonly [string, string])[] {
  return [...headers].filter(([name]) => name !== "date" && name !== "content-length");
}

test("a key opens what its scopes say, and the refusal names the scope", async (context) => {
  const node = await startWithProjects(context);
  const keys = new Map<string, string>();
  for (const scope of scopes) keys.set(scope, await makeKey(node, "default", [scope]));
  for (const { method, path, scopes: needed } of doorsOf(node)) {
    const [scope] = needed ?? [];
    if (scope === undefined || method === "HEAD" || path.endsWith("/live")) continue;
    for (const [held, key] of keys) {
      const answer = await node.ask(method, path, { key });
      const isOpen: boolean = held === scope || held === "admin";
      assert.equal(answer.status === 403, !isOpen, `${method} ${path} with ${held}: ${answer.status}`);
      if (!isOpen) assert.match(answer.text, new RegExp(`lacks the scope ${scope}`));
    }
  }
});

test("projects are the admin key's alone; a project's key lists its own", async (context) => {
  const node = await startWithProjects(context);
  const key = await makeKey(node, "other", ["admin"]);
  const list = await node.demand(200, "GET", "/v1/projects", { key });
  assert.deepEqual(
    list.json.data.map(({ slug }: { slug: string }) => slug),
    ["other"],
  );
  assert.equal((await node.demand(200, "GET", "/v1/projects")).json.data.length, 2);
  await node.demand(200, "GET", "/v1/projects/other", { key });
  const made = await node.demand(403, "POST", "/v1/projects", { key, body: { slug: "third", name: "Third" } });
  assert.equal(made.json.code, "admin_key_required");
  await node.demand(403, "DELETE", "/v1/projects/other", { key });
  await node.demand(204, "DELETE", "/v1/projects/other");
  await node.demand(404, "GET", "/v1/projects/other");
  await node.demand(401, "GET", "/v1/projects", { key });
});

test("401 comes before 404, 404 before 403, and 403 before the body is looked at", async (context) => {
  const node = await startWithProjects(context);
  const reader = await makeKey(node, "default", ["events:read"]);
  const body = "{";
  await node.demand(401, "POST", "/v1/projects/nothing/triggers", { key: "wrong", body });
  await node.demand(404, "POST", "/v1/projects/nothing/triggers", { key: reader, body });
  await node.demand(403, "POST", "/v1/projects/default/triggers", { key: reader, body });
  await node.demand(400, "POST", "/v1/projects/default/triggers", { body });
});

test("a key is shown once, grants no more than its maker has, and opens nothing once it is deleted", async (context) => {
  const node = await startTestNode(context);
  const made = await node.demand(201, "POST", "/keys", {
    body: { name: "reader", scopes: ["events:read", "events:read"] },
  });
  const { id, key } = made.json;
  assert.match(key, /^ph_[\w-]{43}$/);
  assert.deepEqual(made.json.scopes, ["events:read"]);
  assert.equal(made.headers.get("location"), `/v1/projects/default/keys/${id}`);
  const list = await node.demand(200, "GET", "/keys");
  assert.deepEqual(
    list.json.data.map((each: { id: string }) => each.id),
    [id],
  );
  assert.ok(!list.text.includes(key.slice(3)));
  await node.demand(200, "GET", "/events", { key });
  await node.demand(204, "DELETE", `/keys/${id}`);
  await node.demand(401, "GET", "/events", { key });
});
