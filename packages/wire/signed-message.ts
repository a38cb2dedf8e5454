// What a Standard Webhooks message says of itself, before any key is tried: the three headers, their rules and the time
// (STANDARDS §5). The same on every runtime.
import { decodeBase64 } from "./base64.ts";
import type { MessageHeaders } from "./cloudevents.ts";
import { failure, type Result, success } from "./errors.ts";

export interface SignedMessage {
  /** `webhook-id`: the same for every try of one message, without a "." (SW-2). */
  readonly id: string;
  /** `webhook-timestamp`: whole seconds since 1970 of this very try. */
  readonly timestampSeconds: number;
  /** The bytes that are sent, exactly; a string stands for its UTF-8. */
  readonly body: Uint8Array | string;
}

/**
 * What is signed in front of the body.
 * @throws TypeError for an id with a "." in it: ids are ours to make, so here it is a mistake of the program.
 */
export function signedPrefix({ id, timestampSeconds }: SignedMessage): string {
  if (id.includes(".")) throw new TypeError('the id of a signed message must not hold a "."');
  return `${id}.${timestampSeconds}.`;
}

export interface VerifyOptions {
  readonly nowSeconds: number;
  /** How far the timestamp may be from now, either way; the default is 300 (SW-18). */
  readonly toleranceSeconds?: number;
}

export interface VerifiedMessage {
  readonly id: string;
  readonly timestampSeconds: number;
}

export interface SignatureClaim extends VerifiedMessage {
  /** What is signed in front of the body. */
  readonly prefix: string;
  /** The signatures that were given, `v1,…` and others. */
  readonly candidates: readonly string[];
}

/** More than a rotation ever needs; bounds what a hostile header can cost. */
const maxSignatures = 32;

/** Reads the three headers and checks the time; only the first 32 signatures are looked at. */
export function readSignatureClaim(headers: MessageHeaders, options: VerifyOptions): Result<SignatureClaim> {
  const id = headerValue(headers, "webhook-id");
  const timestamp = headerValue(headers, "webhook-timestamp");
  const signatures = headerValue(headers, "webhook-signature");
  if (id === "" || timestamp === "" || signatures === "")
    return failure("missing_header", "webhook-id, webhook-timestamp and webhook-signature must all be there, once");
  const time = checkTimestamp(timestamp, options);
  if (!time.ok) return time;
  const candidates = signatures.split(" ", maxSignatures);
  return success({ id, timestampSeconds: time.value, prefix: `${id}.${timestamp}.`, candidates });
}

export const noMatch = failure("no_match", "webhook-signature must hold a signature of this message by a known key");

function checkTimestamp(timestamp: string, { nowSeconds, toleranceSeconds = 300 }: VerifyOptions): Result<number> {
  // Strict, where parseInt would read "1614265330abc" (SW-19).
  if (!/^\d{1,12}$/.test(timestamp))
    return failure("bad_timestamp", "webhook-timestamp must be whole seconds since 1970, digits only");
  const seconds = Number(timestamp);
  if (seconds < nowSeconds - toleranceSeconds)
    return failure("timestamp_too_old", `webhook-timestamp must not be older than ${toleranceSeconds} seconds`);
  if (seconds > nowSeconds + toleranceSeconds)
    return failure("timestamp_too_new", `webhook-timestamp must not be more than ${toleranceSeconds} seconds ahead`);
  return success(seconds);
}

/** The value of a header in any case; empty when it is not there, or is there more than once. */
export function headerValue(headers: MessageHeaders, name: string): string {
  let value = headers[name];
  if (value === undefined) for (const each in headers) if (each.toLowerCase() === name) value = headers[each];
  if (typeof value === "string") return value;
  return value?.length === 1 ? (value[0] ?? "") : "";
}

/** The bytes of the given signatures of one version, such as "v1"; what is not base64 is passed over. */
export function signaturesOf(version: "v1" | "v1a", candidates: readonly string[]): readonly Uint8Array[] {
  const start = `${version},`;
  return candidates.flatMap((candidate) => {
    const bytes = candidate.startsWith(start) ? decodeBase64(candidate.slice(start.length)) : undefined;
    return bytes === undefined ? [] : [bytes];
  });
}
