// Triggers: who wants which events, where to and how.
import { Type } from "typebox";
import type { Trigger } from "../../domain/trigger.ts";
import type { Put } from "../../store/store.ts";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import { askedPage, pageOf, pageParameters, readNumbers } from "../paging.ts";
import type { ApiParts } from "../parts.ts";
import { Problem } from "../problems.ts";
import { ProjectPath, pageOfShape, ref, TriggerPath } from "../shapes.ts";
import { changeTrigger, readTrigger, TriggerChange, TriggerCreation } from "../trigger-body.ts";
import { CreatedTriggerShape, showTrigger, TriggerShape } from "../trigger-view.ts";

const tags = ["triggers"];
const path = "/v1/projects/:project/triggers";

export function triggerRoutes(app: App, parts: ApiParts): void {
  app.addSchema(TriggerShape);
  app.addSchema(CreatedTriggerShape);
  listRoute(app);
  readRoute(app);
  createRoute(app, parts);
  changeRoute(app, parts);
  deleteRoute(app, parts);
}

function listRoute(app: App): void {
  app.get(
    path,
    {
      config: { access: "triggers:read" },
      preValidation: readNumbers,
      schema: {
        operationId: "listTriggers",
        tags,
        summary: "List the triggers",
        params: ProjectPath,
        querystring: Type.Object(pageParameters, { additionalProperties: false }),
        response: { 200: pageOfShape(TriggerShape) },
      },
    },
    async (request, reply) => {
      const { project, triggers } = projectOf(request);
      const asked = askedPage(request, project.id);
      const found = pageOf([...triggers.values()], asked.page, ({ id }) => id);
      return { data: found.rows.map(showTrigger), ...asked.link(reply, found, ({ id }) => id) };
    },
  );
}

function readRoute(app: App): void {
  app.get(
    `${path}/:trigger`,
    {
      config: { access: "triggers:read" },
      schema: {
        operationId: "readTrigger",
        tags,
        summary: "Read a trigger",
        params: TriggerPath,
        response: { 200: ref(TriggerShape) },
      },
    },
    async (request) => {
      const trigger = projectOf(request).named(request.params.trigger);
      if (trigger === undefined) throw noTrigger(request.params.trigger);
      return showTrigger(trigger);
    },
  );
}

function createRoute(app: App, { pipeline, config, ...checks }: ApiParts): void {
  app.post(
    path,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "createTrigger",
        tags,
        summary: "Make a trigger",
        description: "Every event accepted after the answer is matched against it, on every node.",
        params: ProjectPath,
        body: TriggerCreation,
        response: { 201: ref(CreatedTriggerShape) },
      },
    },
    async (request, reply) => {
      const view = projectOf(request);
      const definition = readTrigger(request.body, checks);
      const trigger = done(
        await pipeline.triggers.create(view, definition, config, request.body.secret),
        definition.name,
      );
      const location = `/v1/projects/${view.project.slug}/triggers/${trigger.name}`;
      reply.code(201).headers({ location, "cache-control": "no-store" });
      return { ...showTrigger(trigger), secret: trigger.secrets[0]?.value ?? "" };
    },
  );
}

function changeRoute(app: App, { pipeline, ...checks }: ApiParts): void {
  app.patch(
    `${path}/:trigger`,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "changeTrigger",
        tags,
        summary: "Change a trigger",
        description:
          "What is given replaces what was, but for `retry`, whose members are replaced one by one. The name cannot change. A header value `***` stands for the one that is there.",
        params: TriggerPath,
        body: TriggerChange,
        response: { 200: ref(TriggerShape) },
      },
    },
    async (request) => {
      const { id } = projectOf(request).project;
      const name = request.params.trigger;
      const change = (trigger: Trigger) => changeTrigger(trigger, request.body, checks);
      return showTrigger(done(await pipeline.triggers.update(id, name, change), name));
    },
  );
}

function deleteRoute(app: App, { pipeline }: ApiParts): void {
  app.delete(
    `${path}/:trigger`,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "deleteTrigger",
        tags,
        summary: "Delete a trigger",
        description: "What waits for it is cancelled; what was tried stays readable.",
        params: TriggerPath,
        response: { 204: Type.Null({ description: "It is gone." }) },
      },
    },
    async (request, reply) => {
      const isRemoved = await pipeline.triggers.remove(projectOf(request).project.id, request.params.trigger);
      if (!isRemoved) throw noTrigger(request.params.trigger);
      return reply.code(204).send(null);
    },
  );
}

/** The trigger of an act that was done, or the problem of one that was not. */
export function done(result: Put<Trigger>, name: string): Trigger {
  switch (result.kind) {
    case "done":
      return result.value;
    case "missing":
      throw noTrigger(name);
    case "taken":
      throw new Problem("name_taken", `there is a trigger ${JSON.stringify(name)} already`);
    case "too-many":
      throw new Problem("too_many_triggers", "the project has as many triggers as POSTHORN_MAX_TRIGGERS allows");
    default:
      return result satisfies never;
  }
}

export function noTrigger(name: string): Problem {
  return new Problem("trigger_not_found", `there is no trigger ${JSON.stringify(name)}`);
}
