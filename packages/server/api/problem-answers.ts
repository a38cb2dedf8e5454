// The one place where something that went wrong becomes an answer: problem+json (RFC 9457), or the shape of the face that
// was spoken to. What is not a problem of the caller's is told to the facts and leaves no trace of the inside.
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import type { Tell } from "../observe/facts.ts";
import { StoreError, type StoreErrorCode } from "../store/errors.ts";
import type { Face } from "./faces/face.ts";
import { Problem, type ProblemCode, problemBody, problemKinds } from "./problems.ts";

export interface ProblemAnswers {
  /** Answers whatever was thrown while a request was served. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply;
}

export function createProblemAnswers(tell: Tell, faces: readonly Face[]): ProblemAnswers {
  return {
    answer(error, request, reply) {
      const problem = problemFrom(error, request, tell);
      if (request.routeOptions.config.publishes === true) tell({ kind: "events.rejected", code: problem.code });
      const face = faces.find(({ prefixes }) => prefixes.some((prefix) => request.url.startsWith(prefix)));
      return (
        reply
          .code(problemKinds[problem.code].status)
          .headers(problem.headers)
          .type(face === undefined ? "application/problem+json" : "application/json; charset=utf-8")
          // As bytes, because the framework would add a charset to text, which this media type does not have.
          .send(Buffer.from(face === undefined ? problemBody(problem) : face.writeProblem(problem)))
      );
    },
  };
}

function problemFrom(error: unknown, request: FastifyRequest, tell: Tell): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof StoreError) return storeProblem(error, tell);
  if (error instanceof Error && "statusCode" in error) {
    // Everything the framework throws has a status code.
    const problem = frameworkProblem(error as FastifyError, request);
    if (problem !== undefined) return problem;
  }
  tell({ kind: "trouble", where: "api", error });
  return new Problem("internal_error", "something went wrong inside; the log of the node says what");
}

// ── The store ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** With the seconds after which another try may do better. */
const storeProblems: Partial<Readonly<Record<StoreErrorCode, readonly [ProblemCode, string, number]>>> = {
  store_busy: ["store_busy", "more requests wait than the store can take", 1],
  store_full: ["store_full", "the disk of the node is full", 60],
  store_unavailable: ["store_unavailable", "the store cannot be reached", 5],
  store_closed: ["store_unavailable", "the node is stopping", 5],
};

function storeProblem(error: StoreError, tell: Tell): Problem {
  tell({ kind: "trouble", where: "api", error });
  const known = storeProblems[error.code];
  if (known === undefined) return new Problem("internal_error", "the store has failed; the log of the node says how");
  const [code, detail, retryAfterSeconds] = known;
  return new Problem(code, detail, { headers: { "retry-after": String(retryAfterSeconds) } });
}

// ── The framework ──────────────────────────────────────────────────────────────────────────────────────────────────

function frameworkProblem(error: FastifyError, request: FastifyRequest): Problem | undefined {
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new Problem("body_too_large", `the body has more than ${request.routeOptions.bodyLimit} bytes`);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return unsupportedMediaType(request.routeOptions.config.accepts ?? "application/json");
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return new Problem("malformed_request", "the body is not as long as Content-Length says");
    case "FST_ERR_BAD_URL":
      return new Problem("malformed_request", "the path is not percent-encoded UTF-8");
    case "FST_ERR_MAX_PARAM_LENGTH":
      return new Problem("url_too_long", "a part of the path is longer than any name or id of ours");
    default:
      return error.statusCode !== undefined && error.statusCode < 500
        ? new Problem("malformed_request", "the request cannot be read")
        : undefined;
  }
}

export function unsupportedMediaType(accepted: string): Problem {
  return new Problem("unsupported_media_type", `the body must be of a content type that this path takes: ${accepted}`, {
    headers: { accept: accepted },
  });
}

// ── Before there is a request ──────────────────────────────────────────────────────────────────────────────────────

/** What is written to a connection whose bytes are no request: `errorCode` is the parser's. */
export function rawAnswer(errorCode: string | undefined): string {
  const problem = rawProblem(errorCode);
  const { status, title } = problemKinds[problem.code];
  const body = problemBody(problem);
  return [
    `HTTP/1.1 ${status} ${title}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}

function rawProblem(errorCode: string | undefined): Problem {
  switch (errorCode) {
    case "HPE_HEADER_OVERFLOW":
      return new Problem("headers_too_large", "the headers have more than 64 KiB");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new Problem("request_timeout", "the request came too slowly");
    default:
      return new Problem("malformed_request", "this is not HTTP/1.1");
  }
}
