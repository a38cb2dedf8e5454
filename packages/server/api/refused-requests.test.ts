// Bad input gets a 4xx that names the field and the rule; never a 5xx, never a hang, never a half-stored event (DESIGN §8.9).
// Here: everything but events.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Message, startTestNode } from "./test-node.ts";
import { assertRefused, type Case, text } from "./test-refusals.ts";

const trigger = { name: "t", types: ["a"], target: { kind: "webhook", url: "https://example.com/" } };
const long = "x".repeat(3000);

const readings: readonly Case[] = [
  ["limit 0", ["GET", "/events?limit=0"], 400, "invalid_parameter"],
  ["limit 1001", ["GET", "/events?limit=1001"], 400, "invalid_parameter"],
  ["limit in hexadecimal", ["GET", "/events?limit=0x10"], 400, "invalid_parameter"],
  ["limit twice", ["GET", "/events?limit=1&limit=2"], 400, "invalid_parameter"],
  ["an unknown parameter", ["GET", "/events?page=2"], 400, "unknown_parameter"],
  ["a parameter where none is taken", ["GET", "/stats?x=1"], 400, "unknown_parameter"],
  ["a parameter at a publication", ["POST", "/events?x=1", { body: { type: "a" } }], 400, "unknown_parameter"],
  ["a state that is none", ["GET", "/deliveries?state=lost"], 400, "invalid_parameter"],
  ["a time that is none", ["GET", "/events?since=2026-13-01T00:00:00Z"], 400, "invalid_parameter"],
  ["a cursor that is none", ["GET", "/events?cursor=abc"], 400, "invalid_cursor"],
  ["an empty cursor", ["GET", "/events?cursor="], 400, "invalid_cursor"],
  ["an event that is not there", ["GET", "/events/nothing"], 404, "event_not_found"],
  [
    "an id with every odd character",
    ["GET", `/events/${encodeURIComponent("a/b?c#d%e f\u0000é")}`],
    404,
    "event_not_found",
  ],
  ["an id far too long", ["GET", `/events/${long}`], 414, "url_too_long"],
  ["a path that is no UTF-8", ["GET", "/events/%ff"], 400, "malformed_request"],
  ["a delivery that is not there", ["GET", "/deliveries/x"], 404, "delivery_not_found"],
  ["attempts of no delivery", ["GET", "/deliveries/x/attempts"], 404, "delivery_not_found"],
  ["a retry of no delivery", ["POST", "/deliveries/x/retry"], 404, "delivery_not_found"],
  ["cancelling no event", ["POST", "/events/x/cancel"], 404, "event_not_found"],
  ["replaying no event", ["POST", "/events/x/replay"], 404, "event_not_found"],
  [
    "replaying for no trigger",
    ["POST", "/events/x/replay", { body: { triggers: ["nobody"] } }],
    400,
    "invalid_field",
    ["#/triggers/0"],
  ],
  [
    "a body where none is taken",
    ["POST", "/events/x/cancel", { body: { all: true } }],
    400,
    "unknown_field",
    ["#/all"],
  ],
  ["no such project", ["GET", "/v1/projects/nothing/stats"], 404, "project_not_found"],
  ["no such path", ["GET", "/v1/nothing"], 404, "route_not_found"],
  ["another method", ["PUT", "/stats"], 405, "method_not_allowed"],
];

