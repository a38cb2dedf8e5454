// dispatch: takes what is due under a lease, gives each trigger its places and its turns, and sees every try through to
// its record. What it has in hand is bounded in number and bytes; the queue itself stays in the store.
import { advance } from "../domain/delivery.ts";
import { type Trigger, whyIdle } from "../domain/trigger.ts";
import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type {
  AgendaEntry,
  ClaimedDelivery,
  ClaimResult,
  DeliveryDraft,
  EventDraft,
  EventReceipt,
  Lease,
  Store,
} from "../store/store.ts";
import { type Alarm, createAlarm } from "./alarm.ts";
import type { FinishedAttempt } from "./attempt.ts";
import type { Catalogue } from "./catalogue.ts";
import {
  addClaimed,
  arrive,
  awakeLanes,
  cancelArrival,
  createLanes,
  dropReady,
  enterNext,
  expectArrival,
  isBrieflyFull,
  type Lane,
  type LaneLimits,
  type Lanes,
  laneOf,
  leave,
  noteDue,
  rouse,
  takeTurns,
} from "./lanes.ts";

/** A delivery that was stored in flight, because dispatch had kept a place for it. */
export interface BornInFlight {
  readonly draft: EventDraft;
  readonly delivery: DeliveryDraft;
  readonly lease: Lease;
  readonly receipt: EventReceipt;
  readonly projectId: number;
}

export interface Dispatch {
  /**
   * Null, or a moment's wait until a quick trigger has room in its hand. Without it, clients that send as fast as they
   * are answered would crowd out the deliveries, and each of those would need a claim of its own.
   */
  room(trigger: Trigger, now: number): Promise<void> | null;
  /** A lease for a delivery that is about to be stored, or null: it will have to take its turn. */
  reserve(trigger: Trigger, now: number): Lease | null;
  /** Gives a lease back: nothing was stored under it. */
  free(trigger: Pick<Trigger, "projectId" | "id">): void;
  start(born: BornInFlight): void;
  /** Something will be due for a trigger. */
  expect(entry: AgendaEntry): void;
  /** A trigger may have been resumed, or changed: looks at every lane again. */
  wake(): void;
  /** One look at the store's whole agenda: finds what other nodes, or an earlier run, left. */
  lookAround(): Promise<void>;
  /** Tries that run now, or are being recorded. */
  inFlight(): number;
  /** Prolongs the leases of what is still under way. */
  renew(): Promise<void>;
  /**
   * Takes nothing new, gives back what waits, lets what runs finish within `limitMs` and interrupts the rest.
   * Resolves when all of it is on record.
   */
  stop(limitMs: number): Promise<void>;
}

