// Places and turns. Each trigger has a lane with a bounded number of places; lanes with work take turns, project by
// project, so that a slow target, or a busy project, costs the others nothing (DESIGN §8 promise 3). Bookkeeping only.
import type { ClaimedDelivery } from "../store/store.ts";

export interface LaneLimits {
  /** Tries that may run at once for one trigger. */
  readonly perTrigger: number;
  /** Tries that may run at once in all; one project may take half of them. */
  readonly inAll: number;
}

export interface Lane {
  readonly projectId: number;
  readonly triggerId: number;
  /** Tries that run. */
  inFlight: number;
  /** Deliveries that are being stored under a lease: they will be in hand without a claim. */
  arriving: number;
  /** In hand and waiting for a place. */
  readonly ready: ClaimedDelivery[];
  /** Publishes that wait for room in the lane's hand. */
  readonly patient: (() => void)[];
  /** When the store has something for this lane, as far as is known; Infinity when nothing is. */
  dueAt: number;
  /** The target asked for silence until then (WH-7). */
  heldUntil: number;
  /** Tries in a row that got no answer at all. */
  unanswered: number;
  /** A moving mean of how long a try takes. */
  meanMs: number;
}

/** The lanes of one project that are awake, the one served longest ago first. */
interface Line {
  readonly lanes: Set<Lane>;
  inFlight: number;
}

export interface Lanes {
  readonly limits: LaneLimits;
  readonly byTrigger: Map<number, Lane>;
  /** By project, the one served longest ago first. */
  readonly lines: Map<number, Line>;
  /** Lanes whose time lies ahead. */
  readonly asleep: Set<Lane>;
  inFlight: number;
  /** In flight, arriving or ready. */
  inHand: number;
}

export interface Turn {
  readonly lane: Lane;
  /** How many it may claim. */
  readonly limit: number;
}

/** A lane whose tries are this quick is given more than it has places for, so that a place need not wait for a claim. */
const quickMs = 250;
const quickHelpings = 4;
/** A target this quick is never what a full hand waits for: the machine itself is busy. */
const briskMs = 50;
/** What one lane may claim in one turn. */
const maxTurn = 128;

export function createLanes(limits: LaneLimits): Lanes {
  return { limits, byTrigger: new Map(), lines: new Map(), asleep: new Set(), inFlight: 0, inHand: 0 };
}

export function laneOf(lanes: Lanes, projectId: number, triggerId: number): Lane {
  const known = lanes.byTrigger.get(triggerId);
  if (known !== undefined) return known;
  const lane: Lane = {
    projectId,
    triggerId,
    inFlight: 0,
    arriving: 0,
    ready: [],
    patient: [],
    dueAt: Number.POSITIVE_INFINITY,
    heldUntil: 0,
    unanswered: 0,
    meanMs: 0,
  };
  lanes.byTrigger.set(triggerId, lane);
  return lane;
}

// ── Places ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Whether one more try may run in the lane now. */
export function hasPlace(lanes: Lanes, lane: Lane, now: number): boolean {
  if (lane.heldUntil > now || lane.inFlight >= placesOf(lanes, lane)) return false;
  const { inAll } = lanes.limits;
  // A lane with nothing under way gets its one place even in a full house: nobody is shut out by others' slow targets.
  if (lane.inFlight === 0) return lanes.inFlight < inAll * 2;
  return lanes.inFlight < inAll && lineOf(lanes, lane.projectId).inFlight < inAll / 2;
}

/** The next delivery in hand, in its place; undefined when the lane has none, or no place for it. */
export function enterNext(lanes: Lanes, lane: Lane, now: number): ClaimedDelivery | undefined {
  const next = hasPlace(lanes, lane, now) ? lane.ready.shift() : undefined;
  if (next !== undefined) count(lanes, lane, 1);
  return next;
}

/** A try has ended; its place is free. */
export function leave(lanes: Lanes, lane: Lane): void {
  count(lanes, lane, -1);
  lanes.inHand -= 1;
}

function count(lanes: Lanes, lane: Lane, by: 1 | -1): void {
  lane.inFlight += by;
  lineOf(lanes, lane.projectId).inFlight += by;
  lanes.inFlight += by;
}

/** A target that does not answer earns half as many places at each miss, and all of them back with its first answer. */
function placesOf({ limits }: Lanes, lane: Lane): number {
  return Math.max(1, limits.perTrigger >> Math.min(lane.unanswered, 30));
}

function lineOf({ lines }: Lanes, projectId: number): Line {
  const known = lines.get(projectId);
  if (known !== undefined) return known;
  const line: Line = { lanes: new Set(), inFlight: 0 };
  lines.set(projectId, line);
  return line;
}

// ── In hand ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Whether a delivery may come into the lane's hand without waiting for a turn: nothing in the store comes before it. */
export function expectArrival(lanes: Lanes, lane: Lane, now: number): boolean {
  if (lane.dueAt <= now || lane.heldUntil > now || roomOf(lanes, lane) <= 0) return false;
  // As with places, a lane with nothing in hand is not shut out by others.
  if (lanes.inHand >= mostInHand(lanes) && inHandOf(lane) > 0) return false;
  lane.arriving += 1;
  lanes.inHand += 1;
  return true;
}

