// The platform's own `project.created`: who is told of a new project, and what (SEEDS §4).
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestNode, type TestNode } from "./test-node.ts";

async function makeTrigger(node: TestNode, name: string, type: string): Promise<void> {
  const target = { kind: "webhook", url: node.receiver.url(`/${name}`) };
  await node.demand(201, "POST", "/triggers", { body: { name, types: [type], target, format: "resource" } });
}

function makeProject(node: TestNode, slug: string) {
  return node.demand(201, "POST", "/v1/projects", { body: { slug, name: "A shop" } });
}

test("the default project is told of a new one, and there those who ask for that type", async (context) => {
  const node = await startTestNode(context);
  await makeTrigger(node, "exact", "project.created");
  await makeTrigger(node, "prefix", "project.*");
  await makeTrigger(node, "everything", "*");
  const { json: project } = await makeProject(node, "shop");
  const arrivals = await node.receiver.until((all) => all.length === 2);
  const { data: events } = (await node.demand(200, "GET", "/events")).json;
  assert.equal(events.length, 1);
  const [{ type, source, subject, time, data, deliveries }] = events;
  assert.deepEqual([type, source, subject, deliveries], ["project.created", "/projects", "shop", 2]);
  assert.deepEqual(data, { id: project.id, created_at: time, updated_at: time, name: "A shop" });
  assert.equal(time, project.createdAt);
  const body = JSON.parse(arrivals[0]?.body.toString() ?? "");
  assert.ok(Number.isSafeInteger(body.id) && body.id > 0);
  assert.deepEqual([body.name, body.subject, body.created_at, body.data], ["project.created", "shop", time, data]);
  // The same event has the same integer id, whoever is told.
  assert.equal(JSON.parse(arrivals[1]?.body.toString() ?? "").id, body.id);
});

test("clients cannot say it, a project that was not made is not announced", async (context) => {
  const node = await startTestNode(context);
  const refused = await node.demand(400, "POST", "/events", { body: { type: "project.created" } });
  assert.equal(refused.json.code, "system_type");
  await makeProject(node, "shop");
  await node.demand(409, "POST", "/v1/projects", { body: { slug: "shop", name: "Again" } });
  assert.equal((await node.demand(200, "GET", "/events")).json.data.length, 1);
});

test("a trigger that was made a moment ago is told, and without a default project nobody is", async (context) => {
  const node = await startTestNode(context);
  await makeProject(node, "first");
  await makeTrigger(node, "late", "project.created");
  await makeProject(node, "second");
  await node.receiver.until((all) => all.length === 1);
  await node.demand(204, "DELETE", "/v1/projects/default");
  await makeProject(node, "third");
  // A default project that comes back is a new one: its own making is not told to the old.
  await node.demand(201, "POST", "/v1/projects", { body: { slug: "default", name: "Default" } });
  assert.deepEqual((await node.demand(200, "GET", "/events")).json.data, []);
});

test("triggers that are made at the same time do not get in its way", async (context) => {
  const node = await startTestNode(context);
  const numbers = Array.from({ length: 20 }, (_, index) => index);
  await Promise.all(numbers.flatMap((n) => [makeTrigger(node, `t${n}`, "other"), makeProject(node, `p${n}`)]));
  const { data: events } = (await node.demand(200, "GET", "/events?limit=100")).json;
  const subjects = events.map(({ subject }: { readonly subject: string }) => subject);
  assert.deepEqual(subjects.toSorted(), numbers.map((n) => `p${n}`).toSorted());
});
