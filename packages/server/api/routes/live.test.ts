// The live view: what happens in one project reaches those who listen there, and nobody who listens can hold the node up.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import type { Fact } from "../../observe/facts.ts";
import { adminKey, startTestNode, type TestNode } from "../test-node.ts";

interface Stream {
  /** The next message: its name and what it holds. */
  next(): Promise<{ readonly name: string; readonly data: Readonly<Record<string, unknown>> }>;
  readonly ended: Promise<unknown>;
}

async function listen(node: TestNode, query = "", project = "default"): Promise<Stream> {
  const response = await fetch(`${node.url}/v1/projects/${project}/live${query}`, {
    headers: { authorization: `Bearer ${adminKey}` },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const blocks = blocksOf(response.body ?? new ReadableStream());
  const first = await blocks.next();
  assert.equal(first.value, "retry: 3000");
  return {
    async next() {
      const { value } = await blocks.next();
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(value ?? "") ?? [];
      return { name: name ?? "", data: JSON.parse(data ?? "{}") };
    },
    get ended() {
      return blocks.next().then(({ done }) => done);
    },
  };
}

async function* blocksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let text = "";
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield text.slice(0, end);
      text = text.slice(end + 2);
    }
  }
  return undefined;
}

test("what happens in a project is seen there, and nowhere else", async (context) => {
  const node = await startTestNode(context);
  await node.demand(201, "POST", "/v1/projects", { body: { slug: "other", name: "Other" } });
  const body = { name: "t", types: ["a"], target: { kind: "webhook", url: node.receiver.url("/t") } };
  await node.demand(201, "POST", "/triggers", { body });
  const [here, there] = [await listen(node), await listen(node, "", "other")];
  const { id } = (await node.demand(202, "POST", "/events", { body: { type: "a" } })).json;
  const accepted = await here.next();
  assert.equal(accepted.name, "event.accepted");
  assert.deepEqual([accepted.data.eventId, accepted.data.deliveries], [id, 1]);
  const finished = await here.next();
  assert.equal(finished.name, "attempt.finished");
  assert.deepEqual([finished.data.trigger, finished.data.state, finished.data.status], ["t", "delivered", 204]);
  assert.ok(!("projectId" in finished.data) && !("triggerId" in finished.data));
  await node.demand(202, "POST", "/v1/projects/other/events", { body: { type: "b" } });
  assert.equal((await there.next()).data.type, "b");
});

test("a listener may ask for some happenings alone", async (context) => {
  const node = await startTestNode(context);
  const stream = await listen(node, "?kind=event.accepted&type=wanted");
  await node.demand(202, "POST", "/events", { body: [{ type: "other" }, { type: "wanted" }] });
  assert.equal((await stream.next()).data.type, "wanted");
  await node.demand(400, "GET", "/live?kind=everything");
});

test("a listener that does not read is dropped", async (context) => {
  const node = await startTestNode(context);
  const socket = connect(Number(new URL(node.url).port), "127.0.0.1");
  context.after(() => socket.destroy());
  socket.write(`GET /v1/projects/default/live HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${adminKey}\r\n\r\n`);
  await once(socket, "readable");
  socket.on("error", () => {});
  // From here on nothing is read, so that what the node writes piles up: in the kernel first, then in the node.
  const fact: Fact = {
    kind: "event.accepted",
    projectId: 1,
    eventId: "x".repeat(60_000),
    type: "a",
    deliveries: 0,
    duplicate: false,
  };
  const closed = once(socket, "close");
  for (let told = 0; told < 200; told += 1) {
    node.facts.tell(fact);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Reading on now shows the end: what was on its way, and then no more of the 12 MB.
  socket.resume();
  await closed;
  assert.ok(socket.bytesRead < 100 * 60_000, `${socket.bytesRead} bytes were kept for it`);
});

test("a stream ends when the node stops", async (context) => {
  const node = await startTestNode(context, { settings: { POSTHORN_SHUTDOWN_TIMEOUT_MS: "5000" } });
  const stream = await listen(node);
  const ended = stream.ended;
  await node.stop();
  assert.equal(await ended, true);
});
