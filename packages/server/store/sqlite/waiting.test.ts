// The waiting room: first come, first served, in groups of a bounded size, and never more than may wait.
import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { createWaitingRoom, maxWaitingActs, type WaitingAct } from "./waiting.ts";

const mebibyte = 2 ** 20;

function act(bytes: number): WaitingAct {
  return { posted: { name: "ping", request: null }, bytes, resolve: () => {}, reject: () => {} };
}

it("every act is taken once, in its turn, in groups of at most 256 acts and 4 MiB", () => {
  const anyStep = fc.oneof(fc.constantFrom(0, 100, mebibyte, 3 * mebibyte, 5 * mebibyte), fc.constant("take" as const));
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 500, size: "max" }), (steps) => {
      const room = createWaitingRoom();
      const entered: WaitingAct[] = [];
      const taken: WaitingAct[] = [];
      const take = (): void => {
        const group = room.takeGroup();
        const bytes = group.reduce((sum, one) => sum + one.bytes, 0);
        assert(group.length <= 256 && (group.length === 1 || bytes <= 4 * mebibyte));
        taken.push(...group);
      };
      for (const step of steps) {
        if (step === "take" || entered.slice(taken.length).reduce((sum, one) => sum + one.bytes, 0) > 50 * mebibyte)
          take();
        if (step === "take") continue;
        const one = act(step);
        entered.push(one);
        room.enter(one);
      }
      while (!room.isEmpty()) take();
      assert.deepEqual(taken, entered);
    }),
  );
});

it("what has left makes room again", () => {
  const room = createWaitingRoom();
  for (let round = 0; round < 3; round += 1) {
    for (let waiting = 0; waiting < 64; waiting += 1) room.enter(act(mebibyte));
    assert.throws(() => room.enter(act(1)), { code: "store_busy" });
    assert.equal(room.takeAll().length, 64);
  }
  for (let waiting = 0; waiting < maxWaitingActs; waiting += 1) room.enter(act(0));
  assert.throws(() => room.enter(act(0)), { code: "store_busy" });
  assert.equal(room.takeGroup().length, 256);
  room.enter(act(0));
});
