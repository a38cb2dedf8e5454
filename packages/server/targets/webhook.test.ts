import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { after, test } from "node:test";
import type { Event } from "@posthorn/wire/event";
import { noExtensions } from "@posthorn/wire/event";
import { formats } from "@posthorn/wire/formats";
import { verify } from "@posthorn/wire/signature";
import { Webhook } from "standardwebhooks";
import { parseAllowList } from "../outside/allow-list.ts";
import { createNetwork } from "../outside/network.ts";
import { startHttp } from "../outside/test-servers.ts";
import type { AttemptReport, DeliveryRequest, Target } from "./target.ts";
import { suiteOfTarget, type TargetUnderTest } from "./target-suite.ts";
import { createWebhookTarget } from "./webhook.ts";

const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"];
const nowMs = 1_700_000_000_999;
const event: Event = {
  id: "e-1",
  type: "order.placed",
  source: "/shop",
  time: "2026-01-02T03:04:05.600Z",
  extensions: noExtensions,
  data: { kind: "json", text: '{"n":12345678901234567890,"s":"\\u00e9","f":1.0}' },
};

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

function openTarget(allowTargets = "127.0.0.1"): { readonly target: Target; close(): Promise<void> } {
  const parsed = parseAllowList(allowTargets);
  assert.ok(parsed.ok);
  const network = createNetwork({ allowHttp: true, allow: parsed.allow, forbidden: [] });
  return { target: createWebhookTarget(network), close: () => network.close() };
}

function requestFor(url: string, rest: Partial<DeliveryRequest> = {}): DeliveryRequest {
  return {
    event,
    sequence: 7,
    deliveryId: "019-d",
    attempt: 1,
    nowMs,
    target: { kind: "webhook", url, headers: {} },
    format: "cloudevents",
    timeoutMs: 10_000,
    secrets,
    origin: null,
    ...rest,
  };
}

suiteOfTarget("webhook", async (): Promise<TargetUnderTest> => {
  const server = await startHttp((request, response) => {
    if (request.url !== "/hang") response.writeHead(request.url === "/fail" ? 500 : 200).end();
  });
  const { target, close } = openTarget();
  return {
    target,
    requestTo: (behaviour) => requestFor(`http://127.0.0.1:${server.port}/${behaviour}`),
    async close() {
      await close();
      await server.close();
    },
  };
});

const shared = openTarget();
after(() => shared.close());
const never = new AbortController().signal;

/** Delivers to a receiver that answers with `answer`; what it received comes back too. */
async function deliver(
  answer: (response: ServerResponse) => void,
  rest: Partial<DeliveryRequest> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly report: AttemptReport; readonly received: Received }> {
  const chunks: Buffer[] = [];
  let received: Received | undefined;
  const server = await startHttp((request, response) => {
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      received = { headers: request.headers, body: Buffer.concat(chunks) };
      answer(response);
    });
  });
  const url = `http://127.0.0.1:${server.port}/hook?a=b`;
  const report = await shared.target.deliver(
    requestFor(url, { target: { kind: "webhook", url, headers }, ...rest }),
    never,
  );
  await server.close();
  assert.ok(received !== undefined);
  return { report, received };
}

test("every format arrives as it is encoded, and is signed for receivers of Standard Webhooks", async () => {
  for (const { name: format } of Object.values(formats)) {
    const { report, received } = await deliver((response) => response.end(), { format });
    assert.deepEqual(report.outcome, { kind: "delivered", status: 200 });
    const encoded = formats[format].encode(event, { deliveryId: "019-d", attempt: 1, sequence: 7 });
    assert.deepEqual(received.body, Buffer.from(encoded.body));
    for (const [name, value] of Object.entries(encoded.headers)) assert.equal(received.headers[name], value);
    assert.equal(received.headers["webhook-id"], "019-d");
    assert.equal(received.headers["webhook-timestamp"], "1700000000");
    assert.equal(received.headers["user-agent"], "Posthorn/0.1");
    for (const secret of secrets) {
      assert.ok(verify(received.headers, received.body, [secret], { nowSeconds: 1_700_000_000 }).ok);
    }
  }
});

test("the reference library verifies a delivery of now", async () => {
  const { received } = await deliver((response) => response.end(), { nowMs: Date.now() });
  const headers = Object.fromEntries(Object.entries(received.headers).map(([name, value]) => [name, String(value)]));
  for (const secret of secrets) assert.ok(new Webhook(secret).verify(received.body.toString(), headers));
});