export interface DispatchParts {
  readonly store: Pick<Store, "agenda" | "claimDue" | "renew" | "settle">;
  readonly catalogue: Catalogue;
  readonly attempt: (
    claimed: ClaimedDelivery,
    trigger: Trigger | undefined,
    signal: AbortSignal,
  ) => Promise<FinishedAttempt>;
  /** Keeps a finished try; answers which triggers have something due by it, and when. */
  readonly record: (finished: FinishedAttempt, trigger: Trigger | undefined) => Promise<readonly AgendaEntry[]>;
  readonly clock: Clock;
  readonly tell: Tell;
  /** This run of this node. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly lanes: LaneLimits;
}

/** What dispatch has in its hands. */
interface Hands extends Omit<DispatchParts, "lanes"> {
  readonly lanes: Lanes;
  /** Tries that run or are being recorded. */
  readonly underWay: Set<ClaimedDelivery>;
  readonly interrupt: AbortController;
  readonly alarm: Alarm;
  /** Of event data, for what is under way or ready. */
  bytes: number;
  isStopping: boolean;
  isClaiming: boolean;
  isPassQueued: boolean;
  /** Called whenever a try has ended, once dispatch is stopping. */
  onEnd: () => void;
}

/** Of event data, in one claim. */
const maxClaimBytes = 16 * 1024 * 1024;
/** Of event data, in all hands. */
const maxBytesInHand = 64 * 1024 * 1024;
/** How long a publish waits at most for room in a brisk trigger's hand. */
const patienceMs = 250;
/** After a claim that failed; the store says by itself when it is back. */
const claimPauseMs = 500;

export function createDispatch(parts: DispatchParts): Dispatch {
  const hands: Hands = {
    ...parts,
    lanes: createLanes(parts.lanes),
    underWay: new Set(),
    interrupt: new AbortController(),
    alarm: createAlarm(parts.clock, () => rouseLanes(hands)),
    bytes: 0,
    isStopping: false,
    isClaiming: false,
    isPassQueued: false,
    onEnd: () => {},
  };
  return {
    room: (trigger, now) => room(hands, trigger, now),
    reserve: (trigger, now) => reserve(hands, trigger, now),
    free: ({ projectId, id }) => cancelArrival(hands.lanes, laneOf(hands.lanes, projectId, id)),
    start: (born) => start(hands, born),
    expect: (entry) => expect(hands, entry),
    wake: () => passSoon(hands),
    async lookAround() {
      for (const entry of await hands.store.agenda()) expect(hands, entry);
    },
    inFlight: () => hands.underWay.size,
    renew: () => renew(hands),
    stop: (limitMs) => stop(hands, limitMs),
  };
}

// ── One try, from its place to its record ──────────────────────────────────────────────────────────────────────────

function room(hands: Hands, trigger: Trigger, now: number): Promise<void> | null {
  const lane = laneOf(hands.lanes, trigger.projectId, trigger.id);
  if (hands.isStopping || whyIdle(trigger) !== null || !isBrieflyFull(hands.lanes, lane, now)) return null;
  return new Promise((resolve) => {
    const goOn = (): void => {
      cancel();
      resolve();
    };
    const cancel = hands.clock.after(patienceMs, () => {
      const place = lane.patient.indexOf(goOn);
      if (place >= 0) lane.patient.splice(place, 1);
      resolve();
    });
    lane.patient.push(goOn);
  });
}

function reserve(hands: Hands, trigger: Trigger, now: number): Lease | null {
  const { lanes, isStopping, owner, leaseMs } = hands;
  const lane = laneOf(lanes, trigger.projectId, trigger.id);
  if (isStopping || whyIdle(trigger) !== null || hands.bytes > maxBytesInHand) return null;
  return expectArrival(lanes, lane, now) ? { owner, until: now + leaseMs } : null;
}

function start(hands: Hands, born: BornInFlight): void {
  const lane = laneOf(hands.lanes, born.projectId, born.delivery.triggerId);
  const claimed = claimedAtBirth(born);
  hands.bytes += sizeOf(claimed);
  arrive(hands.lanes, lane, claimed);
  startReady(hands, lane, hands.clock.now());
}

/** The place in the lane has been entered already. */
async function run(hands: Hands, lane: Lane, claimed: ClaimedDelivery): Promise<void> {
  hands.underWay.add(claimed);
  try {
    // The target is free for the next once the try has ended, whatever the store still has to write.
    const { finished, trigger } = await tryOnce(hands, lane, claimed).finally(() => vacate(hands, lane));
    for (const entry of await hands.record(finished, trigger)) expect(hands, entry);
  } catch (error) {
    // The lease ends by itself, and the delivery is taken up again.
    hands.tell({ kind: "trouble", where: "dispatch", error });
  }
  hands.underWay.delete(claimed);
  hands.bytes -= sizeOf(claimed);
  hands.onEnd();
  // The record may have paused the trigger, and others wait in its hand.
  if (lane.ready.length > 0) passSoon(hands);
}

async function tryOnce(
  hands: Hands,
  lane: Lane,
  claimed: ClaimedDelivery,
): Promise<{ readonly finished: FinishedAttempt; readonly trigger: Trigger | undefined }> {
  const view = hands.catalogue.known(lane.projectId) ?? (await hands.catalogue.byId(lane.projectId));
  const trigger = view?.triggers.get(lane.triggerId);
  const finished = await hands.attempt(claimed, trigger, hands.interrupt.signal);
  learn(hands, lane, finished);
  return { finished, trigger };
}

function vacate(hands: Hands, lane: Lane): void {
  leave(hands.lanes, lane);
  lane.patient.shift()?.();
  passSoon(hands);
}

/** Of memory, roughly. */
function sizeOf({ event: { data } }: ClaimedDelivery): number {
  if (data === undefined) return 0;
  return data.kind === "binary" ? data.bytes.length : data.text.length;
}

function learn(hands: Hands, lane: Lane, { outcome, durationMs, finishedAt }: FinishedAttempt): void {
  lane.unanswered = outcome.kind === "timeout" || outcome.kind === "network" ? lane.unanswered + 1 : 0;
  lane.meanMs = lane.meanMs === 0 ? durationMs : lane.meanMs * 0.8 + durationMs * 0.2;
  if (outcome.kind !== "rejected" || outcome.retryAfterMs === undefined) return;
  // Retry-After is the whole target's wish, not one delivery's (STANDARDS §12.3).
  lane.heldUntil = Math.max(lane.heldUntil, finishedAt + outcome.retryAfterMs);
  hands.alarm.set(lane.heldUntil);
}

/** What a claim would have answered for it. */
function claimedAtBirth({ draft, delivery, lease, receipt, projectId }: BornInFlight): ClaimedDelivery {
  return {
    id: delivery.id,
    projectId,
    triggerId: delivery.triggerId,
    fence: 1,
    progress: {
      state: "in_flight",
      attempts: 0,
      seriesAttempts: 0,
      seriesStartedAt: draft.deliverAt,
      dueAt: lease.until,
      settledAt: null,
    },
    recorded: 0,
    event: draft.event,
    eventSequence: receipt.sequence,
    depth: draft.depth,
  };
}

// ── Turns ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One pass for all that happens in this turn of the event loop. */
function passSoon(hands: Hands): void {
  if (hands.isPassQueued || hands.isStopping) return;
  hands.isPassQueued = true;
  setImmediate(() => {
    hands.isPassQueued = false;
    pass(hands);
  });
}

function pass(hands: Hands): void {
  if (hands.isStopping) return;
  const now = hands.clock.now();
  const lanes = awakeLanes(hands.lanes, now);
  for (const lane of lanes) startReady(hands, lane, now);
  void clearIdle(hands, lanes, now);
  if (!hands.isClaiming) void claim(hands, now);
}

function startReady(hands: Hands, lane: Lane, now: number): void {
  if (hands.isStopping || lane.ready.length === 0 || !isOpen(hands, lane)) return;
  for (let next = enterNext(hands.lanes, lane, now); next !== undefined; next = enterNext(hands.lanes, lane, now))
    void run(hands, lane, next);
}

/**
 * What waits in hand for a trigger that is paused, or whose target asked for silence, goes back: in the store it can be
 * cancelled, reads as pending, and needs no lease.
 */
async function clearIdle(hands: Hands, lanes: readonly Lane[], now: number): Promise<void> {
  const idle = lanes.filter((lane) => lane.ready.length > 0 && (lane.heldUntil > now || !isOpen(hands, lane)));
  if (idle.length === 0) return;
  const triggers = new Set(idle.map((lane) => lane.triggerId));
  await giveBack(hands, (claimed) => !triggers.has(claimed.triggerId));
  for (const { projectId, triggerId } of idle) expect(hands, { projectId, triggerId, dueAt: now });
}

/** An unknown trigger's lane is open: its try finds out. */
function isOpen({ catalogue }: Hands, lane: Lane): boolean {
  const trigger = catalogue.known(lane.projectId)?.triggers.get(lane.triggerId);
  return trigger === undefined || whyIdle(trigger) === null;
}

async function claim(hands: Hands, now: number): Promise<void> {
  const turns = takeTurns(hands.lanes, now, (lane) => isOpen(hands, lane));
  if (turns.length === 0) return;
  hands.isClaiming = true;
  // What is heard of while the claim is under way must not be overwritten by its answer, so both take the earlier time.
  for (const { lane } of turns) lane.dueAt = Number.POSITIVE_INFINITY;
  const quotas = turns.map(({ lane, limit }) => ({ triggerId: lane.triggerId, limit }));
  try {
    const maxBytes = Math.max(1, Math.min(maxClaimBytes, maxBytesInHand - hands.bytes));
    take(hands, await hands.store.claimDue({ now, lease: leaseOf(hands), quotas, maxBytes }));
  } catch (error) {
    hands.tell({ kind: "trouble", where: "claim", error });
    for (const { lane } of turns) expect(hands, { ...lane, dueAt: now + claimPauseMs });
  }
  hands.isClaiming = false;
  if (hands.isStopping) await giveBack(hands);
  else passSoon(hands);
}

function take(hands: Hands, { deliveries, agenda }: ClaimResult): void {
  if (deliveries.length > 0) hands.tell({ kind: "deliveries.claimed", count: deliveries.length });
  for (const claimed of deliveries) {
    hands.bytes += sizeOf(claimed);
    addClaimed(hands.lanes, laneOf(hands.lanes, claimed.projectId, claimed.triggerId), claimed);
  }
  for (const entry of agenda) expect(hands, entry);
}

function expect(hands: Hands, { projectId, triggerId, dueAt }: AgendaEntry): void {
  const now = hands.clock.now();
  const lane = laneOf(hands.lanes, projectId, triggerId);
  noteDue(hands.lanes, lane, dueAt, now);
  const lookAt = Math.max(dueAt, lane.heldUntil);
  if (lookAt <= now) passSoon(hands);
  else if (!hands.isStopping) hands.alarm.set(lookAt);
}

function rouseLanes(hands: Hands): void {
  hands.alarm.set(rouse(hands.lanes, hands.clock.now()));
  passSoon(hands);
}

function leaseOf({ owner, leaseMs, clock }: Hands): Lease {
  return { owner, until: clock.now() + leaseMs };
}

async function renew(hands: Hands): Promise<void> {
  const waiting = [...hands.lanes.byTrigger.values()].flatMap((lane) => lane.ready);
  const claims = [...hands.underWay, ...waiting].map(({ id, fence }) => ({ deliveryId: id, fence }));
  if (claims.length === 0) return;
  const lost = new Set(await hands.store.renew({ now: hands.clock.now(), lease: leaseOf(hands), claims }));
  if (lost.size > 0) drop(hands, (claimed) => !lost.has(claimed.id));
}

/** What waits in hand and is not kept is let go of. */
function drop(hands: Hands, isKept: (claimed: ClaimedDelivery) => boolean): readonly ClaimedDelivery[] {
  const dropped = [...hands.lanes.byTrigger.values()].flatMap((lane) => dropReady(hands.lanes, lane, isKept));
  for (const claimed of dropped) hands.bytes -= sizeOf(claimed);
  return dropped;
}

// ── Leaving ────────────────────────────────────────────────────────────────────────────────────────────────────────

async function stop(hands: Hands, limitMs: number): Promise<void> {
  hands.isStopping = true;
  hands.alarm.clear();
  await giveBack(hands);
  const cancelLimit = hands.clock.after(limitMs, () => hands.interrupt.abort());
  await untilStill(hands);
  cancelLimit();
  // What was still being stored under a lease when the stop began.
  await giveBack(hands);
}

/** Claims that were never tried go back, so that another node, or the next start, need not wait for their leases. */
async function giveBack(hands: Hands, isKept: (claimed: ClaimedDelivery) => boolean = () => false): Promise<void> {
  const now = hands.clock.now();
  const givenBack = drop(hands, isKept).map((claimed) =>
    hands.store.settle({
      now,
      projectId: claimed.projectId,
      triggerId: claimed.triggerId,
      deliveryId: claimed.id,
      fence: claimed.fence,
      progress: advance(claimed.progress, { kind: "interrupted", at: now }) ?? claimed.progress,
      attempt: null,
    }),
  );
  await Promise.allSettled(givenBack);
}

function untilStill(hands: Hands): Promise<void> {
  return new Promise((resolve) => {
    hands.onEnd = () => {
      if (hands.underWay.size === 0) resolve();
    };
    hands.onEnd();
  });
}
