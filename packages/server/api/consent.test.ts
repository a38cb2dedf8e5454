// Nothing is delivered to a target that must consent until it does: by its answer to OPTIONS, or by the callback (WH-4,
// WH-11 to WH-15).
import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, type Conduct, type Reply } from "../../../test/live/receiver.ts";
import { startTestNode, type TestNode } from "./test-node.ts";

const origin = "events.example.com";
const settings = { POSTHORN_WEBHOOK_ORIGIN: origin };
const publicUrl = "http://posthorn.example";

/** Deliveries carry a signature, the question does not. */
function whenAsked(answer: Reply): Conduct {
  return ({ headers }) => (headers["webhook-id"] === undefined ? answer : accepted);
}

const granting: Reply = { status: 405, headers: { "webhook-allowed-origin": origin } };
const silentOnIt: Reply = { status: 200, headers: { "access-control-allow-origin": "*" } };

async function makeTrigger(node: TestNode, wish: Readonly<Record<string, unknown>> = {}) {
  const target = { kind: "webhook", url: node.receiver.url("/hook?a=b"), headers: { authorization: "Bearer x" } };
  const body = { name: "t", types: ["a"], target, validation: "required", ...wish };
  return (await node.demand(201, "POST", "/triggers", { body })).json;
}

async function publish(node: TestNode): Promise<void> {
  const { json } = await node.demand(202, "POST", "/events", { body: { type: "a" } });
  assert.equal(json.deliveries, 1);
}

async function delivers(node: TestNode) {
  const all = await node.receiver.until((arrivals) => arrivals.some(({ headers }) => "webhook-id" in headers));
  return all.filter(({ headers }) => "webhook-id" in headers);
}

test("a target that consents is asked once, at its exact URL, and every delivery says who sends", async (context) => {
  const node = await startTestNode(context, { conduct: whenAsked(granting), settings });
  const { state, validation } = await makeTrigger(node);
  assert.deepEqual(
    [state, validation.policy, validation.state, validation.detail],
    ["active", "required", "verified", null],
  );
  await publish(node);
  const [delivery] = await delivers(node);
  assert.equal(delivery?.headers["webhook-request-origin"], origin);
  const [question, ...more] = node.receiver.arrivals().filter(({ headers }) => !("webhook-id" in headers));
  assert.ok(question !== undefined && more.length === 0);
  assert.deepEqual([question.path, question.body.length], ["/hook?a=b", 0]);
  assert.equal(question.headers["webhook-request-origin"], origin);
  assert.equal(question.headers.authorization, "Bearer x");
  assert.ok(!("webhook-request-callback" in question.headers));
});

test("without consent deliveries are collected and held, and go out once it is there", async (context) => {
  const node = await startTestNode(context, { conduct: whenAsked(silentOnIt), settings });
  const refused = await makeTrigger(node);
  assert.deepEqual([refused.state, refused.validation.state], ["unverified", "refused"]);
  assert.match(refused.validation.detail, /answered 200 without WebHook-Allowed-Origin/);
  await publish(node);
  assert.equal((await node.demand(409, "POST", "/triggers/t/test")).json.code, "trigger_not_running");
  // Resuming is no way around it.
  assert.equal((await node.demand(200, "POST", "/triggers/t/resume")).json.state, "unverified");
  node.receiver.behave(whenAsked({ status: 200, headers: { "webhook-allowed-origin": "another.example" } }));
  const other = (await node.demand(200, "POST", "/triggers/t/validate")).json;
  assert.match(other.validation.detail, /allows "another.example", not "events.example.com"/);
  assert.ok(node.receiver.arrivals().every(({ headers }) => !("webhook-id" in headers)));
  node.receiver.behave(whenAsked({ status: 200, headers: { "webhook-allowed-origin": "*" } }));
  assert.equal((await node.demand(200, "POST", "/triggers/t/validate")).json.state, "active");
  assert.equal((await delivers(node)).length, 1);
});

test("consent holds for one URL, and for as long as it is asked for", async (context) => {
  const node = await startTestNode(context, { conduct: whenAsked(granting), settings });
  const { target, validation } = await makeTrigger(node);
  const change = async (body: unknown) => (await node.demand(200, "PATCH", "/triggers/t", { body })).json;
  node.receiver.behave(whenAsked(silentOnIt));
  assert.deepEqual((await change({ types: ["b"], target })).validation, validation);
  const moved = await change({ target: { ...target, url: node.receiver.url("/moved") } });
  assert.deepEqual([moved.state, moved.validation.state], ["unverified", "refused"]);
  const off = await change({ validation: "off" });
  assert.deepEqual([off.state, off.validation], ["active", { policy: "off", state: null, detail: null, at: null }]);
  assert.equal((await node.demand(409, "POST", "/triggers/t/validate")).json.code, "validation_off");
  assert.equal((await change({ validation: "required" })).state, "unverified");
});

test("a target that cannot be asked stays pending", async (context) => {
  const node = await startTestNode(context, { conduct: () => "silence", settings });
  const { state, validation } = await makeTrigger(node, { timeoutMs: 50 });
  assert.deepEqual([state, validation.state], ["unverified", "pending"]);
  assert.match(validation.detail, /^the target could not be asked: /);
});

for (const method of ["GET", "POST"])
  test(`a target consents later by ${method} to its callback, once`, async (context) => {
    const node = await startTestNode(context, {
      conduct: whenAsked(silentOnIt),
      settings: { POSTHORN_PUBLIC_URL: `${publicUrl}/` },
    });
    const { state, validation } = await makeTrigger(node);
    assert.deepEqual([state, validation.state], ["unverified", "pending"]);
    await publish(node);
    const [question] = node.receiver.arrivals();
    // Without a name of its own it is that of the public URL.
    assert.equal(question?.headers["webhook-request-origin"], "posthorn.example");
    const callback = question?.headers["webhook-request-callback"] ?? "";
    assert.match(callback, /^http:\/\/posthorn\.example\/v1\/webhook-consents\/\d+-\d+\/[\w-]{43}$/);
    const path = callback.slice(publicUrl.length);
    const call = (wanted: string, as = method) => node.ask(as, wanted, { key: null });
    for (const wrong of [`${path}x`, path.replace(/\d+-\d+/, "999-999"), path.replace(/\d+-\d+/, "no-id")])
      assert.equal((await call(wrong)).json.code, "consent_not_found", wrong);
    assert.equal((await call(path, "HEAD")).status, 405);
    assert.deepEqual((await call(path)).json, { state: "verified" });
    assert.equal((await call(path)).json.code, "consent_not_found");
    assert.equal((await delivers(node)).length, 1);
    assert.equal((await node.demand(200, "GET", "/triggers/t")).json.validation.state, "verified");
  });

test("the callback of an earlier question opens nothing", async (context) => {
  const node = await startTestNode(context, {
    conduct: whenAsked(silentOnIt),
    settings: { POSTHORN_PUBLIC_URL: publicUrl },
  });
  await makeTrigger(node);
  await node.demand(200, "POST", "/triggers/t/validate");
  const [first, second] = node.receiver
    .arrivals()
    .map(({ headers }) => headers["webhook-request-callback"]?.slice(publicUrl.length) ?? "");
  assert.ok(first !== undefined && second !== undefined && first !== second);
  assert.equal((await node.ask("GET", first, { key: null })).json.code, "consent_not_found");
  assert.deepEqual((await node.ask("GET", second, { key: null })).json, { state: "verified" });
});
