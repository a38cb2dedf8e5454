// Lists: every filter alone and with every other, and pages that walk a list both ways without a gap or a repeat.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { deliveryStates } from "../../domain/delivery.ts";
import { timeOfSequence } from "../../domain/ids.ts";
import type { DeliveryFilter, EventFilter, Page, PageRequest, Store } from "../store.ts";
import {
  acceptOne,
  claimAll,
  createWorld,
  day,
  makeAttempt,
  makeDelivery,
  makeEvent,
  missed,
  nth,
  second,
  settle,
  start,
  type World,
} from "./world.ts";

/** Needs a store that nobody else uses: what others accepted at later times would move the times of these events. */
export function readingTests(store: () => Store): void {
  describe("readings", () => {
    let library: Promise<Library> | undefined;
    // One library for all, since nobody changes it.
    const open = (): Promise<Library> => (library ??= fillLibrary(store()));
    filtering(store, open);
    paging(store, open);
    bounds(store);
  });
}

interface KnownEvent {
  readonly id: string;
  readonly sequence: number;
  readonly type: string;
  readonly subject: string | undefined;
  readonly acceptedAt: number;
}
interface KnownDelivery {
  readonly id: string;
  readonly sequence: number;
  readonly eventSequence: number;
  readonly triggerId: number;
  readonly state: string;
  readonly createdAt: number;
}
/** What is in the store, as plain lists, newest first. */
interface Library {
  readonly world: World;
  readonly events: readonly KnownEvent[];
  readonly deliveries: readonly KnownDelivery[];
}

const types = ["order.created", "order.paid", "user.created"];
const subjects = [undefined, "a", "b"];

/** Sixty events of all kinds, with up to three deliveries each, in all states. */
async function fillLibrary(store: Store): Promise<Library> {
  const world = await createWorld(store, 3);
  const events: KnownEvent[] = [];
  for (let made = 0; made < 60; made += 1) {
    const now = start + made * second;
    const type = nth(types, made % types.length);
    const subject = subjects[Math.floor(made / 3) % subjects.length];
    const event = makeEvent({ type, ...(subject === undefined ? {} : { subject }) });
    const deliveries = world.triggers.slice(0, made % 4).map((trigger) => makeDelivery(trigger.id));
    const deliverAt = made % 5 === 4 ? now + 10 * day : now;
    const { sequence, id } = await acceptOne(world, { event, deliveries, deliverAt }, now);
    events.unshift({ id, sequence, type, subject, acceptedAt: now });
    if (made % 2 === 0) await workThrough(world, now, made);
  }
  const oldest = nth(events, 59 - 3);
  const again = [makeDelivery(nth(world.triggers, 0).id), makeDelivery(nth(world.triggers, 2).id)];
  const { projectId, version: catalogueVersion } = world;
  const request = { now: start + day, projectId, catalogueVersion, eventSequence: oldest.sequence, deliveries: again };
  assert.equal(await store.replay(request), "stored");
  return { world, events, deliveries: await readDeliveries(world, events) };
}

/** Lets the deliveries that are due come to different ends. */
async function workThrough(world: World, now: number, made: number): Promise<void> {
  for (const [index, claim] of (await claimAll(world, now)).entries()) {
    const kind = (made + index) % 5;
    const attempt = makeAttempt(claim, { outcome: "rejected", status: 500 });
    if (kind === 0) await settle(world, claim, now);
    if (kind === 1) await settle(world, claim, now, { progress: missed(claim.progress, now, 10 * day), attempt });
    if (kind === 2) await settle(world, claim, now, { progress: missed(claim.progress, now, null), attempt });
    if (kind === 3) {
      await settle(world, claim, now, { progress: { ...claim.progress, state: "pending" }, attempt: null });
      await world.store.cancel({ now, projectId: world.projectId, eventSequence: claim.eventSequence });
    }
  }
}

/** By the events, one by one: the lists under test have no part in it. */
async function readDeliveries(world: World, events: readonly KnownEvent[]): Promise<readonly KnownDelivery[]> {
  const found: KnownDelivery[] = [];
  for (const { sequence: eventSequence } of events) {
    const { rows } = await world.store.listDeliveries(world.projectId, { eventSequence }, { limit: 100 });
    for (const { id, sequence, triggerId, progress, createdAt } of rows) {
      found.push({ id, sequence, eventSequence, triggerId, state: progress.state, createdAt });
    }
  }
  return found.toSorted((one, other) => other.sequence - one.sequence);
}

// ── What the lists must answer ─────────────────────────────────────────────────────────────────────────────────────

