// What is done to a trigger beside changing it: pause and resume, its secret, a test.
import { Type } from "typebox";
import type { SendTest } from "../../pipeline/sample-event.ts";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import type { ApiParts } from "../parts.ts";
import { Problem } from "../problems.ts";
import { Moment, momentOf, nullable, ref, TriggerPath } from "../shapes.ts";
import { readSecret } from "../trigger-body.ts";
import { showTrigger, TriggerShape } from "../trigger-view.ts";
import { done, noTrigger } from "./triggers.ts";

const tags = ["triggers"];
const path = "/v1/projects/:project/triggers/:trigger";
const hourMs = 3_600_000;

const PauseBody = Type.Object(
  { reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) },
  { additionalProperties: false },
);

const RotationBody = Type.Object(
  {
    secret: Type.Optional(Type.String({ maxLength: 512, description: "One of your own, `whsec_…` or `whsk_…`." })),
    graceHours: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 8760,
        description: "How long the old secret goes on signing beside the new one.",
      }),
    ),
  },
  { additionalProperties: false },
);

const SecretShape = Type.Object(
  {
    secret: Type.String(),
    previous: Type.Array(Type.Object({ secret: Type.String(), expiresAt: Moment }), {
      description: "Those that still sign beside it.",
    }),
  },
  { description: "The secret in force." },
);

const RotatedShape = Type.Object(
  { secret: Type.String(), previousExpiresAt: nullable(Moment) },
  { description: "The new secret, and until when the old one signs too." },
);

const TestShape = Type.Object(
  { deliveryId: Type.String(), eventId: Type.String(), type: Type.String() },
  { description: "The delivery is stored; read it to see how it went." },
);

export function triggerActRoutes(app: App, parts: ApiParts, sendTest: SendTest): void {
  pauseRoute(app, parts);
  resumeRoute(app, parts);
  revealRoute(app, parts);
  rotateRoute(app, parts);
  testRoute(app, sendTest);
}

function testRoute(app: App, sendTest: SendTest): void {
  app.post(
    `${path}/test`,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "testTrigger",
        tags,
        summary: "Send a sample event to this trigger alone",
        params: TriggerPath,
        response: {
          202: TestShape,
        },
      },
    },
    async (request, reply) => {
      const { project } = projectOf(request);
      const name = request.params.trigger;
      const result = await sendTest(project.id, name);
      if (result.kind === "missing") throw noTrigger(name);
      if (result.kind === "not-running")
        throw new Problem("trigger_not_running", `the trigger ${JSON.stringify(name)} is ${result.why}`);
      reply.code(202);
      return { deliveryId: result.deliveryId, eventId: result.event.id, type: result.event.type };
    },
  );
}

function pauseRoute(app: App, { pipeline }: ApiParts): void {
  app.post(
    `${path}/pause`,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "pauseTrigger",
        tags,
        summary: "Pause a trigger",
        description: "Events are still collected for it; nothing is sent until it is resumed.",
        params: TriggerPath,
        body: PauseBody,
        response: { 200: ref(TriggerShape) },
      },
    },
    async (request) => {
      const { id } = projectOf(request).project;
      const name = request.params.trigger;
      const reason = request.body.reason ?? "paused by hand";
      return showTrigger(done(await pipeline.triggers.pause(id, name, reason), name));
    },
  );
}

function resumeRoute(app: App, { pipeline }: ApiParts): void {
  app.post(
    `${path}/resume`,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "resumeTrigger",
        tags,
        summary: "Resume a trigger",
        params: TriggerPath,
        response: { 200: ref(TriggerShape) },
      },
    },
    async (request) => {
      const name = request.params.trigger;
      return showTrigger(done(await pipeline.triggers.resume(projectOf(request).project.id, name), name));
    },
  );
}

function revealRoute(app: App, { clock }: ApiParts): void {
  app.get(
    `${path}/secret`,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "revealSecret",
        tags,
        summary: "Reveal the signing secret",
        params: TriggerPath,
        response: { 200: SecretShape },
      },
    },
    async (request, reply) => {
      const trigger = projectOf(request).named(request.params.trigger);
      if (trigger === undefined) throw noTrigger(request.params.trigger);
      const [current, ...old] = trigger.secrets;
      const previous = old.flatMap(({ value, expiresAt }) =>
        expiresAt === null || expiresAt <= clock.now() ? [] : [{ secret: value, expiresAt: momentOf(expiresAt) }],
      );
      reply.header("cache-control", "no-store");
      return { secret: current?.value ?? "", previous };
    },
  );
}

function rotateRoute(app: App, { pipeline, config }: ApiParts): void {
  app.post(
    `${path}/rotate-secret`,
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "rotateSecret",
        tags,
        summary: "Give the trigger a new signing secret",
        description: "For a while both secrets sign, so that the receiver can change over.",
        params: TriggerPath,
        body: RotationBody,
        response: { 200: RotatedShape },
      },
    },
    async (request, reply) => {
      const { secret, graceHours = config.rotationGraceHours } = request.body;
      if (secret !== undefined) readSecret(secret);
      const { id } = projectOf(request).project;
      const name = request.params.trigger;
      const graceMs = Math.round(graceHours * hourMs);
      const { secrets } = done(await pipeline.triggers.rotateSecret(id, name, graceMs, secret), name);
      const expiresAt = secrets[1]?.expiresAt ?? null;
      reply.header("cache-control", "no-store");
      return { secret: secrets[0]?.value ?? "", previousExpiresAt: expiresAt === null ? null : momentOf(expiresAt) };
    },
  );
}
