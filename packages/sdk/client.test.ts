// The client against prepared answers: what it sends, when it asks again, and what it throws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineEvents } from "./catalogue.ts";
import { Client } from "./client.ts";
import {
  ApiError,
  ConflictError,
  ForbiddenError,
  HookRefusedError,
  InvalidRequestError,
  NetworkError,
  NotFoundError,
  PosthornError,
  RateLimitedError,
  ServerError,
  UnauthenticatedError,
} from "./errors.ts";
import { ValidationException } from "./exceptions.ts";
import { jsonAnswer, type TestOutside, testNowMs, testOutside } from "./test-outside.ts";

const receipt = { id: "e-1", type: "t", deliveries: 1 };
const events = defineEvents({
  "order.created": z.object({ total: z.number() }),
  "order.paid": z.object({ by: z.string() }),
});

function clientOf(outside: TestOutside) {
  return new Client({ url: "http://posthorn.test/", key: "k", events, outside });
}

function problem(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Response {
  const body = { type: `/docs/errors#${code}`, title: "T", status, detail: "What is wrong.", code };
  return jsonAnswer({ ...body, errors: [{ detail: "d", pointer: "#/type" }] }, status, headers);
}

function bodyOf(outside: TestOutside, index = 0): unknown {
  return JSON.parse(String(outside.sent[index]?.init.body));
}

function headersOf(outside: TestOutside, index = 0): Headers {
  return new Headers(outside.sent[index]?.init.headers);
}

test("an event is sent with its key, once and for all", async () => {
  const outside = testOutside([jsonAnswer(receipt, 202)]);
  const at = new Date("2026-02-01T00:00:00Z");
  const answer = await clientOf(outside).send({
    type: "order.created",
    data: { total: 5 },
    subject: "o-1",
    time: at,
    delay: "5m",
    extensions: { partitionkey: "o-1" },
  });
  assert.deepEqual(answer, receipt);
  const [sent] = outside.sent;
  assert.deepEqual(
    [sent?.url, sent?.init.method, sent?.init.redirect],
    ["http://posthorn.test/v1/projects/default/events", "POST", "manual"],
  );
  assert.deepEqual(bodyOf(outside), {
    ...{ type: "order.created", data: { total: 5 }, subject: "o-1", delay: 300, partitionkey: "o-1" },
    time: "2026-02-01T00:00:00.000Z",
  });
  const headers = headersOf(outside);
  assert.deepEqual([headers.get("authorization"), headers.get("idempotency-key")], ["Bearer k", '"uuid-1"']);
});

test("several events are one array, answered by one", async () => {
  const outside = testOutside([jsonAnswer([receipt, receipt], 202)]);
  const at = new Date("2026-02-01T00:00:00Z");
  const answer = await clientOf(outside).send([
    { type: "order.created", data: { total: 5 }, at },
    { type: "order.paid", data: { by: "card" } },
  ]);
  assert.equal(answer.length, 2);
  assert.deepEqual(bodyOf(outside), [
    { type: "order.created", data: { total: 5 }, deliverAt: "2026-02-01T00:00:00.000Z" },
    { type: "order.paid", data: { by: "card" } },
  ]);
});

test("types and data are held to what was defined, when compiled and when run", async () => {
  const outside = testOutside([jsonAnswer(receipt)]);
  const client = clientOf(outside);
  // @ts-expect-error total must be a number
  await assert.rejects(client.send({ type: "order.created", data: { total: "5" } }), ValidationException);
  // @ts-expect-error no such event
  await assert.rejects(client.send({ type: "order.lost", data: {} }), ValidationException);
  // @ts-expect-error the data of the other event
  await assert.rejects(client.send([{ type: "order.paid", data: { total: 5 } }]), ValidationException);
  const both = { type: "order.created", data: { total: 5 }, delay: 1, at: new Date(0) } as const;
  await assert.rejects(client.send(both), TypeError);
  assert.equal(outside.sent.length, 0);
});

test("without defined events anything can be sent, bytes too", async () => {
  const outside = testOutside([jsonAnswer(receipt)]);
  await new Client({ key: "k", outside }).send({ type: "x", data: Uint8Array.of(1, 2), contentType: "image/png" });
  assert.deepEqual(bodyOf(outside), { type: "x", datacontenttype: "image/png", data_base64: "AQI=" });
});

test("429, 503 and network faults are asked again, with the same key and growing pauses", async () => {
  const answers = [
    problem(429, "x"),
    problem(503, "store_busy"),
    new TypeError("fetch failed"),
    jsonAnswer(receipt, 202),
  ];
  const outside = testOutside(answers);
  await clientOf(outside).send({ type: "order.created", data: { total: 5 } });
  assert.deepEqual(outside.pauses, [375, 750, 1500]);
  assert.deepEqual(
    [...new Set(outside.sent.map((_sent, index) => headersOf(outside, index).get("idempotency-key")))],
    ['"uuid-1"'],
  );
});

test("Retry-After is obeyed, in seconds and as a date, and never undercut", async () => {
  const date = new Date(testNowMs + 9000).toUTCString();
  const waits = async (retryAfter: string): Promise<readonly number[]> => {
    const outside = testOutside([problem(429, "x", { "retry-after": retryAfter }), jsonAnswer(receipt)]);
    await clientOf(outside).send({ type: "order.created", data: { total: 5 } });
    return outside.pauses;
  };
  assert.deepEqual(await waits("7"), [7000]);
  assert.deepEqual(await waits(date), [9000]);
  for (const useless of ["0", "-5", "1.5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"])
    assert.deepEqual(await waits(useless), [375]);
});

test("nobody waits an hour for an answer: the error says how long it would be", async () => {
  const outside = testOutside([problem(503, "store_busy", { "retry-after": "3600" })]);
  await assert.rejects(clientOf(outside).send({ type: "order.created", data: { total: 5 } }), (error) => {
    assert.ok(error instanceof ServerError);
    assert.deepEqual([error.retryAfterMs, outside.pauses], [3_600_000, []]);
    return true;
  });
});

test("after the last try the error is thrown", async () => {
  const outside = testOutside([
    new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) }),
  ]);
  await assert.rejects(clientOf(outside).send({ type: "order.created", data: { total: 5 } }), (error) => {
    assert.ok(error instanceof NetworkError);
    assert.deepEqual([error.code, outside.sent.length], ["network", 5]);
    assert.match(error.message, /ECONNREFUSED/);
    return true;
  });
});