const triggers: readonly Case[] = [
  ["no body", ["POST", "/triggers"], 400, "body_missing"],
  ["an array", ["POST", "/triggers", { body: [] }], 400, "wrong_type", ["#"]],
  ["nothing in it", ["POST", "/triggers", { body: {} }], 400, "missing_field", ["#/name", "#/types", "#/target"]],
  [
    "an unknown field",
    ["POST", "/triggers", { body: { ...trigger, state: "active" } }],
    400,
    "unknown_field",
    ["#/state"],
  ],
  ["a key twice", ["POST", "/triggers", text('{"name":"a","name":"b"}')], 400, "duplicate_key", ["#/name"]],
  [
    "a name with a slash",
    ["POST", "/triggers", { body: { ...trigger, name: "a/b" } }],
    400,
    "invalid_field",
    ["#/name"],
  ],
  [
    "a number in quotes",
    ["POST", "/triggers", { body: { ...trigger, timeoutMs: "5000" } }],
    400,
    "wrong_type",
    ["#/timeoutMs"],
  ],
  [
    "a pattern with a star inside",
    ["POST", "/triggers", { body: { ...trigger, types: ["a", "a*b"] } }],
    400,
    "invalid_field",
    ["#/types/1"],
  ],
  ["no patterns", ["POST", "/triggers", { body: { ...trigger, types: [] } }], 400, "invalid_field", ["#/types"]],
  [
    "too many patterns",
    ["POST", "/triggers", { body: { ...trigger, types: Array(101).fill("a") } }],
    400,
    "invalid_field",
    ["#/types"],
  ],
  [
    "more jitter than there is",
    ["POST", "/triggers", { body: { ...trigger, retry: { jitter: 2 } } }],
    400,
    "invalid_field",
    ["#/retry/jitter"],
  ],
  [
    "a validation that is none",
    ["POST", "/triggers", { body: { ...trigger, validation: "optional" } }],
    400,
    "invalid_field",
    ["#/validation"],
  ],
  [
    "more retries than may come at once",
    ["POST", "/triggers", { body: { ...trigger, retry: { retries: 101, initialDelayMs: 999 } } }],
    400,
    "invalid_field",
    ["#/retry/retries"],
  ],
  [
    "an unknown field of retry",
    ["POST", "/triggers", { body: { ...trigger, retry: { count: 2 } } }],
    400,
    "unknown_field",
    ["#/retry/count"],
  ],
  [
    "a pause in the past",
    ["POST", "/triggers", { body: { ...trigger, retry: { schedule: [1, -1] } } }],
    400,
    "invalid_field",
    ["#/retry/schedule/1"],
  ],
  [
    "an unknown format",
    ["POST", "/triggers", { body: { ...trigger, format: "xml" } }],
    400,
    "invalid_field",
    ["#/format"],
  ],
  [
    "an unknown filter",
    ["POST", "/triggers", { body: { ...trigger, filters: [{ like: {} }] } }],
    400,
    "invalid_field",
    ["#/filters/0/like"],
  ],
  [
    "a target of another kind",
    ["POST", "/triggers", { body: { ...trigger, target: { kind: "ftp", url: "ftp://a/" } } }],
    400,
    "invalid_field",
    ["#/target/kind"],
  ],
  [
    "a private address",
    ["POST", "/triggers", { body: { ...trigger, target: { kind: "webhook", url: "https://10.0.0.1/" } } }],
    400,
    "target_refused",
    ["#/target/url"],
  ],
  [
    "a private address in disguise",
    ["POST", "/triggers", { body: { ...trigger, target: { kind: "webhook", url: "https://0x0a.1/" } } }],
    400,
    "target_refused",
    ["#/target/url"],
  ],
  [
    "a URL with credentials",
    ["POST", "/triggers", { body: { ...trigger, target: { kind: "webhook", url: "https://a:b@example.com/" } } }],
    400,
    "target_refused",
    ["#/target/url"],
  ],
  [
    "a header of ours",
    ["POST", "/triggers", { body: { ...trigger, target: { ...trigger.target, headers: { "Webhook-Id": "1" } } } }],
    400,
    "invalid_field",
    ["#/target/headers/Webhook-Id"],
  ],
  [
    "a header that breaks the line",
    ["POST", "/triggers", { body: { ...trigger, target: { ...trigger.target, headers: { a: "b\r\nc: d" } } } }],
    400,
    "invalid_field",
    ["#/target/headers/a"],
  ],
  [
    "a secret that is none",
    ["POST", "/triggers", { body: { ...trigger, secret: "secret" } }],
    400,
    "invalid_secret",
    ["#/secret"],
  ],
  [
    "YAML",
    ["POST", "/triggers", text("name: t", { "content-type": "application/yaml" })],
    415,
    "unsupported_media_type",
  ],
  [
    "a body too large",
    ["POST", "/triggers", text(JSON.stringify({ name: "x".repeat(140_000) }))],
    413,
    "body_too_large",
  ],
  ["changing nothing", ["PATCH", "/triggers/t", { body: {} }], 400, "invalid_field", ["#"]],
  ["changing the name", ["PATCH", "/triggers/t", { body: { name: "u" } }], 400, "unknown_field", ["#/name"]],
  ["changing no trigger", ["PATCH", "/triggers/nobody", { body: { enabled: false } }], 404, "trigger_not_found"],
  ["deleting no trigger", ["DELETE", "/triggers/nobody"], 404, "trigger_not_found"],
  ["pausing no trigger", ["POST", "/triggers/nobody/pause"], 404, "trigger_not_found"],
  ["testing no trigger", ["POST", "/triggers/nobody/test"], 404, "trigger_not_found"],
  ["a secret of no trigger", ["GET", "/triggers/nobody/secret"], 404, "trigger_not_found"],
  [
    "rotation for ever",
    ["POST", "/triggers/t/rotate-secret", { body: { graceHours: 9000 } }],
    400,
    "invalid_field",
    ["#/graceHours"],
  ],
  [
    "an unknown scope",
    ["POST", "/keys", { body: { name: "k", scopes: ["root"] } }],
    400,
    "invalid_field",
    ["#/scopes/0"],
  ],
  ["no scopes", ["POST", "/keys", { body: { name: "k", scopes: [] } }], 400, "invalid_field", ["#/scopes"]],
  ["deleting no key", ["DELETE", "/keys/nobody"], 404, "key_not_found"],
  [
    "a slug in capitals",
    ["POST", "/v1/projects", { body: { slug: "Shop", name: "Shop" } }],
    400,
    "invalid_field",
    ["#/slug"],
  ],
  ["a slug that is taken", ["POST", "/v1/projects", { body: { slug: "default", name: "Another" } }], 409, "name_taken"],
];

