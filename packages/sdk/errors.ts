// What the client throws: one root, a class for each kind of trouble, a stable `code` in every one of them.

/** The root of all errors of this package. */
export class PosthornError extends Error {
  /** Stable; made for programs, as the message is for people. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One of several things that are wrong with a request. */
export interface Fault {
  readonly detail: string;
  /** A JSON pointer into the body that was sent, such as `#/0/type`. */
  readonly pointer: string;
}

/** What an ApiError tells besides its code and message. */
export interface ApiAnswer {
  readonly status: number;
  readonly title: string;
  readonly faults: readonly Fault[];
  /** How long the answer asked to wait, where it did. */
  readonly retryAfterMs: number | undefined;
}

/** Posthorn answered with an error; `code` is one of its table of errors. */
export class ApiError extends PosthornError {
  readonly status: number;
  readonly title: string;
  readonly faults: readonly Fault[];
  readonly retryAfterMs: number | undefined;

  constructor(code: string, detail: string, answer: ApiAnswer) {
    super(code, detail);
    this.status = answer.status;
    this.title = answer.title;
    this.faults = answer.faults;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** 401: the key is missing or not valid. */
export class UnauthenticatedError extends ApiError {}

/** 403: the key is valid and may not do this. */
export class ForbiddenError extends ApiError {}

/** 404: there is no such thing, or the key is not one of its project. */
export class NotFoundError extends ApiError {}

/** 409 and 422: it cannot be done in the present state. */
export class ConflictError extends ApiError {}

/** 400, 413 and 415: the request itself is wrong; `faults` says where. */
export class InvalidRequestError extends ApiError {}

/** 429: too many requests; `retryAfterMs` says for how long. */
export class RateLimitedError extends ApiError {}

/** 5xx: the trouble is on the other side. */
export class ServerError extends ApiError {}

/** A function refused the operation; the message is the function's own. */
export class HookRefusedError extends ApiError {
  /** The name of the function, where the answer gave it. */
  readonly functionName: string | undefined;

  constructor(code: string, detail: string, answer: ApiAnswer & { readonly functionName: string | undefined }) {
    super(code, detail, answer);
    this.functionName = answer.functionName;
  }
}

/** No answer came: `code` is `network` or `timeout`, `cause` what the runtime said. */
export class NetworkError extends PosthornError {}
