// Nothing crosses projects (DESIGN §8.5): every method that names a project is asked for another's things.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Store } from "../store.ts";
import { acceptOne, claimAll, createWorld, day, fresh, nth, settle, start } from "./world.ts";

export function isolationTests(store: () => Store): void {
  describe("another's project", () => {
    it("shows nothing and changes nothing of mine", async () => {
      const mine = await createWorld(store(), 1);
      const other = await createWorld(store(), 1);
      const receipt = await acceptOne(mine, { deliverAt: start + day });
      const { id: triggerId, updatedAt } = nth(mine.triggers, 0);
      const { sequence: eventSequence, id: eventId } = receipt;
      const deliveryId = nth((await store().listDeliveries(mine.projectId, {}, { limit: 1 })).rows, 0).id;
      const key = { id: fresh("key"), projectId: mine.projectId, name: "k", scopes: [], createdAt: start };
      await store().createKey({ ...key, hash: fresh("hash"), maxKeys: 1 });
      const before = await everythingOf(store(), mine.projectId);

      const { projectId, version: catalogueVersion } = other;
      const now = start;
      const answers = [
        await store().cancel({ now, projectId, eventSequence }),
        await store().replay({ now, projectId, catalogueVersion, eventSequence, deliveries: [] }),
        await store().retry({ now, projectId, deliveryId }),
        await store().updateTrigger({ now, projectId, triggerId, basedOn: updatedAt, patch: { name: "mine now" } }),
        await store().deleteTrigger({ now, projectId, triggerId }),
        await store().deleteKey({ projectId, keyId: key.id }),
        await store().findEvents(projectId, eventId),
        await store().findDelivery(projectId, deliveryId),
        await store().listAttempts(projectId, deliveryId),
        (await store().listEvents(projectId, {}, { limit: 9 })).rows,
        (await store().listDeliveries(projectId, { triggerId }, { limit: 9 })).rows,
        (await store().listDeliveries(projectId, { eventSequence }, { limit: 9 })).rows,
        await store().listKeys(projectId),
        (await store().stats(projectId)).events,
      ];
      const missing = { kind: "missing" };
      assert.deepEqual(answers, [null, "missing", missing, missing, false, false, [], null, null, [], [], [], [], 0]);
      assert.deepEqual(await everythingOf(store(), mine.projectId), before);
    });

    it("cannot record what I have claimed", async () => {
      const mine = await createWorld(store(), 1);
      const other = await createWorld(store(), 1);
      await acceptOne(mine);
      const claim = nth(await claimAll(mine, start), 0);
      assert.deepEqual(await settle(other, claim, start, { projectId: other.projectId }), { kind: "lost" });
      assert.equal((await settle(mine, claim, start)).kind, "recorded");
    });

    it("that is deleted takes nothing of mine along", async () => {
      const mine = await createWorld(store(), 1);
      const other = await createWorld(store(), 1);
      await acceptOne(mine);
      await acceptOne(other);
      const before = await everythingOf(store(), mine.projectId);
      await store().deleteProject({ now: start, projectId: other.projectId });
      while ((await store().prune({ now: start, deliveredBefore: 0, failedBefore: 0, limit: 100 })).more);
      assert.deepEqual(await everythingOf(store(), mine.projectId), before);
    });
  });
}

async function everythingOf(store: Store, projectId: number): Promise<unknown> {
  const [catalogue, stats, keys] = [
    await store.loadCatalogue({ id: projectId }),
    await store.stats(projectId),
    await store.listKeys(projectId),
  ];
  const events = await store.listEvents(projectId, {}, { limit: 100 });
  const deliveries = await store.listDeliveries(projectId, {}, { limit: 100 });
  return { catalogue, stats, keys, events, deliveries };
}
