// Projects, triggers and keys: names that are taken, limits, versions, and what deleting leaves.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Store } from "../store.ts";
import {
  acceptOne,
  claimAll,
  createTrigger,
  createWorld,
  day,
  fresh,
  makeDraft,
  makeEvent,
  nth,
  second,
  settle,
  start,
  statesOf,
  type World,
} from "./world.ts";

export function catalogueTests(store: () => Store): void {
  describe("a project", () => projects(store));
  describe("a trigger", () => triggers(store));
  describe("a key", () => keys(store));
}

function projects(store: () => Store): void {
  it("has a slug that no other has, until it is deleted", async () => {
    const slug = fresh("slug");
    const first = await store().createProject({ now: start, slug, name: "First" });
    assert(first.kind === "done");
    assert.deepEqual(first.value, { id: first.value.id, slug, name: "First", createdAt: start });
    assert.deepEqual(await store().createProject({ now: start, slug, name: "Second" }), { kind: "taken" });
    assert.equal(await store().deleteProject({ now: start, projectId: first.value.id }), true);
    assert.equal(await store().deleteProject({ now: start, projectId: first.value.id }), false);
    assert.equal(await store().loadCatalogue({ slug }), null);
    const next = await store().createProject({ now: start, slug, name: "Third" });
    assert(next.kind === "done" && next.value.id !== first.value.id);
  });

  it("is announced in the same act, with its id in the event's data", async () => {
    const world = await createWorld(store(), 1);
    const slug = fresh("slug");
    const event = (text: string) => makeDraft(world, { event: makeEvent({ data: { kind: "json", text } }) });
    const create = (text: string, catalogueVersion = world.version) =>
      store().createProject({
        now: start,
        slug,
        name: "New",
        announce: { projectId: world.projectId, catalogueVersion, event: event(text) },
      });
    assert.deepEqual(await create("{}", world.version - 1), { kind: "stale" });
    assert.equal(await store().loadCatalogue({ slug }), null);
    const created = await create('{"name":"New"}');
    assert(created.kind === "done");
    assert.deepEqual(await create("{}"), { kind: "taken" });
    const claims = await claimAll(world, start);
    assert.deepEqual(
      claims.map((claim) => claim.event.data),
      [{ kind: "json", text: `{"id":${created.value.id},"name":"New"}` }],
    );
    await store().deleteProject({ now: start, projectId: world.projectId });
    assert.deepEqual(await create("{}", world.version + 1), { kind: "stale" });
  });

  it("is found by slug and by id, with its triggers by name", async () => {
    const world = await createWorld(store(), 0);
    const later = await createTrigger(store(), world.projectId, "b");
    const earlier = await createTrigger(store(), world.projectId, "a");
    const bySlug = await store().loadCatalogue({ slug: world.slug });
    assert.deepEqual(bySlug?.triggers, [earlier, later]);
    assert.deepEqual(await store().loadCatalogue({ id: world.projectId }), bySlug);
    assert.equal(bySlug?.project.slug, world.slug);
    assert.equal(await store().loadCatalogue({ slug: fresh("unknown") }), null);
  });

  it("is listed newest first, in pages", async () => {
    const made = [await createWorld(store(), 0), await createWorld(store(), 0), await createWorld(store(), 0)];
    const [first, second, third] = made.map((world) => world.projectId);
    assert(first !== undefined && second !== undefined && third !== undefined);
    await store().deleteProject({ now: start, projectId: second });
    const newest = await store().listProjects({ limit: 1 });
    assert.deepEqual([newest.rows.map((row) => row.id), newest.hasNewer, newest.hasOlder], [[third], false, true]);
    const older = await store().listProjects({ limit: 1, before: third });
    assert.deepEqual([older.rows.map((row) => row.id), older.hasNewer], [[first], true]);
  });

  it("takes everything with it", async () => {
    const world = await createWorld(store(), 1);
    const { id } = await acceptOne(world);
    const claim = nth(await claimAll(world, start), 0);
    await store().createKey({ ...makeKey(world), hash: fresh("hash"), maxKeys: 9 });
    await store().deleteProject({ now: start, projectId: world.projectId });
    const { projectId } = world;
    assert.deepEqual(await store().findEvents(projectId, id), []);
    assert.deepEqual((await store().listEvents(projectId, {}, { limit: 9 })).rows, []);
    assert.deepEqual((await store().listDeliveries(projectId, {}, { limit: 9 })).rows, []);
    assert.equal(await store().findDelivery(projectId, claim.id), null);
    assert.equal(await store().listAttempts(projectId, claim.id), null);
    assert.deepEqual(await store().listKeys(projectId), []);
    assert.equal((await store().stats(projectId)).events, 0);
    assert.equal(await store().cancel({ now: start, projectId, eventSequence: claim.eventSequence }), null);
    assert.deepEqual(await store().retry({ now: start, projectId, deliveryId: claim.id }), { kind: "missing" });
    assert.deepEqual(await claimAll(world, start + day), []);
    const trigger = { now: start, projectId, name: "t", definition: "{}", sealed: "", maxTriggers: 9 };
    assert.deepEqual(await store().createTrigger(trigger), { kind: "missing" });
  });
}

