// Every setting of the platform, once: its name, default, unit, rule and meaning. `loadConfig` turns the environment and
// the settings file into one frozen value that compose.ts hands out by the piece; docs/settings.md is made from this table.
import { parse as parseYaml } from "yaml";
import {
  anyText,
  baseUrl,
  byteSize,
  dnsName,
  type Format,
  keyOf,
  listOfWords,
  oneOf,
  postgresUrl,
  someOf,
  wholeNumber,
  word,
  yesOrNo,
} from "./setting-formats.ts";

/** `dev` is `posthorn dev` and open to this machine; `serve` is production and strict. */
export type Mode = "dev" | "serve";

interface Setting<Value, Default> {
  readonly env: string;
  readonly description: string;
  readonly format: Format<Value>;
  readonly default: Default;
  /** What holds instead of `default` under `posthorn dev`. */
  readonly devDefault?: Default;
  /** The value is never printed, not even when it is wrong. */
  readonly secret?: true;
}

function setting<Value, Default = Value>(setting: Setting<Value, Default>): Setting<Value, Default> {
  return Object.freeze(setting);
}

/** The one name of the environment that is no setting: it says where the settings file is. */
export const settingsFileEnv = "POSTHORN_CONFIG";

const roles = ["api", "dispatch", "schedule", "console"] as const;
export type Role = (typeof roles)[number];

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export const settings = {
  host: setting({
    env: "POSTHORN_HOST",
    description: "The address to listen on. `0.0.0.0` or `::` opens Posthorn to the network.",
    format: word(),
    default: "127.0.0.1",
  }),
  port: setting({
    env: "POSTHORN_PORT",
    description: "The port to listen on; 0 takes any free one.",
    format: wholeNumber(0, 65_535),
    default: 4100,
  }),
  dataDir: setting({
    env: "POSTHORN_DATA_DIR",
    description: "The folder of the embedded store and of the keys made at the first start.",
    format: anyText(),
    default: "./data",
  }),
  databaseUrl: setting<string, string | undefined>({
    env: "POSTHORN_DATABASE_URL",
    description: "The PostgreSQL database of a fleet. Without it, the embedded store is used.",
    format: postgresUrl(),
    default: undefined,
    secret: true,
  }),
  adminKey: setting<string, string | undefined>({
    env: "POSTHORN_ADMIN_KEY",
    description:
      "The key that may do everything. Without it, one is made at the first start, printed once and kept in the data folder.",
    format: word(),
    default: undefined,
    secret: true,
  }),
  secretKey: setting<Uint8Array, Uint8Array | undefined>({
    env: "POSTHORN_SECRET_KEY",
    description:
      "Encrypts the secrets in the store (`openssl rand -base64 32` makes one). Without it, the embedded store makes one and keeps it beside the data; a fleet must bring it.",
    format: keyOf(32),
    default: undefined,
    secret: true,
  }),
  allowTargets: setting<readonly string[]>({
    env: "POSTHORN_ALLOW_TARGETS",
    description:
      "CIDR ranges and hosts that deliveries may reach although they are private. An empty list allows none.",
    format: listOfWords(),
    default: [],
    devDefault: ["127.0.0.0/8", "::1", "localhost"],
  }),
  allowHttp: setting({
    env: "POSTHORN_ALLOW_HTTP",
    description: "Whether targets may be plain `http://`.",
    format: yesOrNo(),
    default: false,
    devDefault: true,
  }),
  publicUrl: setting<string, string | undefined>({
    env: "POSTHORN_PUBLIC_URL",
    description:
      "Where targets reach this Posthorn. With it, a target that is asked for its consent may also give it later, by a callback.",
    format: baseUrl(),
    default: undefined,
  }),
  webhookOrigin: setting<string, string | undefined>({
    env: "POSTHORN_WEBHOOK_ORIGIN",
    description:
      "The DNS name by which targets know this Posthorn when they are asked for their consent. Without it, the host of POSTHORN_PUBLIC_URL; without that, `localhost`.",
    format: dnsName(),
    default: undefined,
  }),
  roles: setting<readonly Role[]>({
    env: "POSTHORN_ROLES",
    description: "What this node does. A fleet may split the work; some node has to do each part.",
    format: someOf(roles),
    default: roles,
  }),
  maxBodyBytes: setting({
    env: "POSTHORN_MAX_BODY_BYTES",
    description: "The largest request body; a larger one is answered 413.",
    format: byteSize(1024, 1024 ** 3),
    default: 1024 ** 2,
  }),
  maxBatchEvents: setting({
    env: "POSTHORN_MAX_BATCH_EVENTS",
    description: "The most events in one request.",
    format: wholeNumber(1, 100_000, "events"),
    default: 1000,
  }),
  maxFanOut: setting({
    env: "POSTHORN_MAX_FAN_OUT",
    description: "The most deliveries that one event may owe; an event that matches more triggers is refused.",
    format: wholeNumber(1, 100_000, "deliveries"),
    default: 1000,
  }),
  maxTriggers: setting({
    env: "POSTHORN_MAX_TRIGGERS",
    description: "The most triggers of one project.",
    format: wholeNumber(1, 100_000, "triggers"),
    default: 1000,
  }),
  triggerConcurrency: setting({
    env: "POSTHORN_TRIGGER_CONCURRENCY",
    description: "The most tries of one trigger at one time on this node, so that a slow target holds up nobody else.",
    format: wholeNumber(1, 10_000, "tries"),
    default: 32,
  }),
  maxInFlight: setting({
    env: "POSTHORN_MAX_IN_FLIGHT",
    description: "The most tries at one time on this node, all triggers together.",
    format: wholeNumber(1, 100_000, "tries"),
    default: 1024,
  }),
  leaseMs: setting({
    env: "POSTHORN_LEASE_MS",
    description:
      "How long a claimed delivery belongs to a node that does not renew its claim; after that another node takes it.",
    format: wholeNumber(1000, 3_600_000, "milliseconds"),
    default: 10_000,
  }),
  pollIntervalMs: setting({
    env: "POSTHORN_POLL_INTERVAL_MS",
    description: "The longest pause between two looks at the store. Wake-ups make it faster; nothing depends on them.",
    format: wholeNumber(10, 60_000, "milliseconds"),
    default: 1000,
  }),
  shutdownTimeoutMs: setting({
    env: "POSTHORN_SHUTDOWN_TIMEOUT_MS",
    description: "How long a stop waits for the tries that run; the rest are released and tried again later.",
    format: wholeNumber(0, 600_000, "milliseconds"),
    default: 10_000,
  }),
  retentionDays: setting({
    env: "POSTHORN_RETENTION_DAYS",
    description: "How long events are kept after their deliveries have settled.",
    format: wholeNumber(1, 36_500, "days"),
    default: 30,
  }),
  retentionFailedDays: setting({
    env: "POSTHORN_RETENTION_FAILED_DAYS",
    description: "The same for events with a failed delivery, which somebody may still want to retry.",
    format: wholeNumber(1, 36_500, "days"),
    default: 90,
  }),
  idempotencyHours: setting({
    env: "POSTHORN_IDEMPOTENCY_HOURS",
    description: "How long a repeated `Idempotency-Key` gets the first answer again.",
    format: wholeNumber(1, 8760, "hours"),
    default: 24,
  }),
  rotationGraceHours: setting({
    env: "POSTHORN_ROTATION_GRACE_HOURS",
    description: "How long after a rotation deliveries are signed with the old secret too.",
    format: wholeNumber(0, 8760, "hours"),
    default: 24,
  }),
  logLevel: setting<LogLevel>({
    env: "POSTHORN_LOG_LEVEL",
    description: "The least important line that is still logged, as JSON on standard output.",
    format: oneOf(logLevels),
    default: "info",
    // `dev` writes its own lines, for people.
    devDefault: "silent",
  }),
} as const;

