import assert from "node:assert/strict";
import test from "node:test";
import type { ClaimedDelivery } from "../store/store.ts";
import {
  addClaimed,
  awakeLanes,
  cancelArrival,
  createLanes,
  enterNext,
  expectArrival,
  hasPlace,
  type Lane,
  type Lanes,
  laneOf,
  leave,
  noteDue,
  rouse,
  takeTurns,
} from "./lanes.ts";

const now = 1_000;
const everyLane = (): boolean => true;

function dueLane(lanes: Lanes, projectId: number, triggerId: number): Lane {
  const lane = laneOf(lanes, projectId, triggerId);
  noteDue(lanes, lane, now, now);
  return lane;
}

function claimed({ projectId, triggerId }: Lane): ClaimedDelivery {
  return {
    id: "1",
    projectId,
    triggerId,
    fence: 1,
    progress: { state: "in_flight", attempts: 0, seriesAttempts: 0, seriesStartedAt: now, dueAt: now, settledAt: null },
    recorded: 0,
    event: { id: "1", type: "t", source: "/s", extensions: {} },
    eventSequence: 1,
    depth: 0,
  };
}

/** Starts as many tries as the lane lets. */
function fill(lanes: Lanes, lane: Lane): number {
  for (let entered = 0; ; entered += 1) {
    addClaimed(lanes, lane, claimed(lane));
    if (enterNext(lanes, lane, now) === undefined) return entered;
  }
}

const turnsOf = (lanes: Lanes): readonly number[] => takeTurns(lanes, now, everyLane).map(({ lane }) => lane.triggerId);

test("a lane has its places and no more, and gets one back for each that leaves", () => {
  const lanes = createLanes({ perTrigger: 3, inAll: 100 });
  const lane = laneOf(lanes, 1, 1);
  assert.equal(fill(lanes, lane), 3);
  leave(lanes, lane);
  assert.ok(hasPlace(lanes, lane, now));
});

test("one project takes at most half of the house", () => {
  const lanes = createLanes({ perTrigger: 10, inAll: 20 });
  assert.equal(fill(lanes, laneOf(lanes, 1, 1)), 10);
  assert.equal(fill(lanes, laneOf(lanes, 1, 2)), 1);
  assert.equal(fill(lanes, laneOf(lanes, 2, 3)), 9);
});

test("in a full house a lane with nothing under way still gets one place", () => {
  const lanes = createLanes({ perTrigger: 4, inAll: 4 });
  for (const [project, trigger] of [
    [1, 1],
    [2, 2],
  ] as const)
    fill(lanes, laneOf(lanes, project, trigger));
  assert.equal(fill(lanes, laneOf(lanes, 3, 3)), 1);
  for (let trigger = 4; trigger < 50; trigger += 1) fill(lanes, laneOf(lanes, trigger, trigger));
  assert.equal(fill(lanes, laneOf(lanes, 99, 99)), 0, "twice the house is the end");
});

test("a target that does not answer loses half its places at each miss, but never the last", () => {
  const lanes = createLanes({ perTrigger: 8, inAll: 100 });
  const lane = laneOf(lanes, 1, 1);
  lane.unanswered = 2;
  assert.equal(fill(lanes, lane), 2);
  const dead = laneOf(lanes, 1, 2);
  dead.unanswered = 1_000;
  assert.equal(fill(lanes, dead), 1);
});

test("a target that asked for silence gets nothing until then", () => {
  const lanes = createLanes({ perTrigger: 8, inAll: 100 });
  const lane = dueLane(lanes, 1, 1);
  lane.heldUntil = now + 1;
  assert.ok(!hasPlace(lanes, lane, now));
  assert.deepEqual(turnsOf(lanes), []);
  assert.ok(hasPlace(lanes, lane, now + 1));
});

test("projects take turns, and within a project its triggers", () => {
  const lanes = createLanes({ perTrigger: 2, inAll: 100 });
  for (const trigger of [1, 2, 3]) dueLane(lanes, 1, trigger);
  dueLane(lanes, 2, 20);
  assert.deepEqual(turnsOf(lanes), [1, 20, 2, 3]);
});

test("who was served goes to the end of the line", () => {
  const lanes = createLanes({ perTrigger: 4, inAll: 4 });
  for (const id of [1, 2, 3]) {
    const lane = dueLane(lanes, id, id);
    addClaimed(lanes, lane, claimed(lane));
  }
  // Room for five more in hand, and each lane wishes for fifteen.
  assert.deepEqual(turnsOf(lanes), [1]);
  assert.deepEqual(turnsOf(lanes), [2]);
  assert.deepEqual(turnsOf(lanes), [3]);
  assert.deepEqual(turnsOf(lanes), [1]);
});

test("a quick target is given four helpings, a slow one only what it has places for", () => {
  const lanes = createLanes({ perTrigger: 8, inAll: 100 });
  dueLane(lanes, 1, 1).meanMs = 1;
  dueLane(lanes, 1, 2).meanMs = 4_000;
  assert.deepEqual(
    takeTurns(lanes, now, everyLane).map(({ limit }) => limit),
    [32, 8],
  );
});

test("what is being stored may come straight into the hand, as much as a helping, unless something waits before it", () => {
  const lanes = createLanes({ perTrigger: 2, inAll: 100 });
  const lane = laneOf(lanes, 1, 1);
  let arrivals = 0;
  for (; expectArrival(lanes, lane, now); ) arrivals += 1;
  assert.equal(arrivals, 8);
  cancelArrival(lanes, lane);
  assert.ok(expectArrival(lanes, lane, now));
  cancelArrival(lanes, lane);
  noteDue(lanes, lane, now, now);
  assert.ok(!expectArrival(lanes, lane, now), "an older delivery waits in the store");
});

test("full hands take nothing more, but one for a lane that has nothing", () => {
  const lanes = createLanes({ perTrigger: 4, inAll: 4 });
  for (const trigger of [1, 2]) for (const lane = laneOf(lanes, 1, trigger); expectArrival(lanes, lane, now); );
  assert.equal(lanes.inHand, 9, "twice the house, and the second lane's one");
  assert.ok(!expectArrival(lanes, laneOf(lanes, 1, 2), now));
  dueLane(lanes, 3, 3);
  assert.deepEqual(
    takeTurns(lanes, now, everyLane).map(({ limit }) => limit),
    [1],
  );
});

test("a paused trigger's turn passes", () => {
  const lanes = createLanes({ perTrigger: 8, inAll: 100 });
  dueLane(lanes, 1, 1);
  dueLane(lanes, 1, 2);
  const turns = takeTurns(lanes, now, (lane) => lane.triggerId !== 1);
  assert.deepEqual(
    turns.map(({ lane }) => lane.triggerId),
    [2],
  );
});

test("lanes sleep until their time, and the answer says when to look again", () => {
  const lanes = createLanes({ perTrigger: 8, inAll: 100 });
  noteDue(lanes, laneOf(lanes, 1, 1), now + 50, now);
  noteDue(lanes, laneOf(lanes, 1, 2), now + 80, now);
  assert.deepEqual(awakeLanes(lanes, now), []);
  assert.equal(rouse(lanes, now + 50), now + 80);
  assert.deepEqual(
    awakeLanes(lanes, now + 50).map((lane) => lane.triggerId),
    [1],
  );
  assert.equal(rouse(lanes, now + 80), Number.POSITIVE_INFINITY);
});
