// The key ring: what it remembers, and for how long.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Key } from "../domain/key.ts";
import { manualClock } from "../outside/clock.ts";
import { seededRandomness } from "../outside/randomness.ts";
import { createKeyRing, makeKey } from "./auth.ts";

const key: Key = { id: "k", projectId: 1, name: "k", scopes: ["admin"], createdAt: 0 };

test("a key is read once in five seconds, and anew once it is forgotten", async () => {
  const clock = manualClock(0);
  const asked: string[] = [];
  const findKey = async (hash: string): Promise<Key | null> => {
    asked.push(hash);
    return hash === "stranger" ? null : key;
  };
  const keys = createKeyRing({ findKey }, clock);
  await keys.find("a");
  clock.advance(4999);
  assert.equal(await keys.find("a"), key);
  assert.equal(asked.length, 1);
  clock.advance(1);
  await keys.find("a");
  assert.equal(asked.length, 2);
  keys.forget(({ projectId }) => projectId === 2);
  await keys.find("a");
  assert.equal(asked.length, 2);
  keys.forget(({ id }) => id === "k");
  await keys.find("a");
  assert.equal(asked.length, 3);
  for (let time = 0; time < 3; time += 1) assert.equal(await keys.find("stranger"), null);
  assert.equal(asked.length, 6, "strangers are asked for every time");
});

test("keys are long, unlike each other, and never their own hash", () => {
  const randomness = seededRandomness(1);
  const [one, other] = [makeKey(randomness), makeKey(randomness)];
  assert.match(one.key, /^ph_[\w-]{43}$/);
  assert.notEqual(one.key, other.key);
  assert.match(one.hash, /^[0-9a-f]{64}$/);
});
