// Accept: whole or nothing, receipts, repeats in both senses, stale triggers, and data that comes back as it went in.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EventData } from "@posthorn/wire/event";
import fc from "fast-check";
import type { Store } from "../store.ts";
import {
  acceptAll,
  acceptOne,
  createTrigger,
  createWorld,
  day,
  leaseMs,
  makeDelivery,
  makeDraft,
  makeEvent,
  me,
  nth,
  refresh,
  second,
  start,
  statesOf,
  type World,
} from "./world.ts";

export function acceptTests(store: () => Store): void {
  describe("accept", () => {
    storing(store);
    refusing(store);
    describe("of events that were seen before", () => repeatingEvents(store));
    describe("of a request that came before", () => repeatingRequests(store));
    describe("and its data", () => keepingData(store));
  });
}

function storing(store: () => Store): void {
  it("answers one receipt for each draft, in their order", async () => {
    const world = await createWorld(store(), 2);
    const drafts = [makeDraft(world), makeDraft(world, { deliveries: [], deliverAt: start + day })];
    const result = await acceptAll(world, drafts);
    assert(result.kind === "stored");
    for (const [index, receipt] of result.receipts.entries()) {
      const { event, deliverAt, deliveries } = nth(drafts, index);
      const { id, source, type, time } = event;
      const { sequence, ...rest } = receipt;
      assert.deepEqual(rest, { id, source, type, time, deliverAt, deliveries: deliveries.length, duplicate: false });
      assert.equal((await store().findEvents(world.projectId, id))[0]?.sequence, sequence);
    }
    assert(nth(result.receipts, 0).sequence < nth(result.receipts, 1).sequence);
  });

  it("bears deliveries scheduled, pending or in flight", async () => {
    const world = await createWorld(store(), 1);
    const triggerId = nth(world.triggers, 0).id;
    await acceptOne(world, { deliverAt: start + 1 });
    await acceptOne(world, { deliverAt: start - 1 });
    await acceptOne(world, { deliveries: [makeDelivery(triggerId, { owner: me, until: start + leaseMs })] });
    assert.deepEqual(await statesOf(world), ["scheduled", "pending", "in_flight"]);
    const { rows } = await store().listDeliveries(world.projectId, {}, { limit: 3 });
    assert.deepEqual(rows.map((row) => row.progress.dueAt).toReversed(), [start + 1, start, start + leaseMs]);
  });

  it("takes many requests at the same time, each for itself", async () => {
    const world = await createWorld(store(), 1);
    const results = await Promise.all(Array.from({ length: 300 }, () => acceptOne(world)));
    assert.equal(new Set(results.map((receipt) => receipt.sequence)).size, 300);
    const { events, deliveries } = await store().stats(world.projectId);
    assert.deepEqual([events, deliveries.pending], [300, 300]);
  });
}

function refusing(store: () => Store): void {
  it("keeps nothing of a request when one draft cannot be stored", async () => {
    const world = await createWorld(store(), 1);
    const twice = makeDelivery(nth(world.triggers, 0).id);
    const drafts = [
      makeDraft(world),
      makeDraft(world, { deliveries: [twice] }),
      makeDraft(world, { deliveries: [twice] }),
    ];
    const healthy = acceptOne(world);
    await assert.rejects(acceptAll(world, drafts), { code: "store_failed" });
    await healthy;
    const page = await store().listEvents(world.projectId, {}, { limit: 10 });
    assert.deepEqual(
      page.rows.map((row) => row.event.id),
      [(await healthy).id],
    );
    assert.deepEqual((await store().stats(world.projectId)).deliveries.pending, 1);
  });

  it("refuses a lease on what is not due yet, and keeps nothing", async () => {
    const world = await createWorld(store(), 1);
    const deliveries = [makeDelivery(nth(world.triggers, 0).id, { owner: me, until: start + leaseMs })];
    await assert.rejects(acceptOne(world, { deliverAt: start + 1, deliveries }), { code: "store_failed" });
    assert.equal((await store().stats(world.projectId)).events, 0);
  });

  it("answers stale, and keeps nothing, when the project's triggers have changed", async () => {
    const world = await createWorld(store(), 1);
    await createTrigger(store(), world.projectId, "another");
    assert.deepEqual(await acceptAll(world, [makeDraft(world)]), { kind: "stale" });
    assert.equal((await store().stats(world.projectId)).events, 0);
    await refresh(world);
    assert.equal((await acceptAll(world, [makeDraft(world)])).kind, "stored");
  });

  it("knows no project that is not there", async () => {
    const world = await createWorld(store(), 0);
    assert.deepEqual(await acceptAll(world, [], { projectId: 999_999 }), { kind: "no-project" });
    await store().deleteProject({ now: start, projectId: world.projectId });
    assert.deepEqual(await acceptAll(world, [makeDraft(world)]), { kind: "no-project" });
  });
}

