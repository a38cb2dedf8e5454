// What `dev` and `serve` have in common: a node is started, runs until a signal, and is stopped with care.
import { flushCompileCache } from "node:module";
import type { Node } from "../compose.ts";
import type { Config } from "../config.ts";
import { systemClock } from "../outside/clock.ts";
import { exitCodes } from "./command.ts";
import { stopSignal } from "./stop-signal.ts";

export interface Course {
  started(node: Node): void;
  stopping(): void;
  stopped(): void;
}

export async function runNode(config: Config, course: Course): Promise<number> {
  // Heard from here on, so that a signal during the start ends what has begun by then.
  const signal = stopSignal(systemClock);
  // Loaded only now: the other commands shall not wait for a server to load.
  const { start } = await import("./starting.ts");
  const node = await start(config);
  course.started(node);
  // Node keeps what it compiled when it ends in peace; a node that is killed shall have it at its next start too.
  flushCompileCache();
  await signal;
  course.stopping();
  await node.stop();
  course.stopped();
  return exitCodes.done;
}
