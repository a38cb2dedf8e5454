// Triggers the way of Space Cloud's configuration API, v0.15 to v0.19: `{type, retries, timeout, id, url, options}`, set and
// deleted by name (SEEDS §1 "management"). Each is one of our triggers in the format space-cloud.
import { type Static, Type } from "typebox";
import { defaultRetryPolicy } from "../../domain/backoff.ts";
import { type Trigger, type TriggerDefinition, triggerNamePattern } from "../../domain/trigger.ts";
import type { ProjectView } from "../../pipeline/catalogue.ts";
import type { Put } from "../../store/store.ts";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import type { ApiParts } from "../parts.ts";
import { Problem, problemOf } from "../problems.ts";
import { done, noTrigger } from "../routes/triggers.ts";
import { changeTrigger, defaultTimeoutMs, readTrigger, TriggerCreation } from "../trigger-body.ts";
import { spaceCloudProblem } from "./space-cloud-shapes.ts";

const path = "/v1/config/projects/:project/eventing/triggers";
const tags = ["space-cloud"];
const format = "space-cloud";

const RuleBody = Type.Object(
  {
    type: TriggerCreation.properties.types.items,
    url: TriggerCreation.properties.target.properties.url,
    retries: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    timeout: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 300_000, description: "Milliseconds; 0 is the default." }),
    ),
    id: Type.Optional(Type.String({ description: "The same as in the path." })),
    name: Type.Optional(Type.String({ description: "The same as in the path." })),
    options: Type.Optional(
      Type.Union([Type.Null(), Type.Object({}, { additionalProperties: false })], {
        description: "Empty: it told database events apart, which do not exist here.",
      }),
    ),
  },
  { additionalProperties: false },
);

const RuleShape = Type.Object({
  type: Type.String(),
  retries: Type.Integer(),
  timeout: Type.Integer(),
  id: Type.String(),
  url: Type.String(),
  options: Type.Object({}),
});
const RulesShape = Type.Object(
  { result: Type.Array(RuleShape) },
  { description: "The triggers in the format space-cloud." },
);
const NothingShape = Type.Object({}, { description: "Done." });

const ProjectOnly = Type.Object({ project: Type.String() });
const RulePath = Type.Object({ project: Type.String(), id: Type.String({ pattern: triggerNamePattern }) });

export function ruleRoutes(app: App, parts: ApiParts): void {
  listRoute(app);
  readRoute(app);
  setRoute(app, parts);
  deleteRoute(app, parts);
}

function listRoute(app: App): void {
  app.get(
    path,
    {
      config: { access: "triggers:read" },
      schema: {
        operationId: "listEventingTriggers",
        tags,
        summary: "List the triggers",
        params: ProjectOnly,
        querystring: Type.Object({ id: Type.Optional(Type.String()) }, { additionalProperties: false }),
        response: { 200: RulesShape, default: spaceCloudProblem },
      },
    },
    async (request) => ({ result: rulesOf(projectOf(request), request.query.id ?? "*") }),
  );
}

function readRoute(app: App): void {
  app.get(
    `${path}/:id`,
    {
      config: { access: "triggers:read" },
      schema: {
        operationId: "readEventingTrigger",
        tags,
        summary: "Read a trigger",
        params: RulePath,
        response: { 200: RulesShape, default: spaceCloudProblem },
      },
    },
    async (request) => ({ result: rulesOf(projectOf(request), request.params.id) }),
  );
}

function setRoute(app: App, parts: ApiParts): void {
  app.post(
    `${path}/:id`,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "setEventingTrigger",
        tags,
        summary: "Make or replace a trigger",
        params: RulePath,
        body: RuleBody,
        response: { 200: NothingShape, default: spaceCloudProblem },
      },
    },
    async (request) => {
      await setRule(projectOf(request), request.params.id, request.body, parts);
      return {};
    },
  );
}

function deleteRoute(app: App, parts: ApiParts): void {
  app.delete(
    `${path}/:id`,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "deleteEventingTrigger",
        tags,
        summary: "Delete a trigger",
        params: RulePath,
        response: { 200: NothingShape, default: spaceCloudProblem },
      },
    },
    async (request) => {
      const { id: name } = request.params;
      const view = projectOf(request);
      refuseForeign(view.named(name));
      if (!(await parts.pipeline.triggers.remove(view.project.id, name))) throw noTrigger(name);
      return {};
    },
  );
}

async function setRule(
  view: ProjectView,
  name: string,
  rule: Static<typeof RuleBody>,
  { pipeline, config, ...checks }: ApiParts,
): Promise<void> {
  refuseOtherName(name, rule);
  refuseForeign(view.named(name));
  const wish = {
    types: [rule.type],
    target: { kind: "webhook" as const, url: rule.url },
    timeoutMs: rule.timeout || defaultTimeoutMs,
    retry: { retries: rule.retries ?? defaultRetryPolicy.retries },
  };
  const change = (trigger: TriggerDefinition) => changeTrigger(trigger, wish, checks);
  const make = (): Promise<Put<Trigger>> =>
    pipeline.triggers.create(view, readTrigger({ name, format, ...wish }, checks), config);
  const result = await pipeline.triggers.update(view.project.id, name, change);
  done(result.kind === "missing" ? await make() : result, name);
}

function refuseOtherName(name: string, { id, name: ownName }: Static<typeof RuleBody>): void {
  const field = id !== undefined && id !== name ? "id" : ownName !== undefined && ownName !== name ? "name" : undefined;
  if (field === undefined) return;
  throw problemOf([
    { code: "invalid_field", detail: `${field} must be ${name}, as in the path`, pointer: `#/${field}` },
  ]);
}

/** A native trigger has more to it than this face can say, so it is not written over. */
function refuseForeign(trigger: Trigger | undefined): void {
  if (trigger === undefined || trigger.format === format) return;
  throw new Problem("foreign_trigger", `the trigger ${trigger.name} has the format ${trigger.format}, not ${format}`);
}

/** `id` is a name, or `*` for all. */
function rulesOf(view: ProjectView, id: string): Static<typeof RuleShape>[] {
  const rules = [...view.triggers.values()].filter((trigger) => trigger.format === format);
  const found = id === "*" ? rules : rules.filter(({ name }) => name === id);
  if (id !== "*" && found.length === 0) throw noTrigger(id);
  return found.map(showRule);
}

function showRule({ name, types, timeoutMs, retry, target }: Trigger): Static<typeof RuleShape> {
  return { type: types.join(","), retries: retry.retries, timeout: timeoutMs, id: name, url: target.url, options: {} };
}
