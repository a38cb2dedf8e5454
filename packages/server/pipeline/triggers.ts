// Triggers as their users change them: made, edited, paused, resumed, given a new secret, deleted. Every change is seen by
// the next publish on this node when the act has answered, and by every other node's through the catalogue's version.
import { formatSecret } from "@posthorn/wire/signature";
import type { SigningSecret, Trigger, TriggerDefinition } from "../domain/trigger.ts";
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
  /** What waits for it is cancelled; what was tried stays readable. */
  remove(projectId: number, name: string): Promise<boolean>;
}

/** Secrets that may be in their grace period at once. */
const maxOldSecrets = 5;
const secretBytes = 32;

export function createTriggers(parts: TriggerParts): Triggers {
  const seal = (definition: TriggerDefinition, secrets: readonly SigningSecret[]) =>
    sealTrigger(definition, secrets, parts.vault);
  return {
    create: (view, definition, { maxTriggers }, secret = makeSecret(parts)) =>
      create(parts, view, maxTriggers, seal(definition, [{ value: secret, expiresAt: null }])),
    update: (projectId, name, edit) =>
      change(parts, projectId, name, (trigger) => seal(edit(trigger), trigger.secrets)),
    pause: (projectId, name, reason) => pause(parts, projectId, name, reason),
    resume: (projectId, name) => change(parts, projectId, name, () => ({ paused: null })),
    rotateSecret: (projectId, name, graceMs, secret = makeSecret(parts)) =>
      change(parts, projectId, name, (trigger) =>
        seal(definitionOf(trigger), withSecret(trigger, secret, graceMs, parts.clock.now())),
      ),
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

/** Reads, changes and writes until no other change came in between. */
async function change(
  { store, catalogue, clock, dispatch, vault }: TriggerParts,
  projectId: number,
  name: string,
  patchOf: (trigger: Trigger) => TriggerPatch,
): Promise<Put<Trigger>> {
  let view = await catalogue.byId(projectId);
  for (;;) {
    const trigger = view?.named(name);
    if (trigger === undefined) return { kind: "missing" };
    const basedOn = trigger.updatedAt;
    const patch = patchOf(trigger);
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

/** The part of a trigger that its user wrote. */
function definitionOf(trigger: Trigger): TriggerDefinition {
  const { name, types, filters, target, format, timeoutMs, retry, enabled } = trigger;
  return { name, types, filters, target, format, timeoutMs, retry, enabled };
}
