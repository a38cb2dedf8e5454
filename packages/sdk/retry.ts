// When the client asks again: exponential pauses with chance in them, and never before the answer's own Retry-After.
import { ApiError, type NetworkError } from "./errors.ts";

export interface RetryOptions {
  /** Tries after the first one. */
  readonly retries: number;
  /** The longest first pause; each later one may be twice as long. */
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  /** A Retry-After beyond this is not waited for: the error is thrown at once and carries it. */
  readonly maxRetryAfterMs: number;
}

export const defaultRetry: RetryOptions = {
  retries: 4,
  initialDelayMs: 500,
  maxDelayMs: 30_000,
  maxRetryAfterMs: 60_000,
};

/** Milliseconds to wait before the next try, undefined when there is to be none. `chance` is at least 0 and below 1. */
export function retryDelayMs(
  error: ApiError | NetworkError,
  attempt: number,
  isRepeatable: boolean,
  options: RetryOptions,
  chance: number,
): number | undefined {
  if (attempt > options.retries) return undefined;
  const ceiling = Math.min(options.initialDelayMs * 2 ** (attempt - 1), options.maxDelayMs);
  // Never under half, so that a crowd spreads out and nobody asks again at once.
  const backoffMs = ceiling * (0.5 + chance / 2);
  // Without an answer nobody knows whether the request was carried out.
  if (!(error instanceof ApiError)) return isRepeatable ? backoffMs : undefined;
  if (error.status !== 429 && error.status !== 503) return undefined;
  const retryAfterMs = error.retryAfterMs ?? 0;
  return retryAfterMs > options.maxRetryAfterMs ? undefined : Math.max(backoffMs, retryAfterMs);
}

/** Milliseconds that a `Retry-After` asks for; undefined where it is neither seconds nor a date. */
export function readRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // A date always holds letters; Date.parse would also take "-1" and "1.5".
  const at = /[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(at - nowMs, 0);
}