function triggers(store: () => Store): void {
  const versionOf = async (world: World) => (await store().loadCatalogue({ id: world.projectId }))?.version;

  it("has a name of its own among at most so many", async () => {
    const world = await createWorld(store(), 1);
    const request = { now: start, projectId: world.projectId, definition: "{}", sealed: "", maxTriggers: 2 };
    assert.deepEqual(await store().createTrigger({ ...request, name: "trigger-1" }), { kind: "taken" });
    assert.equal((await store().createTrigger({ ...request, name: "second" })).kind, "done");
    assert.deepEqual(await store().createTrigger({ ...request, name: "third" }), { kind: "too-many" });
    assert.deepEqual(await store().createTrigger({ ...request, name: "x", projectId: 999_999 }), { kind: "missing" });
    assert.equal(await versionOf(world), world.version + 1);
  });

  it("is changed by those who know its last state, in what the patch names", async () => {
    const world = await createWorld(store(), 2);
    const known = nth(world.triggers, 0);
    const update = (basedOn: number, patch: Parameters<Store["updateTrigger"]>[0]["patch"], triggerId = known.id) =>
      store().updateTrigger({ now: start, projectId: world.projectId, triggerId, basedOn, patch });
    const paused = { reason: "a wish", at: start };
    const changed = await update(known.updatedAt, { name: "renamed", paused });
    assert(changed.kind === "done");
    assert.deepEqual(changed.value, { ...known, name: "renamed", paused, updatedAt: changed.value.updatedAt });
    assert(changed.value.updatedAt > known.updatedAt);
    assert.deepEqual(await update(known.updatedAt, { name: "late" }), { kind: "conflict" });
    assert.deepEqual(await update(changed.value.updatedAt, { name: "trigger-2" }), { kind: "taken" });
    assert.deepEqual(await update(0, {}, 999_999), { kind: "missing" });
    const again = await update(changed.value.updatedAt, { definition: "{2}", sealed: "new", paused: null });
    assert(again.kind === "done");
    assert.deepEqual([again.value.name, again.value.sealed, again.value.paused], ["renamed", "new", null]);
    assert.deepEqual((await store().loadCatalogue({ id: world.projectId }))?.triggers[0], again.value);
    assert.equal(await versionOf(world), world.version + 2);
  });

  it("that is deleted is owed nothing more, and its name stays to be read", async () => {
    const world = await createWorld(store(), 2);
    await acceptOne(world);
    await acceptOne(world, { deliverAt: start + day });
    const claim = nth(await claimAll(world, start), 0);
    const [gone] = world.triggers;
    assert(gone !== undefined);
    const request = { now: start + second, projectId: world.projectId, triggerId: gone.id };
    assert.equal(await store().deleteTrigger(request), true);
    assert.equal(await store().deleteTrigger(request), false);
    assert.deepEqual(await statesOf(world), ["in_flight", "in_flight", "cancelled", "scheduled"]);
    assert.equal((await store().findDelivery(world.projectId, claim.id))?.trigger, gone.name);
    assert.equal((await settle(world, claim, start + second)).kind, "recorded");
    assert.equal(await versionOf(world), world.version + 1);
    assert.notEqual((await createTrigger(store(), world.projectId, gone.name)).id, gone.id);
  });
}

function makeKey(world: World) {
  return {
    id: fresh("key"),
    projectId: world.projectId,
    name: "A key",
    scopes: ["events:read", "admin"] as const,
    createdAt: start,
  };
}

function keys(store: () => Store): void {
  it("is found by its hash from the moment it is made until it is deleted", async () => {
    const world = await createWorld(store(), 0);
    const key = makeKey(world);
    const hash = fresh("hash");
    assert.deepEqual(await store().createKey({ ...key, hash, maxKeys: 2 }), { kind: "done", value: key });
    assert.deepEqual(await store().findKey(hash), key);
    assert.equal(await store().findKey(fresh("hash")), null);
    assert.equal(await store().deleteKey({ projectId: world.projectId, keyId: key.id }), true);
    assert.equal(await store().deleteKey({ projectId: world.projectId, keyId: key.id }), false);
    assert.equal(await store().findKey(hash), null);
  });

  it("is one of at most so many, listed newest first", async () => {
    const world = await createWorld(store(), 0);
    const older = makeKey(world);
    const newer = { ...makeKey(world), createdAt: start + 1 };
    await store().createKey({ ...older, hash: fresh("hash"), maxKeys: 2 });
    await store().createKey({ ...newer, hash: fresh("hash"), maxKeys: 2 });
    const third = { ...makeKey(world), hash: fresh("hash"), maxKeys: 2 };
    assert.deepEqual(await store().createKey(third), { kind: "too-many" });
    assert.deepEqual(await store().listKeys(world.projectId), [newer, older]);
    const elsewhere = { ...third, projectId: 999_999 };
    assert.deepEqual(await store().createKey(elsewhere), { kind: "missing" });
  });

  it("shares neither id nor hash with another", async () => {
    const world = await createWorld(store(), 0);
    const key = { ...makeKey(world), hash: fresh("hash"), maxKeys: 9 };
    await store().createKey(key);
    assert.deepEqual(await store().createKey({ ...key, id: fresh("key") }), { kind: "taken" });
    assert.deepEqual(await store().createKey({ ...key, hash: fresh("hash") }), { kind: "taken" });
  });
}
