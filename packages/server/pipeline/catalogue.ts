// The triggers of each project, ready to match: read from the store once, kept until a newer version is heard of.
// Staleness is no danger: the storing act compares versions (DESIGN §2), and a stale match is loaded and made again.
import type { Event } from "@posthorn/wire/event";
import { passesAll } from "../domain/filters.ts";
import { matchesType } from "../domain/matching.ts";
import type { Project } from "../domain/project.ts";
import type { Consent, SigningSecret, Trigger, TriggerDefinition } from "../domain/trigger.ts";
import type { Vault } from "../outside/vault.ts";
import type { ProjectCatalogue, Store, TriggerRecord } from "../store/store.ts";

/** A project and its triggers as of one version. */
export interface ProjectView {
  readonly project: Project;
  readonly version: number;
  readonly triggers: ReadonlyMap<number, Trigger>;
  named(name: string): Trigger | undefined;
  /** The enabled triggers that want the event, in the order of their creation. */
  matching(event: Event): readonly Trigger[];
}

export interface Catalogue {
  bySlug(slug: string): Promise<ProjectView | null>;
  byId(id: number): Promise<ProjectView | null>;
  /** What is known without asking; for places that cannot wait. */
  known(id: number): ProjectView | undefined;
  /** Reads the project anew; null when it is gone. */
  refresh(id: number): Promise<ProjectView | null>;
}

/** Projects kept in memory; the one longest unread makes room. */
const maxKnownProjects = 10_000;
/** Event types per project whose candidates are remembered. */
const maxKnownTypes = 10_000;

export function createCatalogue(store: Pick<Store, "loadCatalogue">, vault: Vault): Catalogue {
  const views = new Map<number, ProjectView>();
  const ids = new Map<string, number>();

  function forget(id: number): void {
    const slug = views.get(id)?.project.slug;
    if (slug !== undefined) ids.delete(slug);
    views.delete(id);
  }

  function remember(view: ProjectView): ProjectView {
    // Two loads may cross; the newer version stays.
    const known = views.get(view.project.id);
    if (known !== undefined && known.version > view.version) return known;
    views.delete(view.project.id);
    views.set(view.project.id, view);
    ids.set(view.project.slug, view.project.id);
    const eldest = views.keys().next();
    if (views.size > maxKnownProjects && !eldest.done) forget(eldest.value);
    return view;
  }

  async function load(project: { readonly slug: string } | { readonly id: number }): Promise<ProjectView | null> {
    const found = await store.loadCatalogue(project);
    return found === null ? null : remember(viewOf(found, vault));
  }

  return {
    async bySlug(slug) {
      const id = ids.get(slug);
      return (id === undefined ? undefined : views.get(id)) ?? (await load({ slug }));
    },
    async byId(id) {
      return views.get(id) ?? (await load({ id }));
    },
    known: (id) => views.get(id),
    async refresh(id) {
      const view = await load({ id });
      if (view === null) forget(id);
      return view;
    },
  };
}

function viewOf(catalogue: ProjectCatalogue, vault: Vault): ProjectView {
  const triggers = catalogue.triggers.map((record) => openTrigger(record, vault));
  const names = new Map(triggers.map((trigger) => [trigger.name, trigger]));
  const enabled = triggers.filter((trigger) => trigger.enabled);
  const candidates = new Map<string, readonly Trigger[]>();

  function candidatesFor(type: string): readonly Trigger[] {
    const known = candidates.get(type);
    if (known !== undefined) return known;
    const found = enabled.filter((trigger) => trigger.types.some((pattern) => matchesType(pattern, type)));
    if (candidates.size >= maxKnownTypes) candidates.clear();
    candidates.set(type, found);
    return found;
  }

  return {
    project: catalogue.project,
    version: catalogue.version,
    triggers: new Map(triggers.map((trigger) => [trigger.id, trigger])),
    named: (name) => names.get(name),
    matching: (event) => candidatesFor(event.type).filter((trigger) => passesAll(trigger.filters, event)),
  };
}

// ── What of a trigger is kept in the open, and what is sealed ──────────────────────────────────────────────────────

interface SealedPart {
  readonly secrets: readonly SigningSecret[];
  readonly headers: Readonly<Record<string, string>>;
  readonly consent: Consent | null;
}

/** The two texts in which a store keeps a trigger. */
export function sealTrigger(
  definition: TriggerDefinition,
  { secrets, consent }: Pick<Trigger, "secrets" | "consent">,
  vault: Vault,
): { readonly name: string; readonly definition: string; readonly sealed: string } {
  const { headers, ...target } = definition.target;
  const sealed: SealedPart = { secrets, headers, consent };
  return {
    name: definition.name,
    definition: JSON.stringify({ ...definition, target }),
    sealed: vault.seal(JSON.stringify(sealed)),
  };
}

export function openTrigger(record: TriggerRecord, vault: Vault): Trigger {
  // Both texts were written by `sealTrigger`; the vault's tag proves it for the second.
  const definition = JSON.parse(record.definition) as TriggerDefinition;
  const { secrets, headers, consent } = JSON.parse(vault.open(record.sealed)) as SealedPart;
  return {
    ...definition,
    // What was kept before there was a validation says nothing of it.
    validation: definition.validation ?? "off",
    consent: consent ?? null,
    name: record.name,
    target: { ...definition.target, headers },
    id: record.id,
    projectId: record.projectId,
    paused: record.paused,
    secrets,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  };
}
