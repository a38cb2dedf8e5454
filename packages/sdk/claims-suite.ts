// What every store of claims must keep to; a new one is held to it by a line in claims.test.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Claims } from "./claims.ts";

export interface ClaimsUnderTest {
  readonly claims: Claims;
  /** Another process with the same store, where the store can have one. */
  readonly others: Claims;
  /** Resolves when so many milliseconds have passed for the store. */
  pass(ms: number): Promise<void>;
}

const leaseMs = 60_000;
/** How long the stores under test keep confirmed keys. */
export const keepMs = 400;

export function claimsSuite(name: string, open: () => Promise<ClaimsUnderTest>): void {
  let keys = 0;
  const newKey = (): string => {
    keys += 1;
    return `${name} key ${keys} 'quoted' é😀 ${process.pid}`;
  };

  async function claim(claims: Claims, key: string, forMs = leaseMs): Promise<string> {
    const claimed = await claims.claim(key, forMs);
    assert.ok(claimed.kind === "claimed", `${name}: ${claimed.kind}`);
    return claimed.token;
  }

  test(`${name}: a key is taken once, and free keys beside it`, async () => {
    const { claims, others } = await open();
    const [key, other] = [newKey(), newKey()];
    await claim(claims, key);
    const second = await others.claim(key, leaseMs);
    assert.ok(second.kind === "busy" && second.forMs > leaseMs / 2 && second.forMs <= leaseMs, JSON.stringify(second));
    await claim(others, other);
  });

  test(`${name}: of many at once exactly one gets it`, async () => {
    const { claims, others } = await open();
    const key = newKey();
    const all = await Promise.all(
      Array.from({ length: 20 }, (_none, index) => (index % 2 ? claims : others).claim(key, leaseMs)),
    );
    assert.deepEqual(all.map(({ kind }) => kind).sort(), [...Array(19).fill("busy"), "claimed"]);
  });

  test(`${name}: what is confirmed stays done, for as long as it is kept`, async () => {
    const { claims, others, pass } = await open();
    const key = newKey();
    assert.equal(await claims.confirm(key, await claim(claims, key)), true);
    assert.deepEqual(await others.claim(key, leaseMs), { kind: "done" });
    await pass(keepMs + 100);
    await claim(others, key);
  });

  test(`${name}: what is released is free at once`, async () => {
    const { claims, others } = await open();
    const key = newKey();
    await claims.release(key, await claim(claims, key));
    await claim(others, key);
  });

  test(`${name}: a crash between claim and confirm lets the next try in after the lease`, async () => {
    const { claims, others, pass } = await open();
    const key = newKey();
    await claim(claims, key, 100);
    assert.equal((await others.claim(key, leaseMs)).kind, "busy");
    await pass(150);
    await claim(others, key);
  });

  test(`${name}: who has lost the lease changes nothing`, async () => {
    const { claims, others, pass } = await open();
    const key = newKey();
    const late = await claim(claims, key, 50);
    await pass(100);
    const holder = await claim(others, key);
    await claims.release(key, late);
    assert.equal(await claims.confirm(key, late), false);
    assert.equal((await claims.claim(key, leaseMs)).kind, "busy");
    assert.equal(await others.confirm(key, holder), true);
    assert.equal(await claims.confirm(key, late), false);
    assert.deepEqual(await claims.claim(key, leaseMs), { kind: "done" });
  });

  test(`${name}: a token that is none changes nothing`, async () => {
    const { claims } = await open();
    const key = newKey();
    assert.equal(await claims.confirm(key, "none"), false);
    await claims.release(key, "none");
    await claim(claims, key);
  });
}
