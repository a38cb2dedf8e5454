// Signatures as receivers verify them, with the reference library of Standard Webhooks as the receiver.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { createTrigger } from "../live/api.ts";
import { type NodeUnderTest, startNodeUnderTest } from "../live/node-under-test.ts";
import type { Arrival } from "../live/receiver.ts";

async function deliverOne({ api, receiver }: NodeUnderTest): Promise<Arrival> {
  const before = receiver.arrivals().length;
  await api.demand(202, "POST", "/events", { body: { type: "order.placed", data: { name: "Zoë" } } });
  const arrival = (await receiver.until(({ length }) => length > before)).at(-1);
  assert.ok(arrival !== undefined);
  return arrival;
}

function verifies(secret: string, { headers, body }: Arrival): boolean {
  try {
    new Webhook(secret).verify(body.toString(), headers);
    return true;
  } catch {
    return false;
  }
}

async function rotate({ api }: NodeUnderTest): Promise<string> {
  const { secret } = await api.demand<{ readonly secret: string }>(200, "POST", "/triggers/signed/rotate-secret");
  return secret;
}

test("a rotated secret and the one before it both verify during the grace period", async (context) => {
  const node = await startNodeUnderTest(context);
  const old = await createTrigger(node.api, { name: "signed", url: node.receiver.url("/signed") });
  const before = await deliverOne(node);
  assert.ok(verifies(old, before));

  const fresh = await rotate(node);
  assert.notEqual(fresh, old);
  assert.ok(!verifies(fresh, before));
  const during = await deliverOne(node);
  assert.deepEqual([verifies(old, during), verifies(fresh, during)], [true, true]);
});

test("without a grace period only the new secret verifies", async (context) => {
  const node = await startNodeUnderTest(context, { settings: { POSTHORN_ROTATION_GRACE_HOURS: "0" } });
  const old = await createTrigger(node.api, { name: "signed", url: node.receiver.url("/signed") });
  const fresh = await rotate(node);
  const arrival = await deliverOne(node);
  assert.deepEqual([verifies(old, arrival), verifies(fresh, arrival)], [false, true]);
});
