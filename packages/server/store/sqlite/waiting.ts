// The acts that wait for the writer, first come, first served: so many and no more, taken in groups of a bounded size.
import { StoreError } from "../errors.ts";
import type { PostedAct } from "./acts.ts";

/** Acts that may wait. At the writer's full speed that is a tenth of a second; on a slow disk it is the patience there is. */
export const maxWaitingActs = 5_000;
const maxWaitingBytes = 64 * 1024 * 1024;
/** A group's commit is what a lone act may have to wait for, so groups stay small: some milliseconds. */
const maxGroupActs = 256;
const maxGroupBytes = 4 * 1024 * 1024;

export interface WaitingAct {
  readonly posted: PostedAct;
  /** Roughly: the data in it. */
  readonly bytes: number;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: StoreError) => void;
}

interface WaitingRoom {
  /** @throws StoreError `store_busy` when too much waits already. */
  enter(act: WaitingAct): void;
  /** The next group; empty when nobody waits. */
  takeGroup(): readonly WaitingAct[];
  /** All that wait, whatever their number. */
  takeAll(): readonly WaitingAct[];
  isEmpty(): boolean;
}

export function createWaitingRoom(): WaitingRoom {
  let acts: readonly WaitingAct[] = [];
  let entered: WaitingAct[] = [];
  let bytes = 0;
  const take = (count: number): readonly WaitingAct[] => {
    const taken = acts.slice(0, count);
    acts = acts.slice(count);
    for (const act of taken) bytes -= act.bytes;
    return taken;
  };
  /** What has entered since the last group goes behind what still waits. */
  const lineUp = (): void => {
    acts = acts.length === 0 ? entered : [...acts, ...entered];
    entered = [];
  };
  return {
    enter(act) {
      const isFull = acts.length + entered.length >= maxWaitingActs || bytes + act.bytes > maxWaitingBytes;
      if (isFull) throw new StoreError("store_busy", "more is to be stored than the disk takes; try again shortly");
      entered.push(act);
      bytes += act.bytes;
    },
    takeGroup() {
      lineUp();
      return take(groupSize(acts));
    },
    takeAll() {
      lineUp();
      return take(acts.length);
    },
    isEmpty: () => acts.length + entered.length === 0,
  };
}

/** How many of the first acts fit into a group: at least one, however large. */
function groupSize(acts: readonly WaitingAct[]): number {
  let bytes = 0;
  for (const [count, act] of acts.entries()) {
    bytes += act.bytes;
    if (count === maxGroupActs || (count > 0 && bytes > maxGroupBytes)) return count;
  }
  return acts.length;
}
