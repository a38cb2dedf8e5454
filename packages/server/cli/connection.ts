// How the commands that are clients find Posthorn and its key, ask it something, and pass on its refusals.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseJson } from "@posthorn/wire/json";
import type { Config } from "../config.ts";
import { type ApiAnswer, type ApiRequest, callApi } from "../outside/api-client.ts";
import { CommandError, type Environment, exitCodes, quote } from "./command.ts";
import { clientEnv, readSettings } from "./settings.ts";
import { withoutControls } from "./terminal.ts";

export const connectionOptions = {
  project: { type: "string", value: "slug", says: "The project; it is default if not given." },
  url: {
    type: "string",
    value: "url",
    says: "Where Posthorn is. (POSTHORN_URL, else this machine and the\nport of the settings)",
  },
  key: {
    type: "string",
    value: "key",
    says: "The API key. (POSTHORN_KEY, else the admin key of the settings\nor of the data folder, for a Posthorn on this machine)",
  },
} as const;

type ConnectionValues = { readonly [Name in keyof typeof connectionOptions]?: string | undefined };

type Answered = Extract<ApiAnswer, { readonly kind: "answered" }>;

export interface Connection {
  /** `path` is relative to the project's own: `events`. @throws CommandError when nobody answers. */
  ask(method: ApiRequest["method"], path: string, body?: string, headers?: ApiRequest["headers"]): Promise<Answered>;
}

export function connect(values: ConnectionValues, env: Environment): Connection {
  const config = readSettings("dev", env);
  const base = baseUrl(values.url ?? (env[clientEnv.url] || urlAt(config.host, config.port)));
  const key = values.key ?? (env[clientEnv.key] || localKey(config, base));
  const project = values.project ?? "default";
  return {
    async ask(method, path, body, headers = {}) {
      const answer = await callApi({
        url: new URL(`v1/projects/${encodeURIComponent(project)}/${path}`, base),
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        body: body ?? null,
      });
      if (answer.kind === "answered") return answer;
      throw new CommandError(exitCodes.unavailable, `no Posthorn at ${base.origin}: ${answer.detail}`);
    },
  };
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new CommandError(
      exitCodes.wrongUsage,
      `the URL of Posthorn must begin with http:// or https://, not ${quote(text)}`,
    );
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

const wildcards: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "[::1]" };

/** How a program on this machine reaches what listens there: `http://127.0.0.1:4100`. */
export function urlAt(host: string, port: number): string {
  return `http://${wildcards[host] ?? (host.includes(":") ? `[${host}]` : host)}:${port}`;
}

/** The admin key of this machine is told to nobody else. */
function localKey({ adminKey, dataDir }: Config, base: URL): string {
  if (!/^(localhost|127\.[\d.]+|\[::1\])$/.test(base.hostname))
    throw new CommandError(
      exitCodes.wrongUsage,
      `a key for ${base.origin} is needed: give --key or set ${clientEnv.key}`,
    );
  if (adminKey !== undefined) return adminKey;
  const path = join(dataDir, "admin.key");
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    throw new CommandError(
      exitCodes.unavailable,
      `no key: there is no ${path} that could be read`,
      `Start posthorn dev in this folder first, or give --key, or set ${clientEnv.key}.`,
    );
  }
}

/** The body of a good answer. @throws CommandError with the words of any other. */
export function expectSuccess({ status, text }: Answered): string {
  if (status >= 200 && status < 300) return text;
  throw new CommandError(exitCodes.failed, ...refusalLines(status, text));
}

/** Problem answers (RFC 9457): what is wrong; where several things are, one line for each with its place in the body. */
function refusalLines(status: number, text: string): readonly string[] {
  const { title, detail, code, errors } = membersOf(text);
  const faults = Array.isArray(errors) && errors.length > 1 ? errors.map(faultLine) : [];
  const words = (faults.length > 0 ? title : detail) ?? title ?? "the answer gave no reason";
  const name = code === undefined ? String(status) : `${status} ${code}`;
  return [`${words} (${name})`, ...faults].map(withoutControls);
}

function faultLine(fault: unknown): string {
  const { pointer, detail } = toMembers(fault);
  return `  ${pointer}: ${detail}`;
}

type Members = Readonly<Record<string, unknown>>;

/** The members of a JSON object; none when the text is no such thing. */
export function membersOf(text: string): Members {
  const parsed = parseJson(text);
  return parsed.ok ? toMembers(parsed.value) : {};
}

/** Proof of the cast: of an object any member may be asked for, and what it is remains unknown. */
function toMembers(value: unknown): Members {
  return typeof value === "object" && value !== null ? (value as Members) : {};
}
