import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPrivateKey, publicKeyOf, sign } from "@posthorn/wire/signature";
import { CloudEvent, HTTP } from "cloudevents";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { defineEvents, type OpenEvents } from "./catalogue.ts";
import { memoryClaims } from "./memory-claims.ts";
import type { ReceivedEvent } from "./received-event.ts";
import { type ReceiverOptions, receiver } from "./receiver.ts";
import type { Reception } from "./reception.ts";
import { resourceSchemas } from "./resource-events.ts";
import { signTestRequest, type TestRequestOptions } from "./sign-test-request.ts";
import { inverseData, otherSecret, projectData, resourceEvent, secret } from "./test-events.ts";
import { testNowMs, testOutside } from "./test-outside.ts";

const events = defineEvents({ ...resourceSchemas, "order.created": z.object({ total: z.number() }) });
const order = { type: "order.created", data: { total: 5 } };

type Options = Partial<Omit<ReceiverOptions<OpenEvents>, "events">>;

/** A receiver whose handlers only take down what they get. */
function recorder(options: Options = {}) {
  const outside = testOutside();
  const handled: ReceivedEvent[] = [];
  const receptions: Reception[] = [];
  const observe = (reception: Reception): number => receptions.push(reception);
  const take = (event: ReceivedEvent): void => void handled.push(event);
  const hooks = receiver({ secret, events, outside, observe, ...options })
    .on("order.created", take)
    .on("project.created", take)
    .on("inverse.suggested", take);
  const send = async (request: Request | Promise<Request>) => {
    const response = await hooks.fetch(await request);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) };
  };
  const signed = (change: Partial<TestRequestOptions> = {}) =>
    signTestRequest({ secret, event: order, outside, ...change });
  return { hooks, handled, receptions, outside, send, signed };
}

test("verify, parse, type, hand over, answer", async () => {
  const { send, signed, handled } = recorder();
  const answer = await send(signed());
  assert.deepEqual([answer.status, answer.body], [200, { status: "success" }]);
  assert.match(answer.headers.get("content-type") ?? "", /^application\/json/);
  assert.deepEqual(
    handled.map(({ type, data, format, dataText }) => [type, data, format, dataText]),
    [["order.created", { total: 5 }, "cloudevents", '{"total":5}']],
  );
});

test("handlers have the types of their events", () => {
  receiver({ secret, events })
    .on("order.created", (event) => event.data.total.toFixed())
    .on("inverse.suggested", (event) => event.data.stopReason.length)
    // @ts-expect-error no such event
    .on("order.lost", () => undefined)
    // @ts-expect-error no such member
    .on("order.created", (event) => event.data.sum)
    .fallback((event) => event.type.length);
});

for (const format of [
  "cloudevents",
  "cloudevents-binary",
  "space-cloud",
  "notification",
  "resource",
  "standard-webhooks",
] as const)
  test(`takes the format ${format}`, async () => {
    const { send, signed, handled } = recorder();
    const event = { type: "project.created", data: projectData, id: "e-1", source: "/projects" };
    const answer = await send(signed({ format, event, messageId: "m-1", sequence: 7 }));
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const [got] = handled;
    assert.deepEqual([got?.format, got?.type, got?.messageId], [format, "project.created", "m-1"]);
    assert.equal(Reflect.get(Object(got?.data), "inputCount"), 2);
    const ids = { notification: "m-1", "standard-webhooks": "m-1", resource: "7" };
    assert.equal(got?.id, Reflect.get(ids, format) ?? "e-1");
  });

test("takes a batch, each event with an id of its own", async () => {
  const { send, handled, outside } = recorder({ claims: memoryClaims({ outside: testOutside() }) });
  const one = { specversion: "1.0", id: "1", source: "/s", type: "order.created", data: { total: 1 } };
  const body = JSON.stringify([one, { ...one, id: "2" }]);
  const batch = (): Request => signBody(body, outside.now(), { "content-type": "application/cloudevents-batch+json" });
  assert.equal((await send(batch())).status, 200);
  assert.deepEqual(
    handled.map(({ id, messageId }) => [id, messageId]),
    [
      ["1", "m/0"],
      ["2", "m/1"],
    ],
  );
  assert.equal((await send(batch())).status, 200);
  assert.equal(handled.length, 2);
});