function repeatingEvents(store: () => Store): void {
  const seen = { mayRepeat: true };

  it("answers a source and id that were seen with the first receipt, and stores nothing", async () => {
    const world = await createWorld(store(), 1);
    const first = await acceptOne(world, { ...seen, event: makeEvent({ id: "same" }), deliverAt: start + day });
    const again = makeEvent({ id: "same", type: "other", time: "2026-07-02T00:00:00Z" });
    const second = await acceptOne(world, { ...seen, event: again, deliveries: [] }, start + 1);
    assert.deepEqual(second, { ...first, duplicate: true });
    assert.deepEqual(await statesOf(world), ["scheduled"]);
  });

  it("tells sources and projects apart", async () => {
    const world = await createWorld(store(), 1);
    const other = await createWorld(store(), 1);
    await acceptOne(world, { ...seen, event: makeEvent({ id: "same" }) });
    const bySource = await acceptOne(world, { ...seen, event: makeEvent({ id: "same", source: "/elsewhere" }) });
    const byProject = await acceptOne(other, { ...seen, event: makeEvent({ id: "same" }) });
    assert.deepEqual([bySource.duplicate, byProject.duplicate], [false, false]);
  });

  it("finds duplicates within one request", async () => {
    const world = await createWorld(store(), 1);
    const draft = () => makeDraft(world, { ...seen, event: makeEvent({ id: "same" }) });
    const result = await acceptAll(world, [draft(), draft()]);
    assert(result.kind === "stored");
    assert.deepEqual(
      result.receipts.map((receipt) => receipt.duplicate),
      [false, true],
    );
    assert.equal(nth(result.receipts, 0).sequence, nth(result.receipts, 1).sequence);
    assert.deepEqual(await statesOf(world), ["pending"]);
  });
}

function repeatingRequests(store: () => Store): void {
  it("answers an idempotency key with its first answer, whatever has changed since", async () => {
    const world = await createWorld(store(), 1);
    const idempotency = { key: "key", fingerprint: "body", expiresAt: start + day };
    const first = await acceptAll(world, [makeDraft(world), makeDraft(world)], { idempotency });
    assert(first.kind === "stored");
    await createTrigger(store(), world.projectId, "another");
    const again = await acceptAll(world, [makeDraft(world)], { idempotency, now: start + day - 1 });
    assert.deepEqual(again, { kind: "repeated", receipts: first.receipts });
    assert.equal((await store().stats(world.projectId)).events, 2);
  });

  it("refuses an idempotency key with another body", async () => {
    const world = await createWorld(store(), 1);
    const idempotency = { key: "key", fingerprint: "body", expiresAt: start + day };
    await acceptAll(world, [makeDraft(world)], { idempotency });
    const other = await acceptAll(world, [makeDraft(world)], { idempotency: { ...idempotency, fingerprint: "other" } });
    assert.deepEqual(other, { kind: "key-reused" });
    assert.equal((await store().stats(world.projectId)).events, 1);
  });

  it("forgets an idempotency key when it expires, and keeps keys of projects apart", async () => {
    const world = await createWorld(store(), 1);
    const other = await createWorld(store(), 1);
    const idempotency = { key: "key", fingerprint: "body", expiresAt: start + second };
    const first = await acceptAll(world, [makeDraft(world)], { idempotency });
    const elsewhere = await acceptAll(other, [makeDraft(other)], { idempotency });
    const renewed = { key: "key", fingerprint: "other", expiresAt: start + day };
    const later = await acceptAll(world, [makeDraft(world)], { idempotency: renewed, now: start + second });
    assert.deepEqual([first.kind, elsewhere.kind, later.kind], ["stored", "stored", "stored"]);
    assert.deepEqual(await acceptAll(world, [], { idempotency, now: start + second }), { kind: "key-reused" });
  });

  it("keeps no idempotency key for what it did not store", async () => {
    const world = await createWorld(store(), 1);
    const idempotency = { key: "key", fingerprint: "body", expiresAt: start + day };
    assert.equal((await acceptAll(world, [makeDraft(world)], { idempotency, catalogueVersion: 0 })).kind, "stale");
    assert.equal((await acceptAll(world, [makeDraft(world)], { idempotency })).kind, "stored");
  });
}

