// The four errors of globalMOO's event handling (SEEDS §4), by the names that its document gives them.
import { PosthornError } from "./errors.ts";
import type { Issue } from "./schema-check.ts";

/** What was wrong with a message, the same words for `handleEvent` and for receivers. */
export type RefusalCode =
  | "missing_header"
  | "bad_timestamp"
  | "no_match"
  | "body_already_parsed"
  | "bad_payload"
  | "unknown_type";

/** The root of what `handleEvent` throws: catch it, and everything is caught. */
export class GlobalMooException extends PosthornError {
  declare readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** The payload is not JSON, lacks required fields, or does not carry a signature of this message. */
export class InvalidArgumentException extends GlobalMooException {}

/** The event's name is not known. */
export class InvalidEventException extends GlobalMooException {
  constructor(message: string) {
    super("unknown_type", message);
  }
}

/** The event's data is not of the shape that its name promises. */
export class ValidationException extends GlobalMooException {
  readonly issues: readonly Issue[];

  constructor(message: string, issues: readonly Issue[]) {
    super("bad_payload", message);
    this.issues = issues;
  }
}
