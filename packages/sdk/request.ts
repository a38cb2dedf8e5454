// One call of the API: written, sent, repeated where that is safe and worth it, and read. Everything that the client asks
// goes through here.
import { apiErrorOf } from "./api-answer.ts";
import { type ApiError, NetworkError, PosthornError } from "./errors.ts";
import type { Outside } from "./outside.ts";
import { type RetryOptions, retryDelayMs } from "./retry.ts";

export interface CallOptions {
  /** Ends the call, its pauses and repeats included. */
  readonly signal?: AbortSignal;
}

export interface CallWish extends CallOptions {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below the project: "/events". Segments that come from outside are written with `segment`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** JSON text. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A second request does no harm, so a lost answer may be asked for again. */
  readonly isRepeatable: boolean;
}

/** Resolves with the JSON of the answer, undefined where it has no body. */
export type Call = (wish: CallWish) => Promise<unknown>;

export interface CallerOptions {
  readonly url: string;
  readonly key: string | undefined;
  readonly project: string;
  readonly timeoutMs: number;
  readonly retry: RetryOptions;
  readonly outside: Outside;
}

export function segment(name: string): string {
  return encodeURIComponent(name);
}

export function createCall(options: CallerOptions): Call {
  return async (wish) => {
    for (let attempt = 1; ; attempt += 1) {
      const trouble = await attemptOnce(options, wish);
      if ("value" in trouble) return trouble.value;
      const delayMs = retryDelayMs(trouble.error, attempt, wish.isRepeatable, options.retry, options.outside.random());
      if (delayMs === undefined) throw trouble.error;
      await options.outside.pause(delayMs, wish.signal);
    }
  };
}

type Attempt = { readonly value: unknown } | { readonly error: ApiError | NetworkError };

async function attemptOnce(options: CallerOptions, wish: CallWish): Promise<Attempt> {
  const url = urlOf(options, wish);
  const headers = headersOf(options, wish);
  const deadline = options.outside.deadline(options.timeoutMs, wish.signal);
  try {
    const response = await options.outside.fetch(url, {
      method: wish.method,
      headers,
      redirect: "manual",
      signal: deadline,
      ...(wish.body === undefined ? {} : { body: wish.body }),
    });
    const text = await response.text();
    if (!response.ok) return { error: apiErrorOf(response, text, options.outside.now()) };
    return { value: text === "" ? undefined : JSON.parse(text) };
  } catch (cause) {
    wish.signal?.throwIfAborted();
    if (cause instanceof SyntaxError) throw new PosthornError("bad_answer", `${url} did not answer JSON`, { cause });
    if (deadline.aborted)
      return { error: new NetworkError("timeout", `no answer from ${url} in ${options.timeoutMs} ms`, { cause }) };
    return { error: new NetworkError("network", `cannot reach ${url}: ${reasonOf(cause)}`, { cause }) };
  }
}

function urlOf({ url, project }: CallerOptions, { path, query = {} }: CallWish): string {
  const whole = new URL(`${url.replace(/\/+$/, "")}/v1/projects/${segment(project)}${path}`);
  for (const [name, value] of Object.entries(query))
    if (value !== undefined) whole.searchParams.set(name, String(value));
  return whole.href;
}

function headersOf({ key }: CallerOptions, { headers, body }: CallWish): Record<string, string> {
  if (key === undefined) throw new PosthornError("no_key", "the client needs a key: new Client({ url, key })");
  return {
    authorization: `Bearer ${key}`,
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...headers,
  };
}

/** `fetch` says "fetch failed" and keeps what happened in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error.cause;
  const code: unknown = inner instanceof Error ? Reflect.get(inner, "code") : undefined;
  return typeof code === "string" ? code : inner instanceof Error ? inner.message : error.message;
}
