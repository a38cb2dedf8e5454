// SEAM 2. A target is a kind of place that deliveries go to. It gets one delivery at a time and says in a value how the
// try went; what follows from that (done, again later, given up) is decided elsewhere.
import type { Event } from "@posthorn/wire/event";
import type { FormatName } from "@posthorn/wire/formats";
import type { Outcome } from "../domain/outcome.ts";
import type { TriggerTarget } from "../domain/trigger.ts";

export interface DeliveryRequest {
  readonly event: Event;
  /** The event's integer number, one and the same for all its deliveries: what `resource` calls its id. */
  readonly sequence: number;
  /** The same for all tries, so that a receiver can tell a repeat. */
  readonly deliveryId: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** When this try begins, in milliseconds since 1970. */
  readonly nowMs: number;
  readonly target: TriggerTarget;
  readonly format: FormatName;
  /** For the whole try. */
  readonly timeoutMs: number;
  /** The current one first, then those in their grace period; all of them sign. */
  readonly secrets: readonly string[];
  /** As whom the target has consented to be sent to, where it was asked (WH-4). */
  readonly origin: string | null;
}

/** The outcome and its proof, as far as the try came. */
export interface AttemptReport {
  readonly outcome: Outcome;
  readonly request?: {
    readonly url: string;
    /** As sent, with credentials masked. */
    readonly headers: Readonly<Record<string, string>>;
    /** Of the body. */
    readonly bytes: number;
  };
  readonly response?: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: Uint8Array;
    readonly truncated: boolean;
  };
}

export interface Target {
  /** The `kind` of the trigger targets that it serves. */
  readonly kind: string;
  /** One try. Never rejects, ends within `timeoutMs`, and soon after `signal` aborts, with `interrupted`. */
  deliver(request: DeliveryRequest, signal: AbortSignal): Promise<AttemptReport>;
}
