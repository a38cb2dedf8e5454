// Triggers as their users change them: made, edited, paused, resumed, given a new secret, deleted. Every change is seen by
// the next publish on this node when the act has answered, and by every other node's through the catalogue's version.
import { formatSecret } from "@posthorn/wire/signature";
import type { Consent, SigningSecret, Trigger, TriggerDefinition } from "../domain/trigger.ts";
import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { Vault } from "../outside/vault.ts";
import type { Put, Store, TriggerPatch, TriggerRecord } from "../store/store.ts";
import { type Catalogue, openTrigger, type ProjectView, sealTrigger } from "./catalogue.ts";
import type { Dispatch } from "./dispatch.ts";

export interface TriggerParts {
  readonly store: Pick<Store, "createTrigger" | "updateTrigger" | "deleteTrigger">;
  readonly catalogue: Catalogue;
  readonly dispatch: Pick<Dispatch, "wake">;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly vault: Vault;
  readonly tell: Tell;
}

export interface Triggers {
  /** Without `secret` one is made. */
  create(
    view: ProjectView,
    definition: TriggerDefinition,
    limits: { readonly maxTriggers: number },
    secret?: string,
  ): Promise<Put<Trigger>>;
  update(projectId: number, name: string, change: (trigger: Trigger) => TriggerDefinition): Promise<Put<Trigger>>;
  /** Events are still collected for it; nothing is sent until it is resumed. */
  pause(projectId: number, name: string, reason: string): Promise<Put<Trigger>>;
  resume(projectId: number, name: string): Promise<Put<Trigger>>;
  /** The old secret goes on signing beside the new one for `graceMs`. */
  rotateSecret(projectId: number, name: string, graceMs: number, secret?: string): Promise<Put<Trigger>>;
  /** Leaves the trigger as it is where `consentOf` answers undefined. */
  setConsent(
    projectId: number,
    name: string,
    consentOf: (trigger: Trigger) => Consent | undefined,
  ): Promise<Put<Trigger>>;
  /** What waits for it is cancelled; what was tried stays readable. */
  remove(projectId: number, name: string): Promise<boolean>;
}

/** Secrets that may be in their grace period at once. */
const maxOldSecrets = 5;
const secretBytes = 32;

export function createTriggers(parts: TriggerParts): Triggers {
  const seal = (definition: TriggerDefinition, kept: Pick<Trigger, "secrets" | "consent">) =>
    sealTrigger(definition, kept, parts.vault);
  return {
    create: (view, definition, { maxTriggers }, secret = makeSecret(parts)) =>
      create(
        parts,
        view,
        maxTriggers,
        seal(definition, { secrets: [{ value: secret, expiresAt: null }], consent: null }),
      ),
    update: (projectId, name, edit) =>
      change(parts, projectId, name, (trigger) => {
        const definition = edit(trigger);
        return seal(definition, { ...trigger, consent: consentAfter(trigger, definition) });
      }),
    pause: (projectId, name, reason) => pause(parts, projectId, name, reason),
    resume: (projectId, name) => change(parts, projectId, name, () => ({ paused: null })),
    rotateSecret: (projectId, name, graceMs, secret = makeSecret(parts)) =>
      change(parts, projectId, name, (trigger) =>
        seal(definitionOf(trigger), {
          ...trigger,
          secrets: withSecret(trigger, secret, graceMs, parts.clock.now()),
        }),
      ),
    setConsent: (projectId, name, consentOf) =>
      change(parts, projectId, name, (trigger) => {
        const consent = consentOf(trigger);
        return consent === undefined ? undefined : seal(definitionOf(trigger), { ...trigger, consent });
      }),
    remove: (projectId, name) => remove(parts, projectId, name),
  };
}

async function create(
  { store, catalogue, clock, vault }: TriggerParts,
  { project }: ProjectView,
  maxTriggers: number,
  sealed: ReturnType<typeof sealTrigger>,
): Promise<Put<Trigger>> {
  const result = await store.createTrigger({ now: clock.now(), projectId: project.id, maxTriggers, ...sealed });
  await catalogue.refresh(project.id);
  return opened(result, vault);
}

/** Reads, changes and writes until no other change came in between. Without a patch nothing is written. */
async function change(
  { store, catalogue, clock, dispatch, vault }: TriggerParts,
  projectId: number,
  name: string,
  patchOf: (trigger: Trigger) => TriggerPatch | undefined,
): Promise<Put<Trigger>> {
  let view = await catalogue.byId(projectId);
  for (;;) {
    const trigger = view?.named(name);
    if (trigger === undefined) return { kind: "missing" };
    const basedOn = trigger.updatedAt;
    const patch = patchOf(trigger);
    if (patch === undefined) return { kind: "done", value: trigger };
    const result = await store.updateTrigger({ now: clock.now(), projectId, triggerId: trigger.id, basedOn, patch });
    view = await catalogue.refresh(projectId);
    if (result.kind === "conflict") continue;
    dispatch.wake();
    return opened(result, vault);
  }
}

async function pause(parts: TriggerParts, projectId: number, name: string, reason: string): Promise<Put<Trigger>> {
  const result = await change(parts, projectId, name, () => ({ paused: { reason, at: parts.clock.now() } }));
  if (result.kind === "done")
    parts.tell({ kind: "trigger.paused", projectId, triggerId: result.value.id, trigger: name, reason });
  return result;
}

async function remove({ store, catalogue, clock }: TriggerParts, projectId: number, name: string): Promise<boolean> {
  const trigger = (await catalogue.byId(projectId))?.named(name);
  if (trigger === undefined) return false;
  const removed = await store.deleteTrigger({ now: clock.now(), projectId, triggerId: trigger.id });
  await catalogue.refresh(projectId);
  return removed;
}

function opened(result: Put<TriggerRecord>, vault: Vault): Put<Trigger> {
  return result.kind === "done" ? { kind: "done", value: openTrigger(result.value, vault) } : result;
}

function makeSecret({ randomness }: TriggerParts): string {
  return formatSecret(randomness.bytes(secretBytes));
}

/** The new one first; the others sign until `graceMs` from now at the latest. */
function withSecret(trigger: Trigger, value: string, graceMs: number, now: number): readonly SigningSecret[] {
  const old = trigger.secrets
    .map((secret) => ({ ...secret, expiresAt: Math.min(secret.expiresAt ?? Number.POSITIVE_INFINITY, now + graceMs) }))
    .filter((secret) => secret.expiresAt > now);
  return [{ value, expiresAt: null }, ...old.slice(0, maxOldSecrets)];
}

/** Who consented did so for one URL. */
function consentAfter({ target, consent }: Trigger, changed: TriggerDefinition): Consent | null {
  return changed.validation === "required" && changed.target.url === target.url ? consent : null;
}

/** The part of a trigger that its user wrote. */
function definitionOf(trigger: Trigger): TriggerDefinition {
  const { name, types, filters, target, format, timeoutMs, retry, enabled, validation } = trigger;
  return { name, types, filters, target, format, timeoutMs, retry, enabled, validation };
}