type ValueOf<Each> = Each extends Setting<infer Value, infer Default> ? Value | Default : never;

/** Every setting by its name, and the mode it was loaded for. Frozen, lists included. */
export type Config = { readonly mode: Mode } & {
  readonly [Name in keyof typeof settings]: ValueOf<(typeof settings)[Name]>;
};

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of the settings file, YAML with the names of the environment: `POSTHORN_PORT: 4100`. */
  readonly file?: string | undefined;
  readonly mode: Mode;
}

/**
 * The settings in force: the environment wins over the file, and both over the defaults. Answers every problem at once,
 * each as one line that names the setting and its rule, and never the value of a secret.
 */
export function loadConfig({ env, file, mode }: ConfigSources): LoadedConfig {
  const found = [...textsOfFile(file ?? ""), ...textsOfEnvironment(env)];
  const given = new Map(found.filter((each) => "text" in each).map((each) => [each.setting, each]));
  const readings = Object.entries(settings).map(([name, each]) => ({
    name,
    ...readSetting(each, given.get(each), mode),
  }));
  const problems = [...found, ...readings].filter((each) => "problem" in each).map((each) => each.problem);
  if (given.has(settings.databaseUrl) && !given.has(settings.secretKey)) problems.push(fleetNeedsKey);
  if (problems.length > 0) return { ok: false, problems };
  const values = readings.filter((each) => "value" in each).map(({ name, value }) => [name, value]);
  // Proof of the cast: the names are those of `settings`, and each value came out of its setting's format or default.
  return { ok: true, config: Object.freeze({ mode, ...Object.fromEntries(values) }) as Config };
}