test("every kind of bad reading is answered with its own problem", async (context) => {
  await assertRefused(context, await startTestNode(context), readings);
});

test("every kind of bad trigger, key and project is answered with its own problem", async (context) => {
  await assertRefused(context, await startTestNode(context), triggers);
});

test("a problem names the field, the rule and what would be right", async (context) => {
  const node = await startTestNode(context);
  const detailOf = async (method: string, path: string, message?: Message): Promise<string> =>
    (await node.ask(method, path, message)).json.detail;
  assert.equal(
    await detailOf("GET", "/events?page=2"),
    '"page" is no query parameter of this path; known are limit, cursor, type, subject, status, since, until',
  );
  assert.equal(
    await detailOf("POST", "/triggers", { body: { ...trigger, retry: { jitter: 2 } } }),
    "retry.jitter must be <= 1",
  );
  assert.match(
    await detailOf("POST", "/triggers", { body: { ...trigger, format: "xml" } }),
    /^format must be one of cloudevents, /,
  );
  assert.match(
    await detailOf("POST", "/triggers", {
      body: { ...trigger, target: { kind: "webhook", url: "https://10.0.0.1/" } },
    }),
    /POSTHORN_ALLOW_TARGETS/,
  );
  const refused = await node.ask("PUT", "/triggers/t");
  assert.equal(refused.headers.get("allow"), "DELETE, GET, HEAD, PATCH");
  const unreadable = await node.ask("POST", "/events", text("a", { "content-type": "text/plain" }));
  assert.match(unreadable.json.detail, /application\/cloudevents\+json/);
});
