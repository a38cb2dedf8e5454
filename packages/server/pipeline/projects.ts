// A project is made, and the platform says so: `project.created` is stored in the same act (DESIGN §2). A new project has
// no triggers yet, so it is told in the operator's own, the project `default`.
import { defaultProject, type Project } from "../domain/project.ts";
import { projectCreatedType } from "../domain/system-types.ts";
import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { EventDraft, Put, Store } from "../store/store.ts";
import type { Catalogue, ProjectView } from "./catalogue.ts";
import type { Dispatch } from "./dispatch.ts";
import { draftNotice } from "./match.ts";
import { complete } from "./publication.ts";

export interface ProjectParts {
  readonly store: Pick<Store, "createProject">;
  readonly catalogue: Catalogue;
  readonly dispatch: Pick<Dispatch, "expect">;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly tell: Tell;
}

export interface NewProject {
  readonly slug: string;
  readonly name: string;
}

export type CreateProject = (project: NewProject) => Promise<Put<Project>>;

export function createProjects(parts: ProjectParts): CreateProject {
  const { store, catalogue, clock } = parts;
  return async (project) => {
    let view = await catalogue.bySlug(defaultProject.slug);
    for (;;) {
      const now = clock.now();
      const event = view === null ? null : announcement(project, view, now, parts);
      const announce =
        view === null || event === null
          ? {}
          : { announce: { projectId: view.project.id, catalogueVersion: view.version, event } };
      const result = await store.createProject({ now, ...project, ...announce });
      if (result.kind === "done" && view !== null && event !== null) spread(event, view, parts);
      if (result.kind !== "stale") return result;
      // The default project may be gone by now; then there is nobody to tell.
      view = view === null ? null : await catalogue.refresh(view.project.id);
    }
  };
}

/** The members of SEEDS §4 but for `id`, which the store puts in. */
function announcement(project: NewProject, view: ProjectView, now: number, { randomness }: ProjectParts): EventDraft {
  const moment = new Date(now).toISOString();
  const data = { created_at: moment, updated_at: moment, name: project.name };
  const publication = {
    event: {
      type: projectCreatedType,
      subject: project.slug,
      datacontenttype: "application/json",
      extensions: {},
      data: { kind: "json", text: JSON.stringify(data) },
    },
  } as const;
  const admitted = complete(publication, "/projects", now, randomness);
  return { ...admitted, depth: 0, deliveries: draftNotice(admitted.event, view, now, randomness) };
}

function spread({ event, deliverAt, deliveries }: EventDraft, { project }: ProjectView, parts: ProjectParts): void {
  const projectId = project.id;
  const { id: eventId, type } = event;
  parts.tell({ kind: "event.accepted", projectId, eventId, type, deliveries: deliveries.length, duplicate: false });
  for (const { triggerId } of deliveries) parts.dispatch.expect({ projectId, triggerId, dueAt: deliverAt });
}
