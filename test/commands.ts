// Runs the real `posthorn` for tests, which wait for its lines and never for time.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";

export const repository = resolve(import.meta.dirname, "..");
const entrance = join(repository, "packages/server/bin/posthorn.js");

export interface Ending {
  /** The exit code, or the signal that killed it. */
  readonly code: number | string;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  /** The first match in standard output after that of the call before. Rejects when the command ends or a minute passes without it. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  signal(name: "SIGTERM" | "SIGINT"): void;
  /** Reads no more of standard output, as `| head` does. */
  hangUp(): void;
  readonly ended: Promise<Ending>;
}

/** Longer than anything takes here; only a test that fails waits for it. */
const patienceMs = 60_000;

export interface Situation {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

/** Starts a command; variables of Posthorn's from the environment of the test do not reach it. */
export function posthorn(args: readonly string[], { env = {}, stdin = "" }: Situation = {}): Running {
  const child = spawn(process.execPath, [entrance, ...args], { env: { ...cleanEnvironment(), ...env } });
  child.stdin.end(stdin);
  return follow(child);
}

export function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(POSTHORN_|NODE_TEST|FORCE_COLOR)/.test(name)),
  );
}

const followed = new Set<ChildProcessWithoutNullStreams>();

/** For the end of a test file: what a failed test left running would keep it waiting. */
export function killAll(): void {
  for (const child of followed) child.kill("SIGKILL");
}

export function follow(child: ChildProcessWithoutNullStreams): Running {
  followed.add(child);
  const written = { out: "", err: "" };
  const changes = new EventEmitter();
  let seen = 0;
  let hasEnded = false;
  for (const [name, stream] of [
    ["out", child.stdout],
    ["err", child.stderr],
  ] as const) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
      changes.emit("change");
    });
  }
  const ended = once(child, "close").then(([code, signal]): Ending => {
    hasEnded = true;
    followed.delete(child);
    changes.emit("change");
    return { code: code ?? signal, ...written };
  });
  return {
    async says(pattern) {
      const signal = AbortSignal.timeout(patienceMs);
      for (;;) {
        const match = pattern.exec(written.out.slice(seen));
        if (match !== null) {
          seen += match.index + match[0].length;
          return match;
        }
        if (hasEnded || signal.aborted) throw new Error(`it never said ${pattern}:\n${written.out}\n${written.err}`);
        await once(changes, "change", { signal }).catch(() => {});
      }
    },
    signal: (name) => child.kill(name),
    hangUp: () => child.stdout.destroy(),
    ended,
  };
}

/** A port of this machine that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // Proof of the cast: a server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What a document shows as the output of a command: `…` is anything within a line, and on a line of its own any lines. */
export function patternOf(text: string): RegExp {
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => {
      return line === "…" ? "[^]*?" : line.split("…").map(escaped).join("[^\n]*");
    });
  return new RegExp(lines.join("\n"));
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
