// The one stream of facts. Every step of the way of an event says what it did, once; log, metrics, the live view and
// tests all listen here, so that they can never disagree.
import type { DeliveryState } from "../domain/delivery.ts";
import type { OutcomeName, Phase } from "../domain/outcome.ts";

export type Fact =
  | {
      readonly kind: "event.accepted";
      readonly projectId: number;
      readonly eventId: string;
      readonly type: string;
      readonly deliveries: number;
      readonly duplicate: boolean;
    }
  | { readonly kind: "events.rejected"; readonly code: string }
  | {
      readonly kind: "attempt.finished";
      readonly projectId: number;
      readonly triggerId: number;
      readonly trigger: string;
      readonly deliveryId: string;
      readonly eventId: string;
      readonly type: string;
      /** Of this try among the tries that count. */
      readonly attempt: number;
      readonly outcome: OutcomeName;
      readonly status: number | null;
      readonly phase: Phase | null;
      readonly error: string | null;
      readonly durationMs: number;
      /** What the delivery came to by it. */
      readonly state: DeliveryState;
      readonly nextAttemptAt: number | null;
      /** From acceptance, or from its time where it was scheduled, to the end of this try. */
      readonly sinceDueMs: number;
    }
  | { readonly kind: "claim.lost"; readonly projectId: number; readonly deliveryId: string }
  | {
      readonly kind: "trigger.paused";
      readonly projectId: number;
      readonly triggerId: number;
      readonly trigger: string;
      readonly reason: string;
    }
  | { readonly kind: "deliveries.claimed"; readonly count: number }
  | { readonly kind: "deliveries.recovered"; readonly count: number }
  | { readonly kind: "rows.pruned"; readonly count: number }
  /** Something of the platform itself went wrong; it goes on, and says so. */
  | { readonly kind: "trouble"; readonly where: string; readonly error: unknown };

export type Tell = (fact: Fact) => void;

export interface Facts {
  readonly tell: Tell;
  /** Answers the function that ends the listening. A listener that throws is not heard of again. */
  listen(listener: Tell): () => void;
}

export function createFacts(): Facts {
  const listeners = new Set<Tell>();
  return {
    tell(fact) {
      for (const listener of listeners) {
        try {
          listener(fact);
        } catch {
          // A broken listener must not stop a delivery.
          listeners.delete(listener);
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