function signBody(body: string | Uint8Array, nowMs: number, headers: Readonly<Record<string, string>> = {}): Request {
  const timestampSeconds = nowMs / 1000;
  return new Request("http://localhost/", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": "m",
      "webhook-timestamp": String(timestampSeconds),
      "webhook-signature": sign({ id: "m", timestampSeconds, body }, [secret]),
      ...headers,
    },
    body: typeof body === "string" ? body : new Uint8Array(body),
  });
}

// ── Other people's senders ─────────────────────────────────────────────────────────────────────────────────────────

test("takes what the reference library of Standard Webhooks signs", async () => {
  const { send, handled } = recorder();
  const body = JSON.stringify({ type: "order.created", timestamp: "2022-11-03T20:26:10Z", data: { total: 5 } });
  const headers = {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(testNowMs / 1000),
    "webhook-signature": new Webhook(secret).sign("msg_1", new Date(testNowMs), body),
  };
  assert.equal((await send(new Request("http://localhost/", { method: "POST", headers, body }))).status, 200);
  assert.equal(handled[0]?.format, "standard-webhooks");
});

for (const mode of ["structured", "binary"] as const)
  test(`takes what the CloudEvents SDK writes in ${mode} mode`, async () => {
    const { send, handled } = recorder({ secret: null });
    const message = HTTP[mode](new CloudEvent({ type: "order.created", source: "/s", data: { total: 5 } }));
    const headers = Object.entries(message.headers).map(([name, value]): [string, string] => [name, String(value)]);
    assert.equal(
      (await send(new Request("http://localhost/", { method: "POST", headers, body: String(message.body) }))).status,
      200,
    );
    assert.equal(handled.length, 1);
  });

// ── Secrets ────────────────────────────────────────────────────────────────────────────────────────────────────────

test("takes any of several secrets, and ed25519 keys", async () => {
  const privateKey = formatPrivateKey(new Uint8Array(32).fill(9));
  const publicKey = publicKeyOf(privateKey);
  assert.ok(publicKey.ok);
  const { send, signed } = recorder({ secret: [otherSecret, publicKey.value] });
  assert.equal((await send(signed({ secret: otherSecret }))).status, 200);
  assert.equal((await send(signed({ secret: privateKey }))).status, 200);
  assert.equal((await send(signed({ secret: [secret, privateKey] }))).status, 200);
  assert.equal((await send(signed())).body.code, "no_match");
});

test("a secret that is none is said at the start", () => {
  for (const bad of [undefined, "", [], ["", secret], "whsec_!", "secret"])
    assert.throws(() => receiver({ secret: bad }), TypeError, String(bad));
});

// ── What is refused ────────────────────────────────────────────────────────────────────────────────────────────────

const good = '{"specversion":"1.0","id":"1","source":"/s","type":"order.created","data":{"total":5}}';
const cloudEvent = { "content-type": "application/cloudevents+json" };
const signature = { "webhook-signature": "" };

