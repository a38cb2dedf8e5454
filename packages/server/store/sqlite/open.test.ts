// The embedded store and its folder: who may open it, what a crash leaves, and that it bounds what it holds.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, describe, it } from "node:test";
import { systemClock } from "../../outside/clock.ts";
import { systemRandomness } from "../../outside/randomness.ts";
import { acceptOne, createWorld, makeEvent, start } from "../conformance/world.ts";
import type { Store } from "../store.ts";
import { openDatabase } from "./database.ts";
import { openSqliteStore } from "./open.ts";
import { maxWaitingActs } from "./waiting.ts";

const root = mkdtempSync(join(tmpdir(), "posthorn-open-"));
const victims: ChildProcess[] = [];
after(() => {
  for (const victim of victims) victim.kill("SIGKILL");
  rmSync(root, { recursive: true });
});

const open = (dataDir: string): Promise<Store> =>
  openSqliteStore({ dataDir, clock: systemClock, randomness: systemRandomness });
const folder = (name: string): string => join(root, name);

describe("the data folder", () => {
  it("is made for its owner's eyes only", async () => {
    const dataDir = join(folder("modes"), "deeper");
    const store = await open(dataDir);
    await acceptOne(await createWorld(store, 0));
    assert.equal(statSync(dataDir).mode & 0o777, 0o700);
    const files = readdirSync(dataDir);
    assert(files.includes("posthorn.db-wal"));
    for (const file of files) assert.equal(statSync(join(dataDir, file)).mode & 0o777, 0o600, file);
    await store.close();
    await store.close();
    assert.deepEqual(readdirSync(dataDir).toSorted(), ["posthorn.db", "posthorn.lock"]);
  });

  it("belongs to one process at a time", async () => {
    const dataDir = folder("locked");
    const store = await open(dataDir);
    await assert.rejects(open(dataDir), { code: "store_locked", message: /another Posthorn works in the data folder/ });
    const other = startVictim(dataDir);
    const [said] = (await once(createInterface(other.stdout ?? process.stdin), "line")) as [string];
    assert.match(said, /^store_locked/);
    await once(other, "exit");
    await store.ping();
    await store.close();
    await (await open(dataDir)).close();
  });

  it("is refused when a newer version wrote in it", async () => {
    const dataDir = folder("newer");
    await (await open(dataDir)).close();
    const db = openDatabase(join(dataDir, "posthorn.db"), { readOnly: false, cacheKib: 64 });
    db.execute("INSERT INTO migrations VALUES (9999, 'from-the-future', 0)");
    db.close();
    await assert.rejects(open(dataDir), { code: "store_too_new", message: /a newer Posthorn.*9999/ });
    // The refusal gives the folder free again.
    await assert.rejects(open(dataDir), { code: "store_too_new" });
  });

  it("is refused when the database is none", async () => {
    const dataDir = folder("corrupt");
    await (await open(dataDir)).close();
    writeFileSync(join(dataDir, "posthorn.db"), "this is not a database, and it never was one".repeat(200));
    await assert.rejects(open(dataDir), { code: "store_corrupt" });
  });

  it("is refused when it cannot be made", async () => {
    writeFileSync(folder("a-file"), "");
    await assert.rejects(open(join(folder("a-file"), "data")), { code: "store_unavailable" });
  });
});

describe("what was answered", () => {
  it("is there after kill -9 in the middle of accepts, at once", async () => {
    const dataDir = folder("crash");
    for (const acknowledgements of [1, 50, 700]) {
      const victim = startVictim(dataDir);
      const known = await killAfter(victim, acknowledgements);
      const store = await open(dataDir);
      const catalogue = await store.loadCatalogue({ slug: "victim" });
      assert(catalogue !== null);
      for (const id of known) {
        const [found] = await store.findEvents(catalogue.project.id, id);
        assert.deepEqual([found?.deliveries, found?.states], [2, { pending: 1, in_flight: 1 }], id);
      }
      await assertWhole(store, catalogue.project.id);
      await store.close();
    }
  });
});

/** No event lacks its deliveries, and what was in flight is due again. */
async function assertWhole(store: Store, projectId: number): Promise<void> {
  const before = await store.stats(projectId);
  assert.equal(before.deliveries.pending + before.deliveries.in_flight, 2 * before.events);
  assert.equal(await store.recover({ now: start + 1, owner: "next run" }), before.deliveries.in_flight);
  assert.equal((await store.stats(projectId)).deliveries.pending, 2 * before.events);
}

function startVictim(dataDir: string): ChildProcess {
  const script = new URL("./crash-victim.ts", import.meta.url).pathname;
  const victim = spawn(process.execPath, [script, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  victims.push(victim);
  return victim;
}

/** Kills the process once it has said so many ids; answers all that it has said by its end. */
async function killAfter(victim: ChildProcess, count: number): Promise<readonly string[]> {
  const said: string[] = [];
  for await (const line of createInterface(victim.stdout ?? process.stdin)) {
    said.push(line);
    if (said.length === count) victim.kill("SIGKILL");
  }
  assert(said.length >= count, said.join());
  return said;
}

describe("what the store holds", () => {
  it("is bounded: more acts than may wait are refused, and nothing of them is kept", async () => {
    const store = await open(folder("busy"));
    const world = await createWorld(store, 0);
    const results = await Promise.allSettled(Array.from({ length: maxWaitingActs + 100 }, () => acceptOne(world)));
    const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason.code] : []));
    assert.deepEqual(
      refused,
      Array.from({ length: 100 }, () => "store_busy"),
    );
    assert.equal((await store.stats(world.projectId)).events, maxWaitingActs);
    await store.close();
  });

  it("is bounded: more bytes than may wait are refused", async () => {
    const store = await open(folder("busy-bytes"));
    const world = await createWorld(store, 0);
    const event = () => makeEvent({ data: { kind: "text", text: "x".repeat(4 * 2 ** 20) } });
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => acceptOne(world, { event: event() })));
    const refused = results.filter((result) => result.status === "rejected");
    assert.equal(refused.length, 4);
    await store.close();
  });
});
