// The document's webhook handler and a real Posthorn: an application publishes `inverse.suggested`, the example is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "@posthorn/sdk";
import { startNodeUnderTest } from "../live/node-under-test.ts";
import { adminKey } from "../live/posthorn-process.ts";
import { secret, startExample } from "./program.ts";

const time = "2025-01-31T10:00:00.000Z";

const skip = "waits for the sequence number in targets/webhook.ts, and for the platform's own project.created";

test("an event that an application publishes reaches the handler of the document", { skip }, async (context) => {
  const node = await startNodeUnderTest(context);
  const client = new Client({ url: node.url, key: adminKey });
  const { url, line } = await startExample(context, "webhook-express");
  const target = { kind: "webhook", url } as const;
  await client.triggers.create({ name: "optimiser", types: ["*"], target, format: "resource", secret });
  const data = { id: 9, createdAt: time, updatedAt: time, iteration: 3, input: [1] };
  await client.send({ type: "inverse.suggested", data });
  assert.equal(await line(), "Inverse step 3 suggested");
});