const hostile: readonly (readonly [string, string | Uint8Array, Readonly<Record<string, string>>, number, string])[] = [
  ["no signature", good, signature, 400, "missing_header"],
  ["a signature of nothing", good, { "webhook-signature": "v1,AAAA" }, 400, "no_match"],
  ["a signature of a version to come", good, { "webhook-signature": "v9,AAAA" }, 400, "no_match"],
  ["1,000 signatures", good, { "webhook-signature": "v1,AAAA ".repeat(1000).trim() }, 400, "no_match"],
  ["another id", good, { "webhook-id": "n" }, 400, "no_match"],
  ["an old timestamp", good, { "webhook-timestamp": String(testNowMs / 1000 - 301) }, 400, "bad_timestamp"],
  ["a timestamp to come", good, { "webhook-timestamp": String(testNowMs / 1000 + 301) }, 400, "bad_timestamp"],
  ["a timestamp with letters", good, { "webhook-timestamp": `${testNowMs / 1000}abc` }, 400, "bad_timestamp"],
  ["nothing", "", {}, 400, "bad_payload"],
  ["no JSON", "{", {}, 400, "bad_payload"],
  ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), {}, 400, "bad_payload"],
  ["a byte order mark and nothing", "\ufeff", {}, 400, "bad_payload"],
  ["a text", '"order.created"', {}, 400, "bad_payload"],
  ["an array", "[]", {}, 400, "bad_payload"],
  ["an object of no format", '{"a":1}', {}, 400, "bad_payload"],
  ["a key twice", good.replace('"id"', '"id":"0","id"'), cloudEvent, 400, "bad_payload"],
  ["100,000 brackets", "[".repeat(100_000), {}, 400, "bad_payload"],
  ["100,000 braces", '{"a":'.repeat(100_000), {}, 400, "bad_payload"],
  ["a CloudEvent without source", good.replace('"source":"/s",', ""), cloudEvent, 400, "bad_payload"],
  ["a CloudEvent of another version", good.replace("1.0", "0.3"), cloudEvent, 400, "bad_payload"],
  [
    "a CloudEvent with __proto__",
    good.replace('"id"', '"__proto__":{"isAdmin":true},"id"'),
    cloudEvent,
    400,
    "bad_payload",
  ],
  ["a CloudEvent in another format", good, { "content-type": "application/cloudevents+avro" }, 415, "bad_payload"],
  [
    "a batch with one bad event",
    `[${good},{}]`,
    { "content-type": "application/cloudevents-batch+json" },
    400,
    "bad_payload",
  ],
  [
    "a batch with one unknown type",
    `[${good},${good.replace("order.", "x.")}]`,
    { "content-type": "application/cloudevents-batch+json" },
    400,
    "unknown_type",
  ],
  ["data of a wrong type", good.replace("5", '"5"'), cloudEvent, 400, "bad_payload"],
  ["data that is missing", good.replace(',"data":{"total":5}', ""), cloudEvent, 400, "bad_payload"],
  ["data that is null", good.replace('{"total":5}', "null"), cloudEvent, 400, "bad_payload"],
  [
    "data with a wrong type deep inside",
    JSON.stringify(resourceEvent("inverse.suggested", { ...inverseData, results: [5] })),
    {},
    400,
    "bad_payload",
  ],
  ["an unknown type", good.replace("order.", "other."), cloudEvent, 400, "unknown_type"],
  ["a type of the language", good.replace("order.created", "constructor"), cloudEvent, 400, "unknown_type"],
  ["10 MB", `{"type":"order.created","data":"${"x".repeat(10_000_000)}"}`, {}, 413, "bad_payload"],
];

for (const [what, body, headers, status, code] of hostile)
  test(`${what}: ${status}, ${code}`, async () => {
    const { send, handled, receptions } = recorder();
    const answer = await send(signBody(body, testNowMs, headers));
    assert.deepEqual([answer.status, answer.body.code], [status, code], answer.body.error);
    assert.equal(typeof answer.body.error, "string");
    assert.deepEqual(handled, []);
    assert.deepEqual(
      receptions.map(({ outcome }) => outcome),
      ["refused"],
    );
  });

test("a body that was read already: 500, body_already_parsed, and the line to change", async () => {
  const { send, signed, handled } = recorder();
  const request = await signed();
  await request.json();
  const answer = await send(request);
  assert.deepEqual([answer.status, answer.body.code], [500, "body_already_parsed"]);
  assert.match(answer.body.error, /request\.clone\(\)/);
  assert.deepEqual(handled, []);
});

test("a __proto__ in data is a name like any other", async () => {
  const { send, handled } = recorder();
  const body = JSON.stringify(resourceEvent("project.created", projectData)).replace(
    '"data":{',
    '"data":{"__proto__":{"isAdmin":true},',
  );
  assert.equal((await send(signBody(body, testNowMs))).status, 200);
  assert.equal(Reflect.get(Object(handled[0]?.data), "isAdmin"), undefined);
});

test("whatever comes in, nothing throws", async () => {
  const { send } = recorder({ secret: null });
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.string(), fc.json()),
      fc.constantFrom("application/json", "application/cloudevents+json", "text/plain"),
      async (body, contentType) => {
        const request = new Request("http://localhost/", {
          method: "POST",
          headers: { "content-type": contentType },
          body,
        });
        assert.ok((await send(request)).status >= 400);
      },
    ),
  );
});

test("a format that is not asked for is not taken", async () => {
  const { send, signed } = recorder({ formats: ["cloudevents"] });
  assert.equal((await send(signed())).status, 200);
  assert.equal((await send(signed({ format: "cloudevents-binary" }))).status, 415);
});

test("other methods are told which there are", async () => {
  const { send } = recorder();
  const answer = await send(new Request("http://localhost/"));
  assert.deepEqual([answer.status, answer.headers.get("allow")], [405, "POST, OPTIONS"]);
});

// ── Handlers ───────────────────────────────────────────────────────────────────────────────────────────────────────

