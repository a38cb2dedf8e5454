// The suite of seam 1. Every store passes it; a store's own test file calls it and adds only what no other store has.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { acceptTests } from "./conformance/accepting.ts";
import { catalogueTests } from "./conformance/catalogue.ts";
import { dispatchTests } from "./conformance/dispatching.ts";
import { isolationTests } from "./conformance/isolation.ts";
import { modelTests } from "./conformance/modelled.ts";
import { pruneTests } from "./conformance/pruning.ts";
import { readingTests } from "./conformance/reading.ts";
import { repeatTests } from "./conformance/repeating.ts";
import {
  acceptOne,
  claimAll,
  createWorld,
  nth,
  type OpenStore,
  type StoreUnderTest,
  settle,
  start,
} from "./conformance/world.ts";
import type { Store } from "./store.ts";

export type { StoreUnderTest } from "./conformance/world.ts";

/** `open` answers a store with nothing in it. */
export function storeConformance(name: string, open: OpenStore): void {
  describe(`the ${name} store`, () => {
    withStore("shared by many projects", open, (store) => {
      acceptTests(store);
      dispatchTests(store);
      repeatTests(store);
      catalogueTests(store);
      isolationTests(store);
    });
    withStore("with a library in it", open, readingTests);
    withStore("full of old things", open, pruneTests);
    withStore("beside its model", open, modelTests);
    describe("that is closed", () => lifetimeTests(open));
  });
}

/** One store for all tests that `define` defines. */
function withStore(what: string, open: OpenStore, define: (store: () => Store) => void): void {
  describe(what, () => {
    let opened: StoreUnderTest | undefined;
    before(async () => {
      opened = await open();
    });
    after(() => opened?.close());
    define(() => {
      assert(opened !== undefined);
      return opened.store;
    });
  });
}

function lifetimeTests(open: OpenStore): void {
  it("keeps everything when it is closed and opened again", async () => {
    const first = await open();
    const world = await createWorld(first.store, 1);
    await acceptOne(world);
    await settle(world, nth(await claimAll(world, start), 0), start);
    await acceptOne(world);
    const before = await contentOf(first.store, world.projectId);
    const second = await first.reopen();
    assert.equal(second.store.instanceId, first.store.instanceId);
    assert.deepEqual(await contentOf(second.store, world.projectId), before);
    assert.equal((await claimAll({ ...world, store: second.store }, start)).length, 1);
    await second.close();
  });

  it("finishes what it has taken on before it closes, and refuses what comes after", async () => {
    const first = await open();
    const world = await createWorld(first.store, 1);
    const accepted = Promise.all(Array.from({ length: 50 }, () => acceptOne(world)));
    const reopening = first.reopen();
    await assert.rejects(acceptOne(world), { code: "store_closed" });
    await accepted;
    const second = await reopening;
    assert.equal((await second.store.stats(world.projectId)).events, 50);
    await second.close();
  });

  it("answers a ping", async () => {
    const opened = await open();
    await opened.store.ping();
    await opened.close();
    await assert.rejects(opened.store.ping(), { code: "store_closed" });
  });
}

async function contentOf(store: Store, projectId: number): Promise<unknown> {
  return {
    catalogue: await store.loadCatalogue({ id: projectId }),
    events: await store.listEvents(projectId, {}, { limit: 100 }),
    deliveries: await store.listDeliveries(projectId, {}, { limit: 100 }),
    stats: await store.stats(projectId),
  };
}
