// Seam: how receivers keep an event from being handled twice. A claim is taken before the handler and confirmed after it; a
// crash between the two lets the next try in when the lease has ended. claims-suite.ts holds every store to this.

/** Where claims are kept. Keys are texts of any length and characters. */
export interface Claims {
  /** Takes the key for `leaseMs`, unless it is confirmed or another holds it. */
  claim(key: string, leaseMs: number): Promise<Claim>;
  /** The work is done: the key stays taken for as long as the store keeps it. False when the lease was lost meanwhile. */
  confirm(key: string, token: string): Promise<boolean>;
  /** The work failed: the next try may begin at once. Without effect when the lease was lost meanwhile. */
  release(key: string, token: string): Promise<void>;
}

export type Claim =
  | { readonly kind: "claimed"; readonly token: string }
  /** Confirmed before: a duplicate. */
  | { readonly kind: "done" }
  /** Another holds it, for so long at most. */
  | { readonly kind: "busy"; readonly forMs: number };

export interface ClaimsOptions {
  /** How long a confirmed key is remembered, in milliseconds; 7 days if not given. */
  readonly keepMs?: number;
}

/** As long as a Posthorn goes on retrying, unless its triggers say otherwise. */
export const defaultKeepMs = 7 * 24 * 3_600_000;