/** The hand is full now, but a quick target will have room in it in a moment. */
export function isBrieflyFull(lanes: Lanes, lane: Lane, now: number): boolean {
  const hasOnlyHand = lane.dueAt > now && lane.heldUntil <= now;
  return hasOnlyHand && lane.meanMs < briskMs && lane.unanswered === 0 && roomOf(lanes, lane) <= 0;
}

/** What was expected has not come. */
export function cancelArrival(lanes: Lanes, lane: Lane): void {
  lane.arriving -= 1;
  lanes.inHand -= 1;
}

export function arrive(lanes: Lanes, lane: Lane, claimed: ClaimedDelivery): void {
  lane.arriving -= 1;
  lane.ready.push(claimed);
  wake(lanes, lane);
}

export function addClaimed(lanes: Lanes, lane: Lane, claimed: ClaimedDelivery): void {
  lanes.inHand += 1;
  lane.ready.push(claimed);
  wake(lanes, lane);
}

/** Takes out of the lane's hand what waits there and is not wanted. */
export function dropReady(
  lanes: Lanes,
  lane: Lane,
  isKept: (claimed: ClaimedDelivery) => boolean,
): readonly ClaimedDelivery[] {
  const dropped = lane.ready.filter((claimed) => !isKept(claimed));
  lane.ready.splice(0, lane.ready.length, ...lane.ready.filter(isKept));
  lanes.inHand -= dropped.length;
  return dropped;
}

function inHandOf(lane: Lane): number {
  return lane.inFlight + lane.arriving + lane.ready.length;
}

/** How many the lane may have in hand. */
function helpingOf(lanes: Lanes, lane: Lane): number {
  return placesOf(lanes, lane) * (lane.meanMs < quickMs ? quickHelpings : 1);
}

function roomOf(lanes: Lanes, lane: Lane): number {
  return helpingOf(lanes, lane) - inHandOf(lane);
}

/** What waits in hand is in memory, so it is bounded too. */
function mostInHand({ limits }: Lanes): number {
  return limits.inAll * 2;
}

// ── When a lane has something to do ────────────────────────────────────────────────────────────────────────────────

/** Lowers the lane's next due time. */
export function noteDue(lanes: Lanes, lane: Lane, dueAt: number, now: number): void {
  lane.dueAt = Math.min(lane.dueAt, dueAt);
  if (lane.dueAt <= now) wake(lanes, lane);
  else if (lane.dueAt !== Number.POSITIVE_INFINITY) lanes.asleep.add(lane);
}

/** Wakes the lanes whose time has come; answers when the next one's comes. */
export function rouse(lanes: Lanes, now: number): number {
  let next = Number.POSITIVE_INFINITY;
  for (const lane of lanes.asleep)
    if (lane.dueAt <= now) wake(lanes, lane);
    else next = Math.min(next, lane.dueAt);
  return next;
}

/** Lanes with something claimed or due, in the order of turns. */
export function awakeLanes(lanes: Lanes, now: number): readonly Lane[] {
  const found: Lane[] = [];
  for (const line of lanes.lines.values())
    for (const lane of line.lanes)
      if (lane.ready.length > 0 || lane.dueAt <= now) found.push(lane);
      else line.lanes.delete(lane);
  return found;
}

function wake(lanes: Lanes, lane: Lane): void {
  lanes.asleep.delete(lane);
  lineOf(lanes, lane.projectId).lanes.add(lane);
}

// ── Turns ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Whose turn it is to claim, and how many. Those named go to the end of the line. */
export function takeTurns(lanes: Lanes, now: number, isOpen: (lane: Lane) => boolean): readonly Turn[] {
  const wishing = [...lanes.lines.values()].map((line) =>
    [...line.lanes].filter((lane) => wishOf(lanes, lane, now) > 0 && isOpen(lane)),
  );
  const turns: Turn[] = [];
  let budget = mostInHand(lanes) - lanes.inHand;
  for (const lane of interleave(wishing)) {
    // A lane with nothing in hand gets one even when the hands are full.
    const limit = Math.min(wishOf(lanes, lane, now), Math.max(budget, inHandOf(lane) === 0 ? 1 : 0));
    if (limit === 0) continue;
    budget -= limit;
    turns.push({ lane, limit });
    sendToTheEnd(lanes, lane);
  }
  return turns;
}

/** How many the lane would claim now. */
function wishOf(lanes: Lanes, lane: Lane, now: number): number {
  if (lane.dueAt > now || lane.heldUntil > now) return 0;
  const room = roomOf(lanes, lane);
  // Many small claims cost more than few large ones, so a busy lane waits until half of its helping is gone.
  return room * 2 < helpingOf(lanes, lane) ? 0 : Math.min(room, maxTurn);
}

function sendToTheEnd({ lines }: Lanes, lane: Lane): void {
  const line = lines.get(lane.projectId);
  if (line === undefined) return;
  line.lanes.delete(lane);
  line.lanes.add(lane);
  lines.delete(lane.projectId);
  lines.set(lane.projectId, line);
}

/** The first of each line, then the second of each, and so on. */
function interleave<T>(lines: readonly (readonly T[])[]): readonly T[] {
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  return Array.from({ length: longest }, (_, index) => lines.flatMap((line) => line.slice(index, index + 1))).flat();
}
