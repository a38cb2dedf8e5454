// The rooms of the house and the arrows between them, as data. arrows.test.ts holds the code to it, and the table in
// ARCHITECTURE.md is made from it. To let a room import another, draw the arrow here and be able to say why.
import { matchesGlob } from "node:path";

export interface Room {
  readonly name: string;
  readonly purpose: string;
  /** The files of the room; a file belongs to the first room that has a pattern for it. */
  readonly files: readonly string[];
  /** The rooms it may import. */
  readonly imports: readonly string[];
  /** The rooms of which it may know the types alone: their values come in as arguments. */
  readonly importsTypes?: readonly string[];
  /** The npm packages and the guarded parts of Node that have their place here. */
  readonly parts: readonly string[];
}

const seams = ["store", "targets", "sandbox"];

export const rooms: readonly Room[] = [
  {
    name: "wire",
    purpose: "the words on the wire: encode and decode side by side",
    files: ["packages/wire/**"],
    imports: [],
    parts: [],
  },
  {
    name: "domain",
    purpose: "what is true: states, matching, backoff, schedule, ids; pure",
    files: ["packages/server/domain/**"],
    imports: ["wire"],
    parts: [],
  },
  {
    name: "outside",
    purpose: "the only doors out: clock, randomness, network and its guard, encryption",
    files: ["packages/server/outside/**"],
    imports: [],
    parts: ["undici", "node:dns", "node:fs", "node:net", "node:perf_hooks", "node:tls"],
  },
  {
    name: "store",
    purpose: "seam: every business act of storage, and the suite that each store passes",
    files: ["packages/server/store/*.ts", "packages/server/store/conformance/**"],
    imports: ["wire", "domain"],
    parts: [],
  },
  {
    name: "store/sqlite",
    purpose: "the embedded store",
    files: ["packages/server/store/sqlite/**"],
    imports: ["store", "wire", "domain", "outside"],
    parts: ["node:sqlite", "node:fs", "node:worker_threads"],
  },
  {
    name: "store/postgres",
    purpose: "the store of a fleet",
    files: ["packages/server/store/postgres/**"],
    imports: ["store", "wire", "domain", "outside"],
    parts: ["pg", "postgres"],
  },
  {
    name: "targets",
    purpose: "seam: what every kind of target answers, and its suite",
    files: ["packages/server/targets/target.ts", "packages/server/targets/*suite*.ts"],
    imports: ["wire", "domain"],
    parts: [],
  },
  {
    name: "targets/*",
    purpose: "one file for each kind of target",
    files: ["packages/server/targets/**"],
    imports: ["targets", "wire", "domain", "outside"],
    parts: [],
  },
  {
    name: "sandbox",
    purpose: "seam: how a function is run, and the suite with its attacks",
    files: ["packages/server/sandbox/*.ts"],
    imports: ["wire", "domain"],
    parts: [],
  },
  {
    name: "sandbox/*",
    purpose: "one folder for each engine",
    files: ["packages/server/sandbox/**"],
    imports: ["sandbox", "wire", "domain", "outside"],
    parts: ["workerd", "quickjs-wasi", "node:child_process", "node:worker_threads"],
  },
  {
    name: "pipeline",
    purpose: "the way of an event: accept, match, dispatch, attempt, record",
    files: ["packages/server/pipeline/**"],
    imports: [...seams, "wire", "domain", "observe"],
    importsTypes: ["outside"],
    parts: [],
  },
  {
    name: "workers",
    purpose: "what runs unasked: dispatcher, renewer, rescuer, pruner, tidier",
    files: ["packages/server/workers/**"],
    imports: ["pipeline", "store", "observe"],
    importsTypes: ["outside"],
    parts: [],
  },
  {
    name: "api",
    purpose: "the only room that knows the HTTP framework: routes, faces, rights, problems",
    files: ["packages/server/api/**"],
    imports: ["pipeline", "store", "wire", "domain", "observe", "config"],
    importsTypes: ["outside"],
    parts: ["fastify", "@fastify/swagger", "@fastify/type-provider-typebox", "typebox", "node:http"],
  },
  {
    name: "observe",
    purpose: "one stream of facts, and what is made of it: log, metrics, traces, live console",
    files: ["packages/server/observe/**"],
    imports: ["domain"],
    parts: ["pino", "@prometheus-io/client"],
  },
  {
    name: "config",
    purpose: "every setting with its default, unit, rule and meaning",
    files: ["packages/server/config.ts", "packages/server/setting-formats.ts"],
    imports: [],
    parts: ["yaml"],
  },
  {
    name: "compose",
    purpose: "the only file that knows which implementation is used",
    files: ["packages/server/compose.ts"],
    imports: [
      ...["domain", "outside", "store", "store/sqlite", "store/postgres", "targets", "targets/*"],
      ...["sandbox", "sandbox/*", "pipeline", "workers", "api", "observe", "config"],
    ],
    parts: [],
  },
  {
    name: "cli",
    purpose: "the commands",
    files: ["packages/server/cli/**"],
    imports: ["compose", "config", "wire", "outside"],
    importsTypes: ["observe"],
    parts: ["node:fs", "node:http"],
  },
  {
    name: "sdk",
    purpose: "what an application imports: sender and receiver",
    files: ["packages/sdk/**"],
    imports: ["wire"],
    parts: [],
  },
  {
    name: "console",
    purpose: "Mission Control, a client of the public API",
    files: ["packages/console/**"],
    imports: ["sdk", "wire"],
    parts: ["react", "react-dom"],
  },
];

/** The parts of Node that reach beyond the process; the rest of Node is free to use everywhere. */
export const guardedParts: readonly string[] = [
  ...[
    "node:sqlite",
    "node:fs",
    "node:net",
    "node:dns",
    "node:tls",
    "node:http",
    "node:https",
    "node:http2",
    "node:dgram",
  ],
  ...["node:child_process", "node:worker_threads", "node:cluster", "node:timers", "node:perf_hooks"],
];

export function roomOf(path: string): Room | undefined {
  return rooms.find((room) => room.files.some((pattern) => matchesGlob(path, pattern)));
}
