// One try at a delivery, as it is kept: the proof.
import type { OutcomeName, Phase } from "./outcome.ts";

/** What was sent and what came back, as the API shows it. Credentials are masked before they get here. */
export interface AttemptEvidence {
  readonly phase?: Phase;
  readonly error?: string;
  /** What of the answer was read but not followed, and why. */
  readonly note?: string;
  readonly request?: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Of the body. */
    readonly bytes: number;
  };
  readonly response?: {
    readonly headers: Readonly<Record<string, string>>;
    /** Text, or base64 where `encoding` says so. */
    readonly body: string;
    readonly encoding?: "base64";
    readonly truncated: boolean;
  };
}

export interface Attempt {
  /** 1, 2, 3 … in the order in which the tries of a delivery ended. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly outcome: OutcomeName;
  readonly status: number | null;
  readonly evidence: AttemptEvidence;
}
