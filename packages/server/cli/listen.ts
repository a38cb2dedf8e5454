// posthorn listen: a receiver on this machine that shows what arrives, checks its signature and answers as it is told.
import { parseSecret } from "@posthorn/wire/signature";
import { systemClock } from "../outside/clock.ts";
import {
  checkSignature,
  describeReception,
  type Reception,
  readEvent,
  receptionLine,
  type Signature,
  webhookId,
} from "./arrival.ts";
import { type Command, CommandError, exitCodes, readArguments, readWholeNumber } from "./command.ts";
import { connect, connectionOptions, urlAt } from "./connection.ts";
import { type OwnTrigger, setUpTrigger } from "./own-trigger.ts";
import { type Arrival, openReceiver, type Receiver } from "./receiver.ts";
import { messageOf } from "./settings.ts";
import { stopSignal } from "./stop-signal.ts";
import { print, printJson } from "./terminal.ts";

const options = {
  types: {
    type: "string",
    value: "types",
    says: "Make a trigger that sends these events here: exact types,\norder.*, or *, separated by commas. It is removed at the end.",
  },
  trigger: { type: "string", value: "name", says: "The name of that trigger; listen-<port> if not given." },
  keep: { type: "boolean", says: "Do not remove the trigger at the end." },
  port: { type: "string", value: "port", says: "Listen on this port; 0 takes any free one. (4200)" },
  host: { type: "string", value: "address", says: "Listen on this address. (127.0.0.1)" },
  status: { type: "string", value: "status", says: "Answer with this status. (200)" },
  "fail-first": { type: "string", value: "count", says: "Answer the first arrivals with 500." },
  secret: {
    type: "string",
    value: "whsec_…",
    says: "Check signatures with this secret, and answer 401 to those that\nare not good. With --types the secret is known without this.",
  },
  count: { type: "string", value: "count", says: "End after so many arrivals." },
  ...connectionOptions,
  json: { type: "boolean", says: "Print a line of JSON for the start and for each arrival." },
} as const;

export const listen: Command = {
  name: "listen",
  summary: "Receive webhooks here: see, verify and answer them.",
  usage: "[options]",
  description: `Prints what arrives at a port of this machine. Without --types it makes no trigger and asks no
Posthorn for anything. Ends with 1 if a signature was not good.`,
  options,
  examples: [
    "posthorn listen --types 'order.*'",
    "posthorn listen --types '*' --fail-first 2",
    "posthorn listen --port 9000 --secret whsec_… --status 503 --count 1",
  ],
  async run(argv, env) {
    const { values } = readArguments(argv, options);
    const wish = readWish(values);
    const connection = wish.types.length === 0 ? undefined : connect(values, env);
    const desk = createDesk(wish);
    // Heard from here on, so that a signal leaves no trigger behind.
    const signal = stopSignal(systemClock);
    const receiver = await open(wish, desk);
    try {
      const url = `${urlAt(wish.host, receiver.port)}/`;
      const name = values.trigger ?? `listen-${receiver.port}`;
      const trigger = connection && (await setUpTrigger(connection, { name, types: wish.types, url }));
      desk.start(trigger?.secret ?? values.secret);
      announce(wish, url, trigger && { name, wasThere: trigger.wasThere });
      await Promise.race([signal, desk.full]);
      if (trigger !== undefined && values.keep !== true) await remove(trigger, name);
    } finally {
      await receiver.close();
    }
    return desk.sawBadSignature() ? exitCodes.failed : exitCodes.done;
  },
};

interface Wish {
  readonly types: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly status: number;
  readonly failFirst: number;
  readonly count: number;
  readonly json: boolean;
}

