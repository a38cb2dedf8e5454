// The way of an event, whole:
//
//   accept ──► match ──► store ──► dispatch ──► attempt ──► record ──► (retry: back to dispatch when due)
//
// An application's request runs to the store in one act; from there the dispatcher carries each delivery to its end.
import type { Facts } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Network } from "../outside/network.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { Vault } from "../outside/vault.ts";
import type { Store } from "../store/store.ts";
import type { Target } from "../targets/target.ts";
import { type Accept, type AcceptLimits, createAccept } from "./accept.ts";
import { attempt } from "./attempt.ts";
import { type Catalogue, createCatalogue } from "./catalogue.ts";
import { askingTriggers, type ConsentSettings, type Consents, createConsents } from "./consent.ts";
import { createDispatch, type Dispatch } from "./dispatch.ts";
import type { LaneLimits } from "./lanes.ts";
import { type CreateProject, createProjects } from "./projects.ts";
import { createRecord } from "./record.ts";
import { createRepeats, type Repeats } from "./repeats.ts";
import { createTriggers, type Triggers } from "./triggers.ts";

export interface PipelineParts {
  readonly store: Store;
  readonly targets: ReadonlyMap<string, Target>;
  /** For what is asked of targets beside deliveries. */
  readonly network: Pick<Network, "exchange">;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly facts: Facts;
  /** This run of this node: what its leases are held under. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly lanes: LaneLimits;
  readonly accept: AcceptLimits;
  readonly consent: ConsentSettings;
}

export interface Pipeline {
  readonly accept: Accept;
  readonly dispatch: Dispatch;
  readonly catalogue: Catalogue;
  readonly createProject: CreateProject;
  readonly triggers: Triggers;
  readonly consents: Consents;
  readonly repeats: Repeats;
}

export function createPipeline(parts: PipelineParts): Pipeline {
  const { store, clock, randomness, vault, owner, leaseMs } = parts;
  const { tell } = parts.facts;
  const catalogue = createCatalogue(store, vault);
  const record = createRecord({ store, catalogue, clock, randomness, tell });
  const dispatch = createDispatch({
    store,
    catalogue,
    attempt: (claimed, trigger, signal) => attempt(parts, claimed, trigger, signal),
    record,
    clock,
    tell,
    owner,
    leaseMs,
    lanes: parts.lanes,
  });
  const accept = createAccept({ store, catalogue, dispatch, clock, randomness, tell, limits: parts.accept });
  const bareTriggers = createTriggers({ store, catalogue, dispatch, clock, randomness, vault, tell });
  const { network, consent } = parts;
  const consents = createConsents({ triggers: bareTriggers, catalogue, network, clock, randomness, ...consent });
  const triggers = askingTriggers(bareTriggers, consents);
  const repeats = createRepeats({ store, catalogue, dispatch, clock, randomness });
  const createProject = createProjects({ store, catalogue, dispatch, clock, randomness, tell });
  return { accept, dispatch, catalogue, createProject, triggers, consents, repeats };
}