const fleetNeedsKey = `${settings.secretKey.env} must be set when ${settings.databaseUrl.env} is: all nodes of a fleet share it`;

type AnySetting = (typeof settings)[keyof typeof settings];

interface Problem {
  readonly problem: string;
}

interface GivenText {
  readonly setting: AnySetting;
  readonly text: string;
  /** Where the name was found, as part of a sentence; the environment goes without saying. */
  readonly place: "" | " in the settings file";
}

function readSetting(
  setting: AnySetting,
  given: GivenText | undefined,
  mode: Mode,
): { readonly value: unknown } | Problem {
  if (given === undefined) return { value: frozen(defaultOf(setting, mode)) };
  const value = setting.format.read(given.text);
  if (value !== undefined) return { value: frozen(value) };
  const instead = "secret" in setting ? "which the given secret is not" : `not ${JSON.stringify(given.text)}`;
  return { problem: `${setting.env}${given.place} must be ${setting.format.rule}, ${instead}` };
}

/** What holds when nothing is said. */
export function defaultOf(setting: AnySetting, mode: Mode): AnySetting["default"] {
  return mode === "dev" && "devDefault" in setting ? setting.devDefault : setting.default;
}

function frozen(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze([...value]) : value;
}

function textsOfEnvironment(env: ConfigSources["env"]): readonly (GivenText | Problem)[] {
  return Object.entries(env)
    .filter(([name]) => name.startsWith("POSTHORN_") && name !== settingsFileEnv)
    .flatMap(([name, text]) => recognise(name, text ?? "", ""));
}

function textsOfFile(file: string): readonly (GivenText | Problem)[] {
  const content = readYaml(file);
  if ("problem" in content) return [content];
  return Object.entries(content.values).flatMap(([name, value]) => {
    const words = Array.isArray(value) ? value : [value];
    if (words.every((each) => typeof each === "string"))
      return recognise(name, words.join(","), " in the settings file");
    return [{ problem: `${name} in the settings file must be a text or a list of texts` }];
  });
}

/** The failsafe schema leaves every scalar as the text it was written in, so that file and environment have one grammar. */
function readYaml(file: string): { readonly values: object } | Problem {
  try {
    const values: unknown = parseYaml(file, { schema: "failsafe", logLevel: "error" }) ?? {};
    if (typeof values === "object" && values !== null && !Array.isArray(values)) return { values };
  } catch (error) {
    return { problem: `the settings file is not YAML: ${String(error).split("\n", 1)[0]}` };
  }
  return { problem: "the settings file must hold lines of NAME: value" };
}

/** Empty text means "not set", as in `POSTHORN_PORT=`, except where a list may be empty. */
function recognise(name: string, text: string, place: GivenText["place"]): readonly (GivenText | Problem)[] {
  const setting = Object.values(settings).find((each) => each.env === name);
  if (setting === undefined)
    return [{ problem: `${name}${place} is not a setting; did you mean ${nearestName(name)}?` }];
  return text !== "" || "acceptsEmpty" in setting.format ? [{ setting, text, place }] : [];
}

/** By the letters alone, so that `port` and `posthorn.maxBodyBytes` find their way too. */
function nearestName(name: string): string {
  const letters = (each: string): string => each.toUpperCase().replace(/^POSTHORN|[^A-Z]/g, "");
  const distance = (each: string): number => editDistance(letters(name), letters(each));
  const names = Object.values(settings).map((each) => each.env);
  return names.reduce((best, each) => (distance(each) < distance(best) ? each : best));
}

/** Levenshtein's distance, row by row. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [at, other] of [...to].entries())
      next.push(Math.min((next[at] ?? 0) + 1, (row[at + 1] ?? 0) + 1, (row[at] ?? 0) + (letter === other ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
