// The first thing that happens to a message: its signature, over the raw bytes and before anything reads them (SW-18).
import type { MessageHeaders } from "@posthorn/wire/cloudevents";
import type { Result } from "@posthorn/wire/errors";
import { readSecret } from "@posthorn/wire/secret";
import { type VerifiedMessage, verifyWithWebCrypto } from "@posthorn/wire/web-signature";
import { type Refusal, refusal } from "./refusal.ts";

/**
 * One secret, or several while they change over: `whsec_…`, `whpk_…` or `whsk_…`. `null` takes unsigned messages from
 * anyone who can reach the receiver.
 */
export type Secrets = string | readonly string[] | null | undefined;

export type Verify = (headers: MessageHeaders, body: Uint8Array | string, nowMs: number) => Promise<Verification>;

export type Verification =
  /** `messageId` is undefined for a message that nobody signed. */
  { readonly messageId: string | undefined } | { readonly refusal: Refusal };

/** @throws TypeError for secrets that are none: better at the start than at the first event. */
export function createVerify(secrets: Secrets, toleranceSeconds: number): Verify {
  if (secrets === null) return async () => ({ messageId: undefined });
  const keys = typeof secrets === "string" ? [secrets] : (secrets ?? []);
  if (keys.length === 0 || keys.includes(""))
    throw new TypeError("a receiver needs the secret of its trigger (whsec_…), or null to take unsigned messages");
  for (const key of keys) {
    const read = readSecret(key);
    if (!read.ok) throw new TypeError(read.faults[0]?.detail);
  }
  return async (headers, body, nowMs) => {
    const options = { nowSeconds: Math.floor(nowMs / 1000), toleranceSeconds };
    return verificationOf(await verifyWithWebCrypto(headers, body, keys, options));
  };
}

function verificationOf(result: Result<VerifiedMessage>): Verification {
  if (result.ok) return { messageId: result.value.id };
  const [{ code, detail } = noFault] = result.faults;
  switch (code) {
    case "missing_header":
      return { refusal: refusal("missing_header", detail) };
    case "bad_timestamp":
    case "timestamp_too_old":
    case "timestamp_too_new":
      return { refusal: refusal("bad_timestamp", detail) };
    default:
      return { refusal: refusal("no_match", detail) };
  }
}

const noFault = { code: "no_match", detail: "the message is not signed" } as const;
