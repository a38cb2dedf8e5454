// What the API is built from. compose.ts brings all of it; nothing here knows which store or network stands behind.
import type { Config } from "../config.ts";
import type { Facts } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Store } from "../store/store.ts";

export interface ApiParts {
  readonly pipeline: Pipeline;
  readonly store: Store;
  readonly facts: Facts;
  readonly config: Pick<
    Config,
    "maxBodyBytes" | "maxBatchEvents" | "maxTriggers" | "rotationGraceHours" | "shutdownTimeoutMs"
  >;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** May do everything in every project. */
  readonly adminKey: string;
  /** The guard's word on a target's URL, as far as it can be said without asking a name server. */
  readonly checkTargetUrl: (url: string) => { readonly ok: true } | { readonly ok: false; readonly detail: string };
  readonly checkTargetHeaders: (headers: Readonly<Record<string, string>>) => TargetHeadersCheck;
  /** The metrics in the Prometheus text format 0.0.4. */
  readonly metrics: () => Promise<string>;
  readonly version: string;
}

export type TargetHeadersCheck =
  /** Names in lower case. */
  | { readonly ok: true; readonly headers: Readonly<Record<string, string>> }
  /** `name` is empty where the whole set breaks the rule. */
  | { readonly ok: false; readonly name: string; readonly detail: string };