function wantedEvents({ events, deliveries }: Library, filter: EventFilter): readonly KnownEvent[] {
  return events.filter((event) => {
    const owed = deliveries.filter((delivery) => delivery.eventSequence === event.sequence);
    return (
      (filter.type === undefined || event.type === filter.type) &&
      (filter.subject === undefined || event.subject === filter.subject) &&
      isWithin(event.acceptedAt, filter) &&
      (filter.status === undefined ||
        (filter.status === "unmatched" ? owed.length === 0 : owed.some(({ state }) => state === filter.status)))
    );
  });
}

function wantedDeliveries({ deliveries }: Library, filter: DeliveryFilter): readonly KnownDelivery[] {
  return deliveries.filter(
    (delivery) =>
      (filter.state === undefined || delivery.state === filter.state) &&
      (filter.triggerId === undefined || delivery.triggerId === filter.triggerId) &&
      (filter.eventSequence === undefined || delivery.eventSequence === filter.eventSequence) &&
      isWithin(delivery.createdAt, filter),
  );
}

function isWithin(at: number, { since, until }: { since?: number | undefined; until?: number | undefined }): boolean {
  return (since === undefined || at >= since) && (until === undefined || at < until);
}

const anyTime = fc.option(fc.integer({ min: start - second, max: start + 70 * second }), { nil: undefined });
const anyEventFilter: fc.Arbitrary<EventFilter> = fc.record({
  type: fc.constantFrom(undefined, undefined, ...types, "unknown"),
  subject: fc.constantFrom(undefined, undefined, "a", "b", "unknown"),
  status: fc.constantFrom(undefined, undefined, "unmatched", ...deliveryStates),
  since: anyTime,
  until: anyTime,
});

function anyDeliveryFilter({ world, events }: Library): fc.Arbitrary<DeliveryFilter> {
  return fc.record({
    state: fc.constantFrom(undefined, undefined, ...deliveryStates),
    triggerId: fc.constantFrom(undefined, undefined, 999_999, ...world.triggers.map((trigger) => trigger.id)),
    eventSequence: fc.constantFrom(undefined, undefined, undefined, 1, ...events.map((event) => event.sequence)),
    since: anyTime,
    until: anyTime,
  });
}

const runs = { numRuns: 150 };

function filtering(store: () => Store, open: () => Promise<Library>): void {
  it("answer every combination of filters of events", async () => {
    const library = await open();
    await fc.assert(
      fc.asyncProperty(anyEventFilter, async (filter) => {
        const page = await store().listEvents(library.world.projectId, filter, { limit: 100 });
        assert.deepEqual(idsOf(page.rows.map((row) => row.event)), idsOf(wantedEvents(library, filter)));
        assert.deepEqual([page.hasOlder, page.hasNewer], [false, false]);
      }),
      runs,
    );
  });

  it("answer every combination of filters of deliveries", async () => {
    const library = await open();
    await fc.assert(
      fc.asyncProperty(anyDeliveryFilter(library), async (filter) => {
        const page = await store().listDeliveries(library.world.projectId, filter, { limit: 1_000 });
        assert.deepEqual(idsOf(page.rows), idsOf(wantedDeliveries(library, filter)));
      }),
      runs,
    );
  });

  it("count what they list", async () => {
    const library = await open();
    const stats = await store().stats(library.world.projectId);
    assert.equal(stats.events, library.events.length);
    for (const state of deliveryStates) {
      assert.equal(stats.deliveries[state], wantedDeliveries(library, { state }).length, state);
      assert(state === "in_flight" || stats.deliveries[state] > 0, `the library holds nothing ${state}`);
    }
    const dueAts = (await store().agenda()).filter((entry) => entry.projectId === library.world.projectId);
    assert.equal(stats.oldestDueAt, Math.min(...dueAts.map((entry) => entry.dueAt)));
  });

  it("show each delivery with its event, its trigger and its time", async () => {
    const { world, events } = await open();
    const { rows } = await store().listDeliveries(world.projectId, { state: "delivered" }, { limit: 1 });
    const row = nth(rows, 0);
    const event = events.find((known) => known.id === row.eventId);
    assert.deepEqual([row.type, row.eventSource, row.lastOutcome], [event?.type, "/tests", "delivered"]);
    assert.equal(row.createdAt, timeOfSequence(row.sequence));
    assert.equal(row.trigger, world.triggers.find((trigger) => trigger.id === row.triggerId)?.name);
    assert.deepEqual(await store().findDelivery(world.projectId, row.id), row);
  });
}

function idsOf(rows: readonly { readonly id: string }[]): readonly string[] {
  return rows.map((row) => row.id);
}

// ── Pages ──────────────────────────────────────────────────────────────────────────────────────────────────────────

