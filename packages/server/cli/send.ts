// posthorn send: tells Posthorn that something happened. The JSON of `--data` goes into the request as it is written.
import { readFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { isExtensionName } from "@posthorn/wire/event";
import { decodeUtf8, scanJson } from "@posthorn/wire/json";
import { parseTimestamp } from "@posthorn/wire/timestamp";
import { type Command, CommandError, exitCodes, quote, readArguments } from "./command.ts";
import { connect, connectionOptions, expectSuccess, membersOf } from "./connection.ts";
import { parseSeconds } from "./durations.ts";
import { messageOf } from "./settings.ts";
import { print, styled } from "./terminal.ts";

const options = {
  data: {
    type: "string",
    value: "json",
    says: "The event's data: JSON, or @file, or - for standard input.\nIt travels verbatim.",
  },
  subject: { type: "string", value: "text", says: "What the event is about." },
  source: { type: "string", value: "uri", says: "Where it comes from; Posthorn names the project if not given." },
  id: { type: "string", value: "text", says: "Its id; Posthorn makes one if not given." },
  delay: { type: "string", value: "time", says: "Deliver after 300 (seconds), 90s, 5m, 2h, 1d." },
  at: { type: "string", value: "time", says: "Deliver at a time like 2030-01-31T09:00:00Z." },
  ext: {
    type: "string",
    value: "name=value",
    multiple: true,
    says: "An extension attribute; may be given several times.",
  },
  "idempotency-key": { type: "string", value: "text", says: "Makes a repeat of this very command harmless." },
  ...connectionOptions,
  json: { type: "boolean", says: "Print Posthorn's answer as it came." },
} as const;

export const send: Command = {
  name: "send",
  summary: "Tell Posthorn that something happened.",
  usage: "TYPE [options]",
  description: "Sends one event of the type TYPE. When this ends with 0, the event is on Posthorn's disk.",
  options,
  examples: [
    `posthorn send order.created --data '{"total": 12.50}'`,
    "posthorn send report.due --data @report.json --at 2030-01-31T09:00:00Z",
    "date | jq -R | posthorn send clock.read --data - --ext region=eu",
  ],
  async run(argv, env) {
    const { values, positionals } = readArguments(argv, options, 1);
    const body = await eventText(positionals[0], values);
    const key = values["idempotency-key"];
    const headers = key === undefined ? {} : { "idempotency-key": key };
    const answer = expectSuccess(await connect(values, env).ask("POST", "events", body, headers));
    const isScheduled = values.at !== undefined || values.delay !== undefined;
    print(values.json ? answer : describeReceipt(membersOf(answer), isScheduled));
    return exitCodes.done;
  },
};

type Values = ReturnType<typeof readArguments<typeof options>>["values"];

/** Written by hand around the data, whose text must not change: its numbers may be larger than JavaScript's. */
async function eventText(type: string | undefined, values: Values): Promise<string> {
  if (type === undefined) throw wrong("say the TYPE of the event, like order.created");
  const { subject, source, id, at, delay, ext, data } = values;
  const schedule = { deliverAt: readTime(at), delay: readDelay(delay) };
  const text = JSON.stringify({ type, subject, source, id, ...schedule, ...readExtensions(ext) });
  return data === undefined ? text : `${text.slice(0, -1)},"data":${await readData(data)}}`;
}

function readTime(at: string | undefined): string | undefined {
  if (at === undefined || parseTimestamp(at) !== undefined) return at;
  throw wrong(`--at must be a time like 2030-01-31T09:00:00Z, not ${quote(at)}`);
}

function readDelay(text: string | undefined): number | undefined {
  const seconds = text === undefined ? undefined : parseSeconds(text);
  if (text === undefined || seconds !== undefined) return seconds;
  throw wrong(`--delay must be seconds or a time like 90s, 5m, 2h or 1d, not ${quote(text)}`);
}

function readExtensions(texts: readonly string[] = []): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map(readExtension));
}

function readExtension(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  const name = text.slice(0, at);
  // `delay` would be a legal name, but here it is the platform's own.
  if (at > 0 && isExtensionName(name) && name !== "delay") return [name, text.slice(at + 1)];
  throw wrong(`--ext must be name=value with a name of a-z and 0-9 that is not taken, not ${quote(text)}`);
}

async function readData(given: string): Promise<string> {
  const decoded = decodeUtf8(await readBytes(given));
  const scanned = decoded.ok ? scanJson(decoded.value) : decoded;
  if (decoded.ok && scanned.ok) return decoded.value.slice(scanned.value.start, scanned.value.end);
  const why = scanned.ok ? "" : scanned.faults[0]?.detail.replace("the body", "the text");
  throw wrong(`--data: ${why}`);
}

async function readBytes(given: string): Promise<Uint8Array> {
  if (given === "-") return buffer(process.stdin);
  if (!given.startsWith("@")) return Buffer.from(given);
  try {
    return readFileSync(given.slice(1));
  } catch (error) {
    throw wrong(`--data cannot be read: ${messageOf(error)}`);
  }
}

function wrong(line: string): CommandError {
  return new CommandError(exitCodes.wrongUsage, line);
}

type Receipt = Readonly<Record<string, unknown>>;

function describeReceipt({ id, type, deliverAt, deliveries, duplicate }: Receipt, isScheduled: boolean): string {
  const event = `${styled("bold", String(type))} ${id}`;
  if (duplicate === true) return `${styled("yellow", "=")} ${event} was accepted before; nothing is sent again`;
  const when = isScheduled ? ` at ${deliverAt}` : "";
  return `${styled("green", "✓")} ${event} accepted, ${describeTakers(deliveries)}${when}`;
}

function describeTakers(deliveries: unknown): string {
  if (deliveries === 0) return "no trigger wants it";
  return deliveries === 1 ? "for 1 trigger" : `for ${deliveries} triggers`;
}