test("what a repeat could do twice is not repeated after a network fault", async () => {
  const outside = testOutside([new TypeError("fetch failed")]);
  await assert.rejects(clientOf(outside).events.replay("e-1"), NetworkError);
  assert.equal(outside.sent.length, 1);
});

test("a signal ends the call and its pauses", async () => {
  const outside = testOutside([problem(503, "x")]);
  const controller = new AbortController();
  controller.abort(new Error("enough"));
  await assert.rejects(clientOf(outside).triggers.list({ signal: controller.signal }), /enough/);
});

for (const [status, code, Kind] of [
  [400, "invalid_field", InvalidRequestError],
  [401, "unauthenticated", UnauthenticatedError],
  [403, "scope_missing", ForbiddenError],
  [404, "trigger_not_found", NotFoundError],
  [409, "name_taken", ConflictError],
  [413, "body_too_large", InvalidRequestError],
  [422, "idempotency_key_reused", ConflictError],
  [429, "slow_down", RateLimitedError],
  [500, "internal_error", ServerError],
] as const)
  test(`${status} ${code} is ${Kind.name}`, async () => {
    const outside = testOutside([problem(status, code)]);
    await assert.rejects(clientOf(outside).triggers.get("x"), (error) => {
      assert.ok(error instanceof Kind && error instanceof ApiError && error instanceof PosthornError);
      assert.deepEqual(
        [error.status, error.code, error.message, error.faults, error.name],
        [status, code, "What is wrong.", [{ detail: "d", pointer: "#/type" }], Kind.name],
      );
      return true;
    });
  });

test("an answer that is no problem+json is an error all the same", async () => {
  const outside = testOutside([new Response("<h1>Bad Gateway</h1>", { status: 502 })]);
  await assert.rejects(clientOf(outside).keys.list(), { code: "http_502", message: "<h1>Bad Gateway</h1>" });
  await assert.rejects(clientOf(testOutside([new Response("hello")])).keys.list(), { code: "bad_answer" });
});

test("a redirect is not followed: the key would go with it", async () => {
  const outside = testOutside([new Response(null, { status: 302, headers: { location: "http://elsewhere.test/" } })]);
  await assert.rejects(clientOf(outside).keys.list(), { code: "http_302" });
});

test("a hook answers the params, or the words of the function that refused", async () => {
  const passed = testOutside([jsonAnswer({ params: { total: 5, vip: true } })]);
  const verdict = await clientOf(passed).before("PRE_ORDER_CREATE", { total: 5 });
  assert.deepEqual(verdict.params, { total: 5, vip: true });
  assert.equal(passed.sent[0]?.url, "http://posthorn.test/v1/projects/default/hooks/PRE_ORDER_CREATE");
  assert.deepEqual(bodyOf(passed), { params: { total: 5 } });
  const refused = testOutside([
    jsonAnswer({ code: "hook_refused", detail: "No credit.", function: "Check credit" }, 400),
  ]);
  await assert.rejects(clientOf(refused).before("PRE_ORDER_CREATE", {}), (error) => {
    assert.ok(error instanceof HookRefusedError);
    assert.deepEqual([error.message, error.functionName], ["No credit.", "Check credit"]);
    return true;
  });
});

test("lists go on from page to page", async () => {
  const page = (ids: readonly string[], nextCursor: string | null): Response =>
    jsonAnswer({ data: ids.map((id) => ({ id })), nextCursor, prevCursor: null });
  const outside = testOutside([page(["a", "b"], "c1"), page(["c"], null)]);
  const ids: string[] = [];
  for await (const delivery of clientOf(outside).deliveries.each({ state: "failed" })) ids.push(delivery.id);
  assert.deepEqual(ids, ["a", "b", "c"]);
  assert.match(outside.sent[1]?.url ?? "", /\?state=failed&cursor=c1$/);
});

test("names are escaped in paths", async () => {
  const outside = testOutside([jsonAnswer({})]);
  await clientOf(outside).triggers.get("../keys?x");
  assert.equal(outside.sent[0]?.url, "http://posthorn.test/v1/projects/default/triggers/..%2Fkeys%3Fx");
});

test("without a key the client says what it needs", async () => {
  await assert.rejects(new Client({ outside: testOutside() }).keys.list(), { code: "no_key" });
});