test("the status decides, whatever the body", async () => {
  const outcomes: readonly (readonly [number, AttemptReport["outcome"]])[] = [
    [201, { kind: "delivered", status: 201 }],
    [204, { kind: "delivered", status: 204 }],
    [299, { kind: "delivered", status: 299 }],
    [304, { kind: "rejected", status: 304, gone: false }],
    [307, { kind: "rejected", status: 307, gone: false }],
    [400, { kind: "rejected", status: 400, gone: false }],
    [410, { kind: "rejected", status: 410, gone: true }],
    [500, { kind: "rejected", status: 500, gone: false }],
  ];
  for (const [status, outcome] of outcomes) {
    const { report } = await deliver((response) => response.writeHead(status, { location: "http://10.0.0.1/" }).end());
    assert.deepEqual(report.outcome, outcome);
  }
});

test("Retry-After is read in seconds and as a date, from the time of the try on, and otherwise ignored", async () => {
  const wishes: readonly (readonly [string, number | undefined])[] = [
    ["7", 7_000],
    [new Date(1_700_000_060_000).toUTCString(), 60_000 - 999],
    ["999999", 86_400_000],
    ["1.5", undefined],
  ];
  for (const [value, retryAfterMs] of wishes) {
    const { report } = await deliver((response) => response.writeHead(429, { "retry-after": value }).end());
    const expected = { kind: "rejected", status: 429, gone: false };
    assert.deepEqual(report.outcome, retryAfterMs === undefined ? expected : { ...expected, retryAfterMs });
  }
});

test("the report shows what was sent and what came back, without the user's credentials", async () => {
  const headers = { authorization: "Bearer top", "x-api-key": "top", "x-shop": "1", "user-agent": "shop/2" };
  const { report, received } = await deliver((response) => response.setHeader("x-b", "2").end("thanks"), {}, headers);
  assert.equal(received.headers.authorization, "Bearer top");
  assert.equal(received.headers["user-agent"], "shop/2");
  assert.equal(report.request?.bytes, received.body.length);
  assert.match(report.request?.url ?? "", /^http:\/\/127\.0\.0\.1:\d+\/hook\?a=b$/);
  for (const [name, value] of Object.entries(report.request?.headers ?? {})) {
    const isSecret = name === "authorization" || name === "x-api-key";
    assert.equal(value, isSecret ? "***" : received.headers[name], name);
  }
  assert.equal(report.response?.headers["x-b"], "2");
  assert.equal(Buffer.from(report.response?.body ?? []).toString(), "thanks");
  assert.equal(report.response?.truncated, false);
});

test("an attribute whose name sounds secret is shown: it is part of the event", async () => {
  const partitioned = { ...event, extensions: { partitionkey: "p1" } };
  const { report } = await deliver((response) => response.end(), { event: partitioned, format: "cloudevents-binary" });
  assert.equal(report.request?.headers["ce-partitionkey"], "p1");
});

test("a user's header cannot take the place of the platform's", async () => {
  const { received } = await deliver(
    (response) => response.end(),
    {},
    { "webhook-id": "forged", "content-type": "text/plain" },
  );
  assert.equal(received.headers["webhook-id"], "019-d");
  assert.match(received.headers["content-type"] ?? "", /^application\/cloudevents\+json/);
});

test("the record of an answer ends at 64 KiB", async () => {
  const { report } = await deliver((response) => response.end(Buffer.alloc(100_000, "x")));
  assert.deepEqual(report.outcome, { kind: "delivered", status: 200 });
  assert.equal(report.response?.body.length, 65_536);
  assert.equal(report.response?.truncated, true);
});

test("what policy forbids is refused, and what cannot be signed too", async () => {
  const strict = openTarget("");
  const forbidden = await strict.target.deliver(requestFor("http://127.0.0.1:1/"), never);
  assert.ok(forbidden.outcome.kind === "refused");
  assert.match(forbidden.outcome.detail, /POSTHORN_ALLOW_TARGETS/);
  const unsigned = await strict.target.deliver(requestFor("http://127.0.0.1:1/", { secrets: ["whsec_x"] }), never);
  assert.ok(unsigned.outcome.kind === "refused");
  assert.match(unsigned.outcome.detail, /cannot be sent in the format cloudevents/);
  await strict.close();
});
