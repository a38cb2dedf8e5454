// What runs unasked, in one shape: a chore that is done again and again until it is stopped.
import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";

export interface Worker {
  start(): void;
  /** Resolves when a run that is under way has ended; no other begins. */
  stop(): Promise<void>;
  runOnce(): Promise<void>;
}

/**
 * A worker that runs `chore` at its start and then `intervalMs` after each end. A chore that fails says so and is run
 * again at the next turn.
 */
export function repeatedly(
  name: string,
  intervalMs: number,
  chore: () => Promise<void>,
  { clock, tell }: { readonly clock: Clock; readonly tell: Tell },
): Worker {
  let cancel: () => void = () => {};
  let running: Promise<void> | undefined;
  let isStopped = true;

  async function runOnce(): Promise<void> {
    try {
      await chore();
    } catch (error) {
      tell({ kind: "trouble", where: name, error });
    }
  }

  function turn(): void {
    running = runOnce().finally(() => {
      running = undefined;
      if (!isStopped) cancel = clock.after(intervalMs, turn);
    });
  }

  return {
    start() {
      isStopped = false;
      turn();
    },
    async stop() {
      isStopped = true;
      cancel();
      await running;
    },
    runOnce,
  };
}
