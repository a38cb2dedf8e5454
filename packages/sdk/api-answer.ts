// Reads an answer that is an error: application/problem+json (RFC 9457), or whatever a proxy on the way said instead.
import {
  type ApiAnswer,
  ApiError,
  ConflictError,
  type Fault,
  ForbiddenError,
  HookRefusedError,
  InvalidRequestError,
  NotFoundError,
  RateLimitedError,
  ServerError,
  UnauthenticatedError,
} from "./errors.ts";
import { readRetryAfter } from "./retry.ts";

/** The most of a foreign answer that is worth showing. */
const maxShownLength = 200;

export function apiErrorOf(response: Response, text: string, nowMs: number): ApiError {
  const { status } = response;
  const problem = problemIn(text);
  const code = textIn(problem, "code") ?? `http_${status}`;
  const title = textIn(problem, "title") ?? `HTTP ${status}`;
  const detail = textIn(problem, "detail") ?? (text.slice(0, maxShownLength).trim() || title);
  const answer: ApiAnswer = {
    status,
    title,
    faults: faultsIn(problem),
    retryAfterMs: readRetryAfter(response.headers.get("retry-after"), nowMs),
  };
  if (code === "hook_refused")
    return new HookRefusedError(code, detail, { ...answer, functionName: textIn(problem, "function") });
  const Kind = kindOf(status);
  return new Kind(code, detail, answer);
}

function kindOf(status: number): typeof ApiError {
  switch (status) {
    case 400:
    case 413:
    case 415:
      return InvalidRequestError;
    case 401:
      return UnauthenticatedError;
    case 403:
      return ForbiddenError;
    case 404:
      return NotFoundError;
    case 409:
    case 422:
      return ConflictError;
    case 429:
      return RateLimitedError;
    default:
      return status >= 500 ? ServerError : ApiError;
  }
}

function problemIn(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** A member of the wrong type counts as not there (PD-2). */
function textIn(object: object, name: string): string | undefined {
  const value: unknown = Reflect.get(object, name);
  return typeof value === "string" ? value : undefined;
}

function faultsIn(problem: object): readonly Fault[] {
  const errors: unknown = Reflect.get(problem, "errors");
  if (!Array.isArray(errors)) return [];
  return errors
    .filter((each) => typeof each === "object" && each !== null)
    .map((each) => ({ detail: textIn(each, "detail") ?? "", pointer: textIn(each, "pointer") ?? "#" }));
}
