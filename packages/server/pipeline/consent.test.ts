// What of consent needs a clock that can be turned, or a target that answers at the wrong moment; the rest is seen from
// outside, in api/consent.test.ts.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { defaultRetryPolicy } from "../domain/backoff.ts";
import type { Trigger, TriggerDefinition } from "../domain/trigger.ts";
import { createFacts } from "../observe/facts.ts";
import { manualClock, systemClock } from "../outside/clock.ts";
import type { Exchange, OutgoingRequest } from "../outside/network.ts";
import { systemRandomness } from "../outside/randomness.ts";
import { createVault } from "../outside/vault.ts";
import { openSqliteStore } from "../store/sqlite/open.ts";
import type { Put } from "../store/store.ts";
import { createPipeline } from "./pipeline.ts";

const publicUrl = "https://posthorn.example";
const hourMs = 3_600_000;
const refusal: Exchange = { kind: "answered", status: 200, headers: {}, body: new Uint8Array(), truncated: false };
const consent: Exchange = { ...refusal, headers: { "webhook-allowed-origin": "*" } };

const definition: TriggerDefinition = {
  name: "t",
  types: ["*"],
  filters: [],
  target: { kind: "webhook", url: "https://one.example/", headers: {} },
  format: "cloudevents",
  timeoutMs: 5000,
  retry: defaultRetryPolicy,
  enabled: true,
  validation: "required",
};

/** A pipeline whose targets answer questions as `exchange` says. */
async function start(context: TestContext, exchange: (request: OutgoingRequest) => Promise<Exchange>) {
  const dataDir = mkdtempSync(join(tmpdir(), "posthorn-consent-"));
  const clock = manualClock(Date.UTC(2026, 6, 1));
  const store = await openSqliteStore({ dataDir, clock: systemClock, randomness: systemRandomness });
  context.after(async () => {
    await store.close();
    rmSync(dataDir, { recursive: true });
  });
  await store.createProject({ now: clock.now(), slug: "p", name: "P" });
  const pipeline = createPipeline({
    ...{ store, clock, randomness: systemRandomness, facts: createFacts(), network: { exchange } },
    ...{ targets: new Map(), vault: createVault(new Uint8Array(32), systemRandomness) },
    ...{ owner: "me", leaseMs: 10_000, lanes: { perTrigger: 1, inAll: 1 } },
    ...{ accept: { maxFanOut: 9, idempotencyMs: 1 }, consent: { origin: "posthorn.example", publicUrl } },
  });
  const view = await pipeline.catalogue.bySlug("p");
  assert(view !== null);
  const create = async () => value(await pipeline.triggers.create(view, definition, { maxTriggers: 9 }));
  return { clock, pipeline, projectId: view.project.id, create };
}

function value(result: Put<Trigger>): Trigger {
  assert(result.kind === "done");
  return result.value;
}

for (const [what, ageMs, isOpen] of [
  ["stays open for a day", 24 * hourMs - 1, true],
  ["closes after a day", 24 * hourMs, false],
] as const)
  test(`a callback ${what}`, async (context) => {
    let callback = "";
    const { clock, pipeline, create } = await start(context, async ({ headers }) => {
      callback = headers["webhook-request-callback"] ?? "";
      return refusal;
    });
    assert.equal((await create()).consent?.state, "pending");
    clock.advance(ageMs);
    const [triggerKey = "", secret = ""] = callback.split("/").slice(-2);
    assert.equal(await pipeline.consents.grant(triggerKey, secret), isOpen);
  });

test("a callback that comes before the answer to the question holds", async (context) => {
  const { pipeline, create } = await start(context, async ({ headers }) => {
    const [triggerKey = "", secret = ""] = (headers["webhook-request-callback"] ?? "").split("/").slice(-2);
    assert.equal(await pipeline.consents.grant(triggerKey, secret), true);
    return refusal;
  });
  assert.equal((await create()).consent?.state, "verified");
});

test("the consent of a URL that was given up meanwhile is not that of the new one", async (context) => {
  const asked: string[] = [];
  const { pipeline, projectId, create } = await start(context, async ({ url }) => {
    asked.push(url);
    if (asked.length > 1) return refusal;
    const target = { ...definition.target, url: "https://two.example/" };
    await pipeline.triggers.update(projectId, "t", () => ({ ...definition, target }));
    return consent;
  });
  const trigger = await create();
  assert.deepEqual(asked, ["https://one.example/", "https://two.example/"]);
  assert.deepEqual([trigger.target.url, trigger.consent?.state], ["https://two.example/", "pending"]);
});
