// What a try came to. Targets answer it, the pipeline decides by it, stores and the API keep its name: words and no
// more.

/** How far a try had come. */
export type Phase = "dns" | "connect" | "tls" | "send" | "headers" | "body";

export const outcomeNames = ["delivered", "rejected", "timeout", "network", "refused", "interrupted"] as const;
export type OutcomeName = (typeof outcomeNames)[number];

export type Outcome =
  | { readonly kind: "delivered"; readonly status?: number }
  | {
      readonly kind: "rejected";
      readonly status: number;
      /** The target's own wish (Retry-After), at most 24 hours. */
      readonly retryAfterMs?: number;
      /** Status 410: the target wants nothing more, ever (SEEDS, "Where the four conflict", 4). */
      readonly gone: boolean;
    }
  | { readonly kind: "timeout"; readonly phase: Phase; readonly detail: string }
  | { readonly kind: "network"; readonly phase: Phase; readonly detail: string }
  /** Posthorn's own policy forbids to send there; a further try cannot help. */
  | { readonly kind: "refused"; readonly detail: string }
  /** A shutdown cut the try off; it does not count. */
  | { readonly kind: "interrupted" };

/**
 * One sentence for the person who reads the attempt. It starts small and ends without a full stop, so that it can be
 * quoted.
 */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case "delivered":
      return outcome.status === undefined ? "delivered" : `the target answered ${outcome.status}`;
    case "rejected":
      return describeRejection(outcome);
    case "timeout":
    case "network":
    case "refused":
      return outcome.detail;
    case "interrupted":
      return "a shutdown cut the try off; it is made again";
    default:
      return outcome satisfies never;
  }
}

function describeRejection(outcome: Extract<Outcome, { readonly kind: "rejected" }>): string {
  const { status, retryAfterMs } = outcome;
  if (outcome.gone) return `the target answered ${status}: it is gone and wants nothing more`;
  if (status >= 300 && status < 400) return `the target answered ${status}; redirects are not followed`;
  if (retryAfterMs === undefined) return `the target answered ${status}`;
  return `the target answered ${status} and asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
}
