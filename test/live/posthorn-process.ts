// A whole Posthorn as its users run it: `posthorn serve` as a process of its own, which can be waited for, asked to stop
// and killed. The kill tests, the promises that need a process, and the bench start it here.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A test that fails must leave no node behind: those that still run end with this process. */
const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

const program = new URL("../../packages/server/bin/posthorn.js", import.meta.url).pathname;

export const adminKey = "pha_only-for-tests-and-bench";

/** Between two looks at /readyz: also the error of `startMs`. */
const lookEveryMs = 5;
/** A node that is not ready by then never will be. */
const startLimitMs = 60_000;

export interface PosthornOptions {
  readonly dataDir: string;
  readonly port: number;
  /** More settings, or others, by the names of the environment. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface PosthornProcess {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the spawn to the first 200 of /readyz. */
  readonly startMs: number;
  /** When /readyz first answered 200, as `performance.now` counts. */
  readonly readyAt: number;
  /** All that it has printed so far. */
  output(): string;
  /** `kill -9`. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM. Resolves with the exit code when the process is gone; null when a signal ended it. */
  stop(): Promise<number | null>;
}

/** Settings under which a node may reach receivers on this machine. */
export function settingsFor({ dataDir, port, settings = {} }: PosthornOptions): Readonly<Record<string, string>> {
  return {
    POSTHORN_PORT: String(port),
    POSTHORN_DATA_DIR: dataDir,
    POSTHORN_ADMIN_KEY: adminKey,
    POSTHORN_ALLOW_TARGETS: "127.0.0.1",
    POSTHORN_ALLOW_HTTP: "true",
    POSTHORN_LOG_LEVEL: "warn",
    ...settings,
  };
}

/**
 * Starts `posthorn serve` and resolves when it is ready. Rejects, with what it printed, when it ends before that or takes a
 * minute.
 */
export async function startPosthorn(options: PosthornOptions): Promise<PosthornProcess> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [program, "serve"], { env: environmentFor(options), stdio: "pipe" });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => printed.push(chunk));
  const output = (): string => Buffer.concat(printed).toString();
  const exit = exitOf(child);
  await becomeReady(child, options.port).catch(async (error: Error) => {
    child.kill("SIGKILL");
    await exit;
    throw new Error(`${error.message}; it printed:\n${output()}`);
  });
  const readyAt = performance.now();
  return {
    url: `http://127.0.0.1:${options.port}`,
    port: options.port,
    // A process that answers has been spawned.
    pid: child.pid as number,
    startMs: readyAt - startedAt,
    readyAt,
    output,
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
    stop() {
      child.kill("SIGTERM");
      return exit;
    },
  };
}

/** Of the own environment all but its settings: they are not the test's. */
function environmentFor(options: PosthornOptions): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("POSTHORN_"));
  return { ...Object.fromEntries(inherited), ...settingsFor(options) };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  running.add(child);
  const [code]: (number | null)[] = await once(child, "exit");
  running.delete(child);
  return code ?? null;
}

async function becomeReady(child: ChildProcess, port: number): Promise<void> {
  const giveUpAt = performance.now() + startLimitMs;
  while (!(await answersReady(port))) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`posthorn ended with ${child.exitCode ?? child.signalCode} before it was ready`);
    if (performance.now() > giveUpAt) throw new Error(`posthorn was not ready after ${startLimitMs} ms`);
    await pause(lookEveryMs);
  }
}

function answersReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/readyz", agent: false, timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}

/** A port that was free a moment ago: a node that is killed and started again must come back at the same place. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
