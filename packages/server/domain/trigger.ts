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
}

export interface Trigger extends TriggerDefinition {
  readonly id: number;
  readonly projectId: number;
  /** Why nothing is sent although events are still collected for it (a person's wish, or status 410); null when it runs. */
  readonly paused: { readonly reason: string; readonly at: number } | null;
  /** The current secret first. */
  readonly secrets: readonly SigningSecret[];
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A secret signs while it is current or in its grace period. */
export function signingSecrets(trigger: Trigger, now: number): readonly string[] {
  return trigger.secrets.filter((secret) => (secret.expiresAt ?? Number.POSITIVE_INFINITY) > now).map((s) => s.value);
}
