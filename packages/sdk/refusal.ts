// Why a message was not taken: a code for programs, a status for the sender, a sentence for people.
import type { RefusalCode } from "./exceptions.ts";

export interface Refusal {
  readonly code: RefusalCode;
  /** The HTTP status that the sender is told. */
  readonly status: number;
  readonly message: string;
}

export function refusal(code: RefusalCode, message: string, status = 400): Refusal {
  return { code, status, message };
}

/** What an HTTP framework did to the body before the receiver saw it, and the line that undoes it. */
export function alreadyParsed(remedy: string): Refusal {
  const message = `the body was parsed before its signature could be checked, and its bytes are lost: ${remedy}`;
  // The fault is on this side: after the line has been changed, the sender's next try will do.
  return refusal("body_already_parsed", message, 500);
}
