// The SDK and a real Posthorn, over real HTTP: what the one sends the other receives, in every format.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import {
  Client,
  ConflictError,
  defineEvents,
  memoryClaims,
  NotFoundError,
  type ReceivedEvent,
  receiver,
  toNode,
  UnauthenticatedError,
} from "@posthorn/sdk";
import { formats } from "@posthorn/wire/formats";
import { formatSecret } from "@posthorn/wire/secret";
import { z } from "zod";
import { settles, startNodeUnderTest } from "../live/node-under-test.ts";
import { adminKey } from "../live/posthorn-process.ts";

const events = defineEvents({
  "order.created": z.object({ total: z.number(), items: z.array(z.string()) }),
  "order.paid": { type: "object", properties: { by: { type: "string" } }, required: ["by"] },
});
const order = { type: "order.created" as const, data: { total: 12.5, items: ["é", "😀"] } };

async function start(context: TestContext) {
  const node = await startNodeUnderTest(context);
  return { node, client: new Client({ url: node.url, key: adminKey, events }) };
}

interface Inbox {
  readonly url: string;
  /** Resolves with the next event that is handled. */
  next(): Promise<ReceivedEvent>;
}

/** Receives what a trigger sends, with its secret. */
async function startInbox(
  context: TestContext,
  secret: () => string,
  failure: () => Error | undefined = () => undefined,
): Promise<Inbox> {
  const claims = memoryClaims();
  const handled: ReceivedEvent[] = [];
  const waiting: ((event: ReceivedEvent) => void)[] = [];
  const take = (event: ReceivedEvent): void => {
    const error = failure();
    if (error !== undefined) throw error;
    const resolve = waiting.shift();
    if (resolve === undefined) handled.push(event);
    else resolve(event);
  };
  // The secret is known once the trigger is there, and that needs the address of the receiver.
  const server = createServer((request, response) => {
    const hooks = receiver({ secret: secret(), events, claims }).on("order.created", take).fallback(take);
    void toNode(hooks)(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  return {
    // A server that listens on TCP.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    next: () =>
      new Promise((resolve) => {
        const event = handled.shift();
        if (event === undefined) waiting.push(resolve);
        else resolve(event);
      }),
  };
}

for (const format of Object.values(formats).map(({ name }) => name))
  test(`what is sent arrives as ${format}`, async (context) => {
    const { client } = await start(context);
    let secret = "";
    const inbox = await startInbox(context, () => secret);
    const target = { kind: "webhook", url: inbox.url } as const;
    ({ secret } = await client.triggers.create({ name: "inbox", types: ["order.*"], target, format }));
    const receipt = await client.send(order);
    assert.equal(receipt.deliveries, 1);
    const event = await inbox.next();
    assert.deepEqual([event.type, event.format, event.data], [order.type, format, order.data]);
    assert.equal(event.dataText, JSON.stringify(order.data));
  });

test("our receiver consents to deliveries when it is asked", async (context) => {
  const { client } = await start(context);
  const secret = formatSecret(new Uint8Array(32).fill(7));
  const inbox = await startInbox(context, () => secret);
  const target = { kind: "webhook", url: inbox.url } as const;
  const wish = { name: "inbox", types: ["order.*"], target, secret, validation: "required" } as const;
  assert.equal((await client.triggers.create(wish)).validation.state, "verified");
  await client.send(order);
  assert.equal((await inbox.next()).type, order.type);
  assert.equal((await client.triggers.validate("inbox")).state, "active");
});

test("a repeat with the same idempotency key does nothing", async (context) => {
  const { client } = await start(context);
  const options = { idempotencyKey: "order-1" };
  assert.deepEqual(await client.send(order, options), await client.send(order, options));
  const other = { ...order, data: { total: 1, items: [] } };
  await assert.rejects(client.send(other, options), (error) => {
    assert.ok(error instanceof ConflictError);
    assert.equal(error.code, "idempotency_key_reused");
    return true;
  });
});

test("several events are stored together, and lists find them", async (context) => {
  const { client } = await start(context);
  const receipts = await client.send([order, { type: "order.paid", data: { by: "card" }, subject: "o-1" }]);
  assert.deepEqual(
    receipts.map(({ type }) => type),
    ["order.created", "order.paid"],
  );
  const found: string[] = [];
  for await (const event of client.events.each({ subject: "o-1" })) found.push(event.type);
  assert.deepEqual(found, ["order.paid"]);
});

test("what is scheduled can be called back", async (context) => {
  const { node, client } = await start(context);
  await client.triggers.create({ name: "t", types: ["*"], target: { kind: "webhook", url: node.receiver.url("/") } });
  const { id, deliverAt, time } = await client.send({ ...order, delay: "5m" });
  assert.equal(Date.parse(deliverAt) - Date.parse(time), 300_000);
  assert.equal(await client.events.cancel(id), 1);
  assert.deepEqual((await client.events.get(id)).states, { cancelled: 1 });
});

test("deliveries, their attempts, and a replay", async (context) => {
  const { node, client } = await start(context);
  await client.triggers.create({ name: "t", types: ["*"], target: { kind: "webhook", url: node.receiver.url("/") } });
  const settled = node.nextFact(settles("t", "delivered"));
  const { id } = await client.send(order);
  await settled;
  const { data } = await client.deliveries.list({ event: id });
  const delivery = await client.deliveries.get(data[0]?.id ?? "");
  assert.deepEqual([delivery.state, delivery.attempts], ["delivered", 1]);
  const [attempt] = await client.deliveries.attempts(delivery.id);
  assert.deepEqual([attempt?.outcome, attempt?.status], ["delivered", 204]);
  assert.equal(await client.events.replay(id), 1);
});

test("triggers from their making to their end", async (context) => {
  const { node, client } = await start(context);
  const target = { kind: "webhook", url: node.receiver.url("/") } as const;
  const created = await client.triggers.create({ name: "t", types: ["order.*"], target, retry: { retries: 1 } });
  assert.equal(await client.triggers.secret("t"), created.secret);
  assert.equal((await client.triggers.update("t", { types: ["*"] })).types[0], "*");
  assert.equal((await client.triggers.pause("t", { reason: "stock-taking" })).pausedReason, "stock-taking");
  assert.equal((await client.triggers.resume("t")).state, "active");
  assert.notEqual((await client.triggers.rotateSecret("t", { graceHours: 1 })).secret, created.secret);
  assert.match((await client.triggers.test("t")).deliveryId, /^[0-9a-f-]{36}$/);
  const names: string[] = [];
  for await (const trigger of client.triggers.each()) names.push(trigger.name);
  assert.deepEqual(names, ["t"]);
  await client.triggers.delete("t");
  await assert.rejects(client.triggers.get("t"), NotFoundError);
});

test("keys open what their scopes say", async (context) => {
  const { node, client } = await start(context);
  const { id, key } = await client.keys.create({ name: "sender", scopes: ["events:write"] });
  const sender = new Client({ url: node.url, key });
  assert.equal((await sender.send({ type: "any", data: [1] })).deliveries, 0);
  await assert.rejects(sender.triggers.list(), { code: "scope_missing" });
  await client.keys.delete(id);
  assert.deepEqual(await client.keys.list(), []);
  await assert.rejects(sender.send({ type: "any" }), UnauthenticatedError);
});

test("a handler that failed gets the next try of the same delivery, and a replay is a delivery of its own", async (context) => {
  const { client } = await start(context);
  let secret = "";
  const failures = [new Error("the first try fails")];
  const inbox = await startInbox(
    context,
    () => secret,
    () => failures.pop(),
  );
  const target = { kind: "webhook", url: inbox.url } as const;
  const wish = { name: "t", types: ["*"], target, retry: { retries: 3, initialDelayMs: 1 } };
  ({ secret } = await client.triggers.create(wish));
  const { id } = await client.send(order);
  const first = await inbox.next();
  const { data } = await client.deliveries.list({ event: id });
  assert.equal(first.messageId, data[0]?.id);
  assert.equal((await client.deliveries.attempts(first.messageId))[0]?.status, 500);
  await client.events.replay(id);
  assert.notEqual((await inbox.next()).messageId, first.messageId);
});
