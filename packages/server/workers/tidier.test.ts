import assert from "node:assert/strict";
import test from "node:test";
import { createFacts } from "../observe/facts.ts";
import { systemClock } from "../outside/clock.ts";
import { createMemory } from "../outside/memory.ts";
import { createTidier } from "./tidier.ts";

const mebibyte = 1024 * 1024;

function watchedMemory(heap: { bytes: number }) {
  let collections = 0;
  const memory = {
    heapBytes: () => heap.bytes,
    collect: () => {
      collections += 1;
      heap.bytes = 20 * mebibyte;
    },
  };
  return { memory, collections: () => collections };
}

test("it collects once when it is quiet, and again only after the heap has grown", async () => {
  const heap = { bytes: 60 * mebibyte };
  const { memory, collections } = watchedMemory(heap);
  const facts = createFacts();
  const tidier = createTidier({ memory, facts, clock: systemClock });
  for (let turn = 0; turn < 5; turn += 1) await tidier.runOnce();
  assert.equal(collections(), 1);
  heap.bytes = 200 * mebibyte;
  await tidier.runOnce();
  assert.equal(collections(), 2);
});

test("while something happens it stays out of the way", async () => {
  const { memory, collections } = watchedMemory({ bytes: 500 * mebibyte });
  const facts = createFacts();
  const tidier = createTidier({ memory, facts, clock: systemClock });
  for (let turn = 0; turn < 5; turn += 1) {
    facts.tell({ kind: "deliveries.claimed", count: 1 });
    await tidier.runOnce();
  }
  assert.equal(collections(), 0);
});

test("a collection gives back what a storm left", () => {
  const memory = createMemory();
  const before = memory.heapBytes();
  let storm: unknown[] | null = Array.from({ length: 400_000 }, (_, index) => ({ index, text: `event ${index}` }));
  const during = memory.heapBytes();
  assert.ok(storm.length > 0 && during > before + 8 * mebibyte);
  storm = null;
  memory.collect();
  assert.ok(memory.heapBytes() < during - 4 * mebibyte);
});
