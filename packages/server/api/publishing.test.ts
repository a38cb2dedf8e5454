// Events come in by every mode, are read back as they came, and a repeat is safe.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestNode, type TestNode } from "./test-node.ts";

const odd = '{"n": 12345678901234567890, "f":1.0,"e":"\\u00e9","z":[ 1e2,-0.0 ],"a":{"b":null}}';

async function publish(node: TestNode, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  return (await node.demand(202, "POST", "/events", { body, headers })).json;
}

test("data is read back character for character, one by one and in lists", async (context) => {
  const node = await startTestNode(context);
  const { id } = await publish(node, `{"type":"order.placed","data":${odd}}`);
  for (const path of [`/events/${id}`, "/events"]) {
    const { text } = await node.demand(200, "GET", path);
    assert.ok(text.includes(`"data":${odd}`), text);
  }
});

test("a receipt tells what was filled in", async (context) => {
  const node = await startTestNode(context);
  const receipt = await publish(node, { type: "order.placed" });
  assert.deepEqual(Object.keys(receipt), ["id", "source", "type", "time", "deliverAt", "deliveries", "duplicate"]);
  assert.match(receipt.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  assert.equal(receipt.source, "/projects/default");
  assert.equal(receipt.time, receipt.deliverAt);
  assert.equal(receipt.deliveries, 0);
  const delayed = await publish(node, { type: "a", delay: 90.5 });
  assert.equal(Date.parse(delayed.deliverAt) - Date.parse(delayed.time), 90_500);
  const at = "2030-01-01T00:00:00+01:00";
  assert.equal((await publish(node, { type: "a", deliverAt: at })).deliverAt, "2029-12-31T23:00:00.000Z");
  assert.equal((await publish(node, { type: "a", time: at })).time, at);
});

test("an array is answered with an array in its order, and stored whole or not at all", async (context) => {
  const node = await startTestNode(context);
  const receipts = await publish(node, [{ type: "a" }, { type: "b" }, { type: "c" }]);
  assert.deepEqual(
    receipts.map(({ type }: { type: string }) => type),
    ["a", "b", "c"],
  );
  assert.deepEqual(await publish(node, []), []);
  await node.demand(400, "POST", "/events", { body: [{ type: "d" }, { type: "DB_INSERT" }] });
  assert.equal((await node.demand(200, "GET", "/stats")).json.events, 3);
});

test("CloudEvents come in structured, batched and binary", async (context) => {
  const node = await startTestNode(context);
  const event = { specversion: "1.0", id: "1", source: "/shop", type: "order.placed", ext: true, data: { a: 1 } };
  const structured = await publish(node, event, { "content-type": "application/cloudevents+json; charset=utf-8" });
  assert.deepEqual([structured.id, structured.source], ["1", "/shop"]);
  const batch = [
    { ...event, id: "2" },
    { ...event, id: "3", data: undefined },
  ];
  const batched = await publish(node, batch, { "content-type": "Application/CloudEvents-Batch+JSON" });
  assert.deepEqual(
    batched.map(({ id }: { id: string }) => id),
    ["2", "3"],
  );
  assert.deepEqual(await publish(node, [], { "content-type": "application/cloudevents-batch+json" }), []);
  const headers = {
    "ce-specversion": "1.0",
    "ce-id": "4",
    "ce-source": "/shop",
    "ce-type": "order.placed",
    "ce-subject": "Euro%20%E2%82%AC",
  };
  await publish(node, Buffer.from([0, 255]), { ...headers, "content-type": "application/octet-stream" });
  const { json } = await node.demand(200, "GET", "/events/4");
  assert.equal(json.subject, "Euro €");
  assert.equal(json.data_base64, "AP8=");
  assert.equal((await node.demand(200, "GET", "/events/2")).json.ext, true);
});

test("binary events without a body or without a content type are taken", async (context) => {
  const node = await startTestNode(context);
  const attributes = { "ce-specversion": "1.0", "ce-source": "/s", "ce-type": "t" };
  const url = `${node.url}/v1/projects/default/events`;
  const send = async (id: string, body?: Uint8Array<ArrayBuffer>): Promise<Response> =>
    fetch(url, {
      method: "POST",
      headers: { authorization: "Bearer pha_only-for-tests-and-bench", ...attributes, "ce-id": id },
      ...(body === undefined ? {} : { body }),
    });
  assert.equal((await send("none")).status, 202);
  assert.equal((await send("bytes", new Uint8Array([1]))).status, 202);
  assert.equal("data" in (await node.demand(200, "GET", "/events/none")).json, false);
  assert.equal((await node.demand(200, "GET", "/events/bytes")).json.data_base64, "AQ==");
});

test("source and id make a repeat safe", async (context) => {
  const node = await startTestNode(context);
  const first = await publish(node, { type: "a", id: "7", source: "/s", data: 1 });
  const again = await publish(node, { type: "a", id: "7", source: "/s", data: 2 });
  assert.deepEqual([first.duplicate, again.duplicate], [false, true]);
  assert.equal(again.time, first.time);
  assert.equal((await publish(node, { type: "a", id: "7", source: "/other" })).duplicate, false);
  assert.equal((await node.demand(200, "GET", "/events/7?source=/s")).json.data, 1);
  assert.equal((await node.demand(200, "GET", "/events/7")).json.source, "/other");
  const cancelled = await node.demand(409, "POST", "/events/7/cancel");
  assert.equal(cancelled.json.code, "ambiguous_event");
  await node.demand(200, "POST", "/events/7/cancel?source=/s");
  assert.equal((await node.demand(409, "POST", "/events/7/replay")).json.code, "ambiguous_event");
});

test("an idempotency key gets the first answer again, quoted or bare, and only with the same request", async (context) => {
  const node = await startTestNode(context);
  const ask = (key: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    node.ask("POST", "/events", { body, headers: { "idempotency-key": key, ...headers } });
  const first = await ask('"order 1"', { type: "a" });
  assert.equal(first.headers.get("idempotency-replayed"), null);
  const again = await ask('"order 1"', { type: "a" });
  assert.equal(again.text, first.text);
  assert.equal(again.headers.get("idempotency-replayed"), "true");
  assert.equal((await ask('"order 1"', { type: "b" })).json.code, "idempotency_key_reused");
  assert.equal((await ask("k1", [{ type: "a" }])).status, 202);
  assert.equal((await ask('"k1"', [{ type: "a" }])).headers.get("idempotency-replayed"), "true");
  const attributes = { "ce-specversion": "1.0", "ce-source": "/s", "ce-type": "t", "ce-id": "1" };
  assert.equal((await ask("binary", {}, attributes)).status, 202);
  assert.equal(
    (await ask("binary", {}, { ...attributes, "ce-id": "2" })).status,
    422,
    "attributes are part of the request",
  );
});

test("an extension with a name of ours does not hide what became of the event", async (context) => {
  const node = await startTestNode(context);
  const { id } = await publish(node, { type: "a", states: "x", deliveries: 9, other: 1 });
  const { json } = await node.demand(200, "GET", `/events/${id}`);
  assert.deepEqual([json.deliveries, json.states, json.other], [0, {}, 1]);
});

test("a replay goes to the triggers that want the event now, or to those named", async (context) => {
  const node = await startTestNode(context);
  const { id } = await publish(node, { type: "a" });
  for (const name of ["one", "two"]) {
    const body = { name, types: ["a"], target: { kind: "webhook", url: node.receiver.url(`/${name}`) } };
    await node.demand(201, "POST", "/triggers", { body });
  }
  assert.deepEqual((await node.demand(202, "POST", `/events/${id}/replay`, { body: { triggers: ["two"] } })).json, {
    deliveries: 1,
  });
  await node.receiver.until((arrivals) => arrivals.length === 1, "/two");
  assert.deepEqual((await node.demand(202, "POST", `/events/${id}/replay`)).json, { deliveries: 2 });
  await node.receiver.until((arrivals) => arrivals.length === 3);
  assert.equal(node.receiver.arrivals("/one").length, 1);
});

test("what is scheduled can be cancelled", async (context) => {
  const node = await startTestNode(context);
  const body = { name: "t", types: ["a"], target: { kind: "webhook", url: node.receiver.url("/t") } };
  await node.demand(201, "POST", "/triggers", { body });
  const { id, deliveries } = await publish(node, { type: "a", delay: 3600 });
  assert.equal(deliveries, 1);
  const { json } = await node.demand(200, "POST", `/events/${id}/cancel`);
  assert.deepEqual(json, { cancelled: 1, states: { cancelled: 1 } });
  const list = await node.demand(200, "GET", "/events?status=cancelled");
  assert.deepEqual(
    list.json.data.map((event: { id: string }) => event.id),
    [id],
  );
  const again = await node.demand(200, "POST", `/events/${id}/cancel`);
  assert.equal(again.json.cancelled, 0);
});
