// Projects: made and deleted with the admin key; a key of a project sees its own and no other.
import { type Static, Type } from "typebox";
import { type Project, projectSlugPattern } from "../../domain/project.ts";
import type { App } from "../app.ts";
import { callerOf, type KeyRing, noProject, projectOf } from "../auth.ts";
import { askedPage, pageOf, pageParameters, readNumbers } from "../paging.ts";
import type { ApiParts } from "../parts.ts";
import { Problem } from "../problems.ts";
import { Moment, momentOf, ProjectPath, pageOfShape, ref } from "../shapes.ts";

const ProjectShape = Type.Object(
  { id: Type.Integer(), slug: Type.String(), name: Type.String(), createdAt: Moment },
  { $id: "Project", description: "The tenant: everything belongs to exactly one project, and nothing crosses." },
);

const ProjectBody = Type.Object(
  {
    slug: Type.String({
      pattern: projectSlugPattern,
      description: "1 to 63 of a-z, 0-9 and dashes, no dash first or last",
      examples: ["shop"],
    }),
    name: Type.String({ minLength: 1, maxLength: 200, examples: ["Shop"] }),
  },
  { additionalProperties: false },
);

const tags = ["projects"];

export function projectRoutes(app: App, parts: ApiParts, keys: KeyRing): void {
  app.addSchema(ProjectShape);
  createRoute(app, parts);
  listRoute(app, parts);
  readRoute(app);
  deleteRoute(app, parts, keys);
}

function createRoute(app: App, { pipeline }: ApiParts): void {
  app.post(
    "/v1/projects",
    {
      config: { access: "operator" },
      schema: {
        operationId: "createProject",
        tags,
        summary: "Make a project",
        description:
          "Takes the admin key. The project `default` is told by the event `project.created`, for triggers that ask for that type.",
        body: ProjectBody,
        response: { 201: ref(ProjectShape) },
      },
    },
    async ({ body }, reply) => {
      const result = await pipeline.createProject({ slug: body.slug, name: body.name });
      if (result.kind !== "done")
        throw new Problem("name_taken", `there is a project ${JSON.stringify(body.slug)} already`);
      reply.code(201).header("location", `/v1/projects/${body.slug}`);
      return showProject(result.value);
    },
  );
}

function listRoute(app: App, { store, pipeline }: ApiParts): void {
  app.get(
    "/v1/projects",
    {
      config: { access: "key" },
      preValidation: readNumbers,
      schema: {
        operationId: "listProjects",
        tags,
        summary: "List projects",
        description: "With a key of a project: that project alone.",
        querystring: Type.Object(pageParameters, { additionalProperties: false }),
        response: { 200: pageOfShape(ProjectShape) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const asked = askedPage(request, 0);
      const own = caller.kind === "client" ? (await pipeline.catalogue.byId(caller.projectId))?.project : undefined;
      const found =
        caller.kind === "operator"
          ? await store.listProjects(asked.page)
          : pageOf(own === undefined ? [] : [own], asked.page, ({ id }) => id);
      return { data: found.rows.map(showProject), ...asked.link(reply, found, ({ id }) => id) };
    },
  );
}

function readRoute(app: App): void {
  app.get(
    "/v1/projects/:project",
    {
      config: { access: "admin" },
      schema: {
        operationId: "readProject",
        tags,
        summary: "Read a project",
        params: ProjectPath,
        response: { 200: ref(ProjectShape) },
      },
    },
    async (request) => showProject(projectOf(request).project),
  );
}

function deleteRoute(app: App, { store, pipeline, clock }: ApiParts, keys: KeyRing): void {
  app.delete(
    "/v1/projects/:project",
    {
      config: { access: "operator" },
      schema: {
        operationId: "deleteProject",
        tags,
        summary: "Delete a project with all that it holds",
        description: "Takes the admin key.",
        params: ProjectPath,
        response: { 204: Type.Null({ description: "It is gone." }) },
      },
    },
    async (request, reply) => {
      const { id, slug } = projectOf(request).project;
      const isDeleted = await store.deleteProject({ now: clock.now(), projectId: id });
      await pipeline.catalogue.refresh(id);
      keys.forget(({ projectId }) => projectId === id);
      if (!isDeleted) throw noProject(slug);
      return reply.code(204).send(null);
    },
  );
}

function showProject({ id, slug, name, createdAt }: Project): Static<typeof ProjectShape> {
  return { id, slug, name, createdAt: momentOf(createdAt) };
}
