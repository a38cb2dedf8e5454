// The API says of itself what is so: a valid OpenAPI 3.1 document, one table of errors, pages that need nothing else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formats } from "@posthorn/wire/formats";
import { Validator } from "@seriousme/openapi-schema-validator";
import { problemKinds, renderErrorsPage } from "./problems.ts";
import { startTestNode } from "./test-node.ts";

test("the document is valid OpenAPI 3.1, and every operation has a name and its errors", async (context) => {
  const { document } = await startTestNode(context);
  const validator = new Validator();
  const result = await validator.validate(JSON.parse(JSON.stringify(document)));
  assert.ok(result.valid, JSON.stringify(result.errors));
  assert.equal(validator.version, "3.1");
  const operations = [...Object.values(document.paths), ...Object.values(document.webhooks)].flatMap((item) =>
    Object.values(item),
  );
  const names = operations.map(({ operationId }) => operationId);
  assert.equal(new Set(names).size, names.length);
  for (const { operationId, summary, responses } of operations) {
    assert.ok(summary !== "" && responses.default !== undefined, operationId);
    for (const { description } of Object.values(responses))
      assert.notEqual(description, "Default Response", operationId);
  }
  assert.equal(Object.keys(document.webhooks).length, Object.keys(formats).length);
});

test("every path of the design is there", async (context) => {
  const { document } = await startTestNode(context);
  const project = "/v1/projects/{project}";
  const expected: Readonly<Record<string, readonly string[]>> = {
    "/v1/projects": ["get", "post"],
    [project]: ["delete", "get"],
    [`${project}/events`]: ["get", "post"],
    [`${project}/events/{event}`]: ["get"],
    [`${project}/events/{event}/cancel`]: ["post"],
    [`${project}/events/{event}/replay`]: ["post"],
    [`${project}/triggers`]: ["get", "post"],
    [`${project}/triggers/{trigger}`]: ["delete", "get", "patch"],
    ...Object.fromEntries(
      ["pause", "resume", "test", "rotate-secret"].map((act) => [`${project}/triggers/{trigger}/${act}`, ["post"]]),
    ),
    [`${project}/triggers/{trigger}/secret`]: ["get"],
    [`${project}/deliveries`]: ["get"],
    [`${project}/deliveries/{delivery}`]: ["get"],
    [`${project}/deliveries/{delivery}/attempts`]: ["get"],
    [`${project}/deliveries/{delivery}/retry`]: ["post"],
    [`${project}/keys`]: ["get", "post"],
    [`${project}/keys/{key}`]: ["delete"],
    [`${project}/stats`]: ["get"],
    [`${project}/live`]: ["get"],
    ...Object.fromEntries(
      ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/"].map((path) => [path, ["get"]]),
    ),
    "/v1/api/{project}/event-triggers/queue": ["post"],
    "/v1/api/{project}/eventing/queue": ["post"],
    "/v1/config/projects/{project}/eventing/triggers": ["get"],
    "/v1/config/projects/{project}/eventing/triggers/{id}": ["delete", "get", "post"],
  };
  for (const [path, methods] of Object.entries(expected))
    assert.deepEqual(Object.keys(document.paths[path] ?? {}).sort(), methods, path);
});

test("the table of errors, the document and the page of errors tell the same", async (context) => {
  const node = await startTestNode(context);
  const codes = Object.keys(problemKinds);
  assert.deepEqual(node.document.components.schemas.Problem?.properties?.code?.enum, codes);
  const page = await node.demand(200, "GET", "/docs/errors");
  assert.deepEqual(
    [...page.text.matchAll(/<tr id="(\w+)">/g)].map(([, code]) => code),
    codes,
  );
  assert.deepEqual(
    [...renderErrorsPage().matchAll(/<a id="(\w+)">/g)].map(([, code]) => code),
    codes,
  );
});

test("the pages need nothing from elsewhere and run no script", async (context) => {
  const node = await startTestNode(context);
  for (const path of ["/docs", "/docs/errors"]) {
    const { text, headers } = await node.demand(200, "GET", path, { key: null });
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'none'; style-src 'sha256-/);
    assert.doesNotMatch(text, /<script|<link|<img|https?:\/\/[^"]*\.(?:css|js)|undefined|\[object/);
    const targets = [...text.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
    for (const target of targets) assert.ok(text.includes(`id="${target}"`), `${path}#${target}`);
  }
  const root = await node.demand(302, "GET", "/", { key: null });
  assert.equal(root.headers.get("location"), "/docs");
});

test("the node says that it is alive, ready, and what it counts", async (context) => {
  const node = await startTestNode(context);
  assert.deepEqual((await node.demand(200, "GET", "/healthz", { key: null })).json, { status: "ok" });
  assert.deepEqual((await node.demand(200, "GET", "/readyz", { key: null })).json, { status: "ok" });
  const metrics = await node.demand(200, "GET", "/metrics", { key: null });
  assert.equal(metrics.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assert.match(metrics.text, /^# HELP /);
});