/** What went in, both as a list and a claim give it back. */
async function roundTrip(world: World, data: EventData | undefined): Promise<readonly (EventData | undefined)[]> {
  const receipt = await acceptOne(world, { event: makeEvent(data === undefined ? {} : { data }) });
  const [listed] = await world.store.findEvents(world.projectId, receipt.id);
  const { deliveries } = await world.store.claimDue({
    now: start,
    lease: { owner: me, until: start + leaseMs },
    quotas: [{ triggerId: nth(world.triggers, 0).id, limit: 1_000 }],
    maxBytes: 1e9,
  });
  return [listed?.event.data, deliveries.find((claim) => claim.event.id === receipt.id)?.event.data];
}

function keepingData(store: () => Store): void {
  const json = (text: string): EventData => ({ kind: "json", text });
  const cases: Readonly<Record<string, EventData | undefined>> = {
    "64-bit integers, trailing zeros and escapes": json('{ "n":9007199254740993,"z":1.0,"e":"\\u00e9\\/","é":"😀"}'),
    "the order of keys": json('{"b":1,"a":{"d":2,"c":3}}'),
    "JSON null": json("null"),
    "no data at all": undefined,
    "an empty JSON text": json('""'),
    "an empty text": { kind: "text", text: "" },
    "a text with a NUL and line ends": { kind: "text", text: "a\0b\r\nc" },
    "every byte there is": { kind: "binary", bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte) },
    "no bytes": { kind: "binary", bytes: new Uint8Array(0) },
    "a slice of a larger buffer": { kind: "binary", bytes: Uint8Array.from([1, 2, 3, 4, 5]).subarray(1, 4) },
    "a megabyte of JSON": json(JSON.stringify("x".repeat(2 ** 20))),
    "a megabyte of bytes": { kind: "binary", bytes: new Uint8Array(2 ** 20).fill(7) },
  };
  for (const [what, data] of Object.entries(cases)) {
    it(`keeps ${what}`, async () => {
      const world = await createWorld(store(), 1);
      for (const kept of await roundTrip(world, data)) assert.deepEqual(plain(kept), plain(data));
    });
  }

  it("keeps every attribute and extension with its kind", async () => {
    const world = await createWorld(store(), 1);
    const event = makeEvent({
      subject: "order/1",
      datacontenttype: "application/json; charset=utf-8",
      dataschema: "https://example.com/schema",
      extensions: { text: "1", number: 1, yes: true, __proto__x: "odd" },
    });
    await acceptOne(world, { event, depth: 3 });
    const [found] = await store().findEvents(world.projectId, event.id);
    assert.deepEqual({ ...found?.event.extensions }, { ...event.extensions });
    assert.equal(Object.getPrototypeOf(found?.event.extensions), null);
    assert.deepEqual({ ...found?.event, extensions: null }, { ...event, extensions: null });
    assert.equal(found?.depth, 3);
  });

  it("keeps any text and any bytes", async () => {
    const world = await createWorld(store(), 1);
    const text = fc.string({ unit: "grapheme" }).map((text): EventData => ({ kind: "text", text }));
    const binary = fc.uint8Array().map((bytes): EventData => ({ kind: "binary", bytes }));
    const value = fc.jsonValue().map((one): EventData => json(JSON.stringify(one)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(text, binary, value), async (data) => {
        const receipt = await acceptOne(world, { event: makeEvent({ data }), deliveries: [] });
        const [found] = await store().findEvents(world.projectId, receipt.id);
        assert.deepEqual(plain(found?.event.data), plain(data));
      }),
      { numRuns: 100 },
    );
  });
}

/** Bytes as numbers: a Buffer and a Uint8Array of the same bytes are the same data. */
function plain(data: EventData | undefined): unknown {
  return data?.kind === "binary" ? { kind: data.kind, bytes: [...data.bytes] } : data;
}
