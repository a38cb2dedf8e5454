// A trigger: who wants which events, where to and how. What is secret in it is sealed before it reaches a store.
import type { FormatName } from "@posthorn/wire/formats";
import type { RetryPolicy } from "./backoff.ts";
import type { Filter } from "./filters.ts";

export const triggerNamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

export interface WebhookTarget {
  readonly kind: "webhook";
  readonly url: string;
  /** The user's own request headers; their values may be credentials and are sealed at rest. */
  readonly headers: Readonly<Record<string, string>>;
}
export type TriggerTarget = WebhookTarget;

export interface SigningSecret {
  /** `whsec_…` or `whsk_…`. */
  readonly value: string;
  /** Milliseconds since 1970; null is the current one. An old one still signs until then, so that receivers can change over. */
  readonly expiresAt: number | null;
}

/** Whether a target agrees to be sent to: the CloudEvents webhook validation (WH-11 to WH-15). */
export interface Consent {
  /** Pending: it may still agree by the callback, or could not be asked. Refused: it answered, and did not agree. */
  readonly state: "pending" | "verified" | "refused";
  /** Since when. */
  readonly at: number;
  /** The WebHook-Request-Origin that it was asked with, and that every delivery repeats (WH-4). */
  readonly origin: string;
  /** Why it is not verified. */
  readonly detail: string | null;
  /** How the target may still agree, once: the SHA-256 of the secret in the callback's URL, in hex. */
  readonly callback: { readonly hash: string; readonly expiresAt: number } | null;
}

/** What its user says of a trigger. */
export interface TriggerDefinition {
  readonly name: string;
  readonly types: readonly string[];
  readonly filters: readonly Filter[];
  readonly target: TriggerTarget;
  readonly format: FormatName;
  /** Milliseconds for one whole try, from the name's resolution to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  /** A trigger that is not enabled asks for nothing: events pass it by. */
  readonly enabled: boolean;
  /** `required`: nothing is sent until the target has consented. */
  readonly validation: "off" | "required";
}

export interface Trigger extends TriggerDefinition {
  readonly id: number;
  readonly projectId: number;
  /** Why nothing is sent although events are still collected for it (a person's wish, or status 410); null when it runs. */
  readonly paused: { readonly reason: string; readonly at: number } | null;
  /** Null where the target has not been asked. */
  readonly consent: Consent | null;
  /** The current secret first. */
  readonly secrets: readonly SigningSecret[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Why nothing is sent although it may be owed; null when the trigger runs. */
export function whyIdle({
  enabled,
  paused,
  validation,
  consent,
}: Trigger): "disabled" | "paused" | "unverified" | null {
  if (!enabled) return "disabled";
  if (paused !== null) return "paused";
  return validation === "required" && consent?.state !== "verified" ? "unverified" : null;
}

/** A secret signs while it is current or in its grace period. */
export function signingSecrets(trigger: Trigger, now: number): readonly string[] {
  return trigger.secrets.filter((secret) => (secret.expiresAt ?? Number.POSITIVE_INFINITY) > now).map((s) => s.value);
}
