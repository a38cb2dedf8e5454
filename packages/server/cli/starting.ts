// The start of a node, with what can go wrong then in words for the person who can mend it.
import { type Node, StartError, startNode } from "../compose.ts";
import type { Config } from "../config.ts";
import { CommandError, exitCodes } from "./command.ts";
import { version } from "./version.ts";

/** @throws CommandError where the settings or this machine do not allow a start. */
export async function start(config: Config): Promise<Node> {
  try {
    return await startNode(config, version);
  } catch (error) {
    throw explain(error, config);
  }
}

/** What nobody foresaw is passed on as the fault of the program that it is. */
function explain(error: unknown, config: Config): unknown {
  const line = error instanceof Error ? startProblem(error, config) : undefined;
  return line === undefined ? error : new CommandError(exitCodes.unavailable, line);
}

function startProblem(error: Error, { host, port, dataDir }: Config): string | undefined {
  const code = "code" in error ? String(error.code) : "";
  if (error instanceof StartError || code.startsWith("store_")) return error.message;
  if (code === "EADDRINUSE")
    return `port ${port} of ${host} is taken; stop what listens there, or choose another --port`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return `${host} is no address of this machine; choose another --host`;
  if (!("syscall" in error)) return undefined;
  if (error.syscall === "listen") return `cannot listen on ${host}, port ${port}: ${error.message}`;
  return `cannot use the data folder ${dataDir}: ${error.message}`;
}