type Read = (page: PageRequest) => Promise<Page<{ readonly sequence: number }>>;

function paging(store: () => Store, open: () => Promise<Library>): void {
  const anyLimit = fc.integer({ min: 1, max: 25 });

  it("walk events in pages, down and up again", async () => {
    const library = await open();
    await fc.assert(
      fc.asyncProperty(anyEventFilter, anyLimit, async (filter, limit) => {
        const read: Read = (page) => store().listEvents(library.world.projectId, filter, page);
        await checkWalks(
          read,
          limit,
          wantedEvents(library, filter).map((event) => event.sequence),
        );
      }),
      runs,
    );
  });

  it("walk deliveries in pages, down and up again", async () => {
    const library = await open();
    await fc.assert(
      fc.asyncProperty(anyDeliveryFilter(library), anyLimit, async (filter, limit) => {
        const read: Read = (page) => store().listDeliveries(library.world.projectId, filter, page);
        await checkWalks(
          read,
          limit,
          wantedDeliveries(library, filter).map((delivery) => delivery.sequence),
        );
      }),
      runs,
    );
  });

  it("answer any cursors, also such as lie beside every row", async () => {
    const library = await open();
    const sequences = library.events.map((event) => event.sequence);
    const anyCursor = fc.option(
      fc.tuple(fc.constantFrom(...sequences), fc.integer({ min: -1, max: 1 })).map(([sequence, off]) => sequence + off),
      { nil: undefined },
    );
    await fc.assert(
      fc.asyncProperty(anyCursor, anyCursor, anyLimit, async (before, after, limit) => {
        const page = await store().listEvents(library.world.projectId, {}, { limit, before, after });
        assert.deepEqual(plainPage(page), wantedPage(sequences, { limit, before, after }));
      }),
      runs,
    );
  });
}

async function checkWalks(read: Read, limit: number, wanted: readonly number[]): Promise<void> {
  const down: number[] = [];
  let page = await read({ limit });
  for (;;) {
    assert.equal(page.hasNewer, down.length > 0);
    down.push(...page.rows.map((row) => row.sequence));
    assert.equal(page.hasOlder, down.length < wanted.length);
    if (!page.hasOlder) break;
    page = await read({ limit, before: down.at(-1) });
  }
  assert.deepEqual(down, wanted);
  const up: number[] = [];
  do {
    page = await read({ limit, after: up[0] ?? 0 });
    assert.equal(page.hasOlder, up.length > 0);
    up.unshift(...page.rows.map((row) => row.sequence));
  } while (page.hasNewer);
  assert.deepEqual(up, wanted);
}

/** The page that a list in memory would have, newest first. */
function wantedPage(all: readonly number[], { limit, before = Infinity, after = -1 }: PageRequest) {
  const between = all.filter((sequence) => sequence < before && sequence > after);
  const rows = before === Infinity && after !== -1 ? between.slice(-limit) : between.slice(0, limit);
  const newest = rows[0] ?? before - 1;
  const oldest = rows.at(-1) ?? after + 1;
  return {
    rows,
    hasOlder: all.some((sequence) => sequence < oldest),
    hasNewer: all.some((sequence) => sequence > newest),
  };
}

function plainPage({ rows, hasOlder, hasNewer }: Page<{ readonly sequence: number }>) {
  return { rows: rows.map((row) => row.sequence), hasOlder, hasNewer };
}

function bounds(store: () => Store): void {
  it("keep a page of large events within the memory, without a gap", async () => {
    const world = await createWorld(store(), 0);
    const data = { kind: "text", text: "x".repeat(2 ** 20) } as const;
    const made: number[] = [];
    for (let index = 0; index < 20; index += 1) {
      made.unshift((await acceptOne(world, { event: makeEvent({ data }) }, start + index)).sequence);
    }
    const read: Read = (page) => store().listEvents(world.projectId, {}, page);
    assert((await read({ limit: 100 })).rows.length < 20);
    await checkWalks(read, 100, made);
  });

  it("find two events of one id, newest first, and either by its source", async () => {
    const world = await createWorld(store(), 0);
    for (const source of ["/1", "/2", "/3"]) await acceptOne(world, { event: makeEvent({ id: "same", source }) });
    const found = await store().findEvents(world.projectId, "same");
    assert.deepEqual(
      found.map((detail) => detail.event.source),
      ["/3", "/2"],
    );
    const [first] = await store().findEvents(world.projectId, "same", "/1");
    assert.deepEqual([first?.event.source, first?.states], ["/1", {}]);
    assert.equal(first?.acceptedAt, timeOfSequence(first?.sequence ?? 0));
    assert.deepEqual(await store().findEvents(world.projectId, "other"), []);
  });
}
