// How a command that runs on learns that it shall end.
import type { Clock } from "../outside/clock.ts";
import { exitCodes } from "./command.ts";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** npm passes on the Ctrl-C that the terminal has sent already, so what comes together counts as one. */
const sameSignalMs = 1000;

/**
 * Resolves at the first signal, or when nobody reads standard output any more. A second signal, a second or more later,
 * ends the process at once.
 */
export function stopSignal(clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const hear = (): void => {
      firstAt ??= clock.monotonic();
      if (clock.monotonic() - firstAt >= sameSignalMs) process.exit(exitCodes.failed);
      resolve();
    };
    for (const signal of signals) process.on(signal, hear);
    process.stdout.once("error", resolve);
  });
}