function readWish(values: ReturnType<typeof readArguments<typeof options>>["values"]): Wish {
  const { types, host = "127.0.0.1", secret, json = false } = values;
  if (types === "") throw new CommandError(exitCodes.wrongUsage, "--types must name at least one type");
  const problem = secret === undefined ? undefined : parseSecret(secret);
  if (problem?.ok === false) throw new CommandError(exitCodes.wrongUsage, `--secret: ${problem.faults[0]?.detail}`);
  return {
    types: types?.split(",") ?? [],
    host,
    port: readWholeNumber("port", values.port ?? "4200", 0, 65_535),
    status: readWholeNumber("status", values.status ?? "200", 200, 599),
    failFirst: readWholeNumber("fail-first", values["fail-first"] ?? "0", 0, 999_999_999),
    count:
      values.count === undefined ? Number.POSITIVE_INFINITY : readWholeNumber("count", values.count, 1, 999_999_999),
    json,
  };
}

async function open({ host, port }: Wish, desk: Desk): Promise<Receiver> {
  try {
    return await openReceiver({ host, port }, desk.receive, desk.answered);
  } catch (error) {
    throw new CommandError(exitCodes.unavailable, `cannot listen on ${host}, port ${port}: ${messageOf(error)}`);
  }
}

type OwnTriggerName = { readonly name: string; readonly wasThere: boolean } | undefined;

function announce(wish: Wish, url: string, trigger: OwnTriggerName): void {
  if (wish.json) printJson({ listening: url, trigger: trigger?.name ?? null });
  else print(introduction(wish, url, trigger));
}

function introduction({ types, status, failFirst }: Wish, url: string, trigger: OwnTriggerName): string {
  const first = failFirst === 0 ? "" : `500 to the first ${failFirst}, then `;
  const line = `Listening at ${url}, answering ${first}${status}. Ctrl-C ends it.`;
  if (trigger === undefined) return `${line}\n`;
  const verb = trigger.wasThere ? "takes up" : "makes";
  return `${line}\nIt ${verb} the trigger ${trigger.name}, which sends ${types.join(", ")} here, signed.\n`;
}

/** A Posthorn that was stopped first is no failure of the listener. */
async function remove(trigger: OwnTrigger, name: string): Promise<void> {
  await trigger.remove().catch((error: unknown) => {
    process.stderr.write(`The trigger ${name} is still there: ${messageOf(error)}\n`);
  });
}

// ── What is done with each arrival ─────────────────────────────────────────────────────────────────────────────────

interface Desk {
  /** Arrivals wait until then, since only then it is known what verifies them. */
  start(secret: string | undefined): void;
  /** Shows an arrival; answers the status for it. */
  receive(arrival: Arrival): Promise<number>;
  answered(): void;
  /** Resolves when as many have been answered as were wanted. */
  readonly full: Promise<void>;
  sawBadSignature(): boolean;
}

function createDesk(wish: Wish): Desk {
  const secret = Promise.withResolvers<string | undefined>();
  const full = Promise.withResolvers<void>();
  const countTry = createTryCounter();
  let received = 0;
  let answered = 0;
  let hasBad = false;

  return {
    start: secret.resolve,
    async receive(arrival) {
      const signature = checkSignature(arrival, await secret.promise, systemClock.now());
      received += 1;
      if (received > wish.count) return 503;
      hasBad ||= signature.kind === "bad";
      const status = statusFor(wish, received, signature);
      const attempt = countTry(webhookId(arrival));
      show({ arrival, event: readEvent(arrival), signature, status, attempt }, wish.json);
      return status;
    },
    answered() {
      answered += 1;
      if (answered >= wish.count) full.resolve();
    },
    full: full.promise,
    sawBadSignature: () => hasBad,
  };
}

function statusFor({ failFirst, status }: Wish, received: number, signature: Signature): number {
  if (signature.kind === "bad") return 401;
  return received <= failFirst ? 500 : status;
}

function show(reception: Reception, json: boolean): void {
  print(json ? receptionLine(reception) : `${describeReception(reception)}\n`);
}

/** Deliveries whose tries are counted; the oldest is forgotten first. */
const maxCounted = 10_000;

function createTryCounter(): (id: string | undefined) => number | undefined {
  const tries = new Map<string, number>();
  return (id) => {
    if (id === undefined) return undefined;
    const count = (tries.get(id) ?? 0) + 1;
    tries.set(id, count);
    const [oldest] = tries.keys();
    if (tries.size > maxCounted && oldest !== undefined) tries.delete(oldest);
    return count;
  };
}