test("the fallback gets what nothing else handles", async () => {
  const { hooks, send, signed } = recorder();
  const others: unknown[] = [];
  hooks.fallback((event) => others.push([event.type, event.data]));
  assert.equal((await send(signed({ event: { type: "other", data: [1] } }))).status, 200);
  assert.deepEqual(others, [["other", [1]]]);
});

test("without defined events every type is taken, as it is", async () => {
  const got: unknown[] = [];
  const hooks = receiver({ secret: null }).on("a", (event) => got.push(event.data));
  const body = JSON.stringify({ specversion: "1.0", id: "1", source: "/s", type: "a", data: { any: 1 } });
  assert.equal((await hooks.fetch(new Request("http://localhost/", { method: "POST", body }))).status, 200);
  assert.deepEqual(got, [{ any: 1 }]);
});

test("a handler answers for itself: 202 for work that is only begun, 410 to have no more", async () => {
  for (const status of [202, 204, 410]) {
    const { hooks, send, signed } = recorder();
    hooks.on("order.created", () => new Response(null, { status }));
    assert.equal((await send(signed())).status, status);
  }
});

test("what a handler throws is told to the observer, and not to the sender", async () => {
  const { hooks, send, signed, receptions } = recorder();
  const error = new Error("the database is at 10.0.0.5");
  hooks.on("order.created", () => Promise.reject(error));
  const answer = await send(signed());
  assert.deepEqual([answer.status, answer.body], [500, { error: "the message could not be handled" }]);
  const [reception] = receptions;
  assert.ok(reception?.outcome === "failed");
  assert.equal(reception.error, error);
});

// ── Duplicates ─────────────────────────────────────────────────────────────────────────────────────────────────────

test("a second try of the same message is answered, and not handled again", async () => {
  const { send, signed, handled, receptions } = recorder({ claims: memoryClaims() });
  for (const attempt of [1, 2]) assert.equal((await send(signed({ messageId: "m" }))).status, 200, String(attempt));
  assert.equal(handled.length, 1);
  assert.deepEqual(
    receptions.map((each) => each.outcome === "handled" && [each.handled.length, each.duplicates.length]),
    [
      [1, 0],
      [0, 1],
    ],
  );
});

test("after a failure the next try is handled", async () => {
  const { hooks, send, signed, handled } = recorder({ claims: memoryClaims() });
  const answers = [new Response(null, { status: 503 }), undefined];
  hooks.on("order.created", (event) => {
    const answer = answers.shift();
    if (answer === undefined) handled.push(event);
    return answer;
  });
  assert.equal((await send(signed({ messageId: "m" }))).status, 503);
  assert.equal((await send(signed({ messageId: "m" }))).status, 200);
  assert.equal(handled.length, 1);
});

test("while one try is handled the next is asked to wait, and a crash lets it in after the lease", async () => {
  const outside = testOutside();
  const { hooks, send, signed, handled } = recorder({ claims: memoryClaims({ outside }), outside, leaseMs: 10_000 });
  // A handler that never comes back stands for a process that died.
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  hooks.on("order.created", () => new Promise(() => begin()));
  void send(signed({ messageId: "m" }));
  await begun;
  hooks.on("order.created", (event) => handled.push(event));
  const busy = await send(signed({ messageId: "m" }));
  assert.deepEqual([busy.status, busy.headers.get("retry-after"), handled.length], [409, "10", 0]);
  outside.advance(10_001);
  assert.equal((await send(signed({ messageId: "m" }))).status, 200);
  assert.equal(handled.length, 1);
});

test("claims that cannot be reached make the sender try again", async () => {
  const down = (): Promise<never> => Promise.reject(new Error("down"));
  const { send, signed, handled } = recorder({ claims: { claim: down, confirm: down, release: down } });
  const answer = await send(signed());
  assert.deepEqual([answer.status, answer.body, handled], [500, { error: "the message could not be handled" }, []]);
});

test("unsigned messages are told apart by the event's own name", async () => {
  const { send, handled } = recorder({ secret: null, claims: memoryClaims() });
  const request = (id: string): Request =>
    new Request("http://localhost/", { method: "POST", body: good.replace('"1"', `"${id}"`) });
  for (const id of ["1", "1", "2"]) assert.equal((await send(request(id))).status, 200);
  assert.deepEqual(
    handled.map(({ messageId }) => messageId),
    ["/s 1", "/s 2"],
  );
});
