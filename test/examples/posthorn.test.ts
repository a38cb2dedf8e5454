// The document's webhook handler and a real Posthorn: the platform publishes `project.created`, an application
// `inverse.suggested`, and the example is told of both.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@posthorn/sdk";
import { createProject } from "../live/api.ts";
import { startNodeUnderTest } from "../live/node-under-test.ts";
import { adminKey } from "../live/posthorn-process.ts";
import { secret, startExample } from "./program.ts";

const time = "2025-01-31T10:00:00.000Z";

test("what the platform and an application publish reaches the handler of the document", async (context) => {
  const node = await startNodeUnderTest(context);
  const client = new Client({ url: node.url, key: adminKey });
  const { url, line } = await startExample(context, "webhook-express");
  const types = ["project.created", "inverse.suggested"];
  const target = { kind: "webhook", url } as const;
  await client.triggers.create({ name: "optimiser", types, target, format: "resource", secret });
  const project = await createProject(node.url, "widgets");
  const { id } = await project.demand<{ readonly id: number }>(200, "GET", "");
  assert.equal(await line(), `New project ${id} created`);
  const data = { id: 9, createdAt: time, updatedAt: time, iteration: 3, input: [1] };
  await client.send({ type: "inverse.suggested", data });
  assert.equal(await line(), "Inverse step 3 suggested");
});
