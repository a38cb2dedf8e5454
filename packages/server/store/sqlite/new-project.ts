// A new project, and the event that says so in another one: written together, or not at all.
import type { Project } from "../../domain/project.ts";
import type { ProjectRequest, Put } from "../store.ts";
import { catalogueVersion, flattenDrafts, storeDrafts } from "./accept.ts";
import { type Flat, type FlatValue, readFlat } from "./flat.ts";
import { eventColumnCount } from "./rows.ts";
import type { Writing } from "./writing.ts";

/** A request as it crosses to the writer: the drafts as a flat list. */
interface PostedProject extends Pick<ProjectRequest, "now" | "slug" | "name"> {
  readonly announce?: { readonly projectId: number; readonly catalogueVersion: number; readonly drafts: Flat };
}

export function postProject({ announce, ...request }: ProjectRequest): PostedProject {
  if (announce === undefined) return request;
  const { event, ...matched } = announce;
  const drafts: FlatValue[] = [];
  flattenDrafts(drafts, [event]);
  return { ...request, announce: { ...matched, drafts } };
}

// ── The writer's side ──────────────────────────────────────────────────────────────────────────────────────────────

const insertProject = `
  INSERT INTO projects (slug, name, created_at, catalogue_version) VALUES (?, ?, ?, 1)
  ON CONFLICT DO NOTHING RETURNING id`;

export function createProject(
  writing: Writing,
  { now, slug, name, announce }: PostedProject,
): Put<Project> | { readonly kind: "stale" } {
  if (announce !== undefined && catalogueVersion(writing, announce.projectId) !== announce.catalogueVersion)
    return { kind: "stale" };
  const row = writing.db.query(insertProject).get(slug, name, now);
  if (row === undefined) return { kind: "taken" };
  const id = readFlat(row).number();
  if (announce !== undefined)
    storeDrafts(writing, { now, projectId: announce.projectId }, readFlat(withId(announce.drafts, id)));
  return { kind: "done", value: { id, slug, name, createdAt: now } };
}

/** The data is the last column of the one event, behind the number of drafts. */
function withId(drafts: Flat, id: number): Flat {
  const data = drafts[eventColumnCount];
  if (typeof data !== "string" || !data.startsWith("{"))
    throw new TypeError("the data of an announcement is an object");
  const rest = data.slice(1);
  return drafts.with(eventColumnCount, `{"id":${id}${rest === "}" ? "" : ","}${rest}`);
}
