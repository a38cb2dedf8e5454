// Deliveries and their attempts: what is owed, what was tried, and trying once more.
import { parseTimestamp } from "@posthorn/wire/timestamp";
import { Type } from "typebox";
import type { ProjectView } from "../../pipeline/catalogue.ts";
import type { DeliveryFilter, DeliveryRow, Page, Store } from "../../store/store.ts";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import { AttemptShape, DeliveryShape, showAttempt, showDelivery } from "../delivery-view.ts";
import { askedPage, pageParameters, readNumbers } from "../paging.ts";
import type { ApiParts } from "../parts.ts";
import { Problem } from "../problems.ts";
import { DeliveryPath, ProjectPath, pageOfShape, ref, State, timeParameters } from "../shapes.ts";

const tags = ["deliveries"];
const path = "/v1/projects/:project/deliveries";

const filters = {
  state: Type.Optional(State),
  trigger: Type.Optional(Type.String({ description: "The trigger's name." })),
  event: Type.Optional(Type.String({ description: "The event's id; the newest event that has it." })),
  ...timeParameters,
};

interface WishedDeliveries {
  readonly state?: DeliveryFilter["state"];
  readonly trigger?: string;
  readonly event?: string;
  readonly since?: string;
  readonly until?: string;
}

export function deliveryRoutes(app: App, parts: ApiParts): void {
  app.addSchema(DeliveryShape);
  app.addSchema(AttemptShape);
  listRoute(app, parts);
  readRoute(app, parts);
  attemptsRoute(app, parts);
  retryRoute(app, parts);
}

function listRoute(app: App, { store }: ApiParts): void {
  app.get(
    path,
    {
      config: { access: "events:read" },
      preValidation: readNumbers,
      schema: {
        operationId: "listDeliveries",
        tags,
        summary: "List the deliveries",
        params: ProjectPath,
        querystring: Type.Object({ ...pageParameters, ...filters }, { additionalProperties: false }),
        response: { 200: pageOfShape(DeliveryShape) },
      },
    },
    async (request, reply) => {
      const view = projectOf(request);
      const asked = askedPage(request, view.project.id);
      const filter = await readFilter(request.query, view, store);
      const found = filter === null ? nothing : await store.listDeliveries(view.project.id, filter, asked.page);
      return { data: found.rows.map(showDelivery), ...asked.link(reply, found, ({ sequence }) => sequence) };
    },
  );
}

function readRoute(app: App, { store }: ApiParts): void {
  app.get(
    `${path}/:delivery`,
    {
      config: { access: "events:read" },
      schema: {
        operationId: "readDelivery",
        tags,
        summary: "Read a delivery",
        params: DeliveryPath,
        response: { 200: ref(DeliveryShape) },
      },
    },
    async (request) => showDelivery(await find(store, projectOf(request).project.id, request.params.delivery)),
  );
}

function attemptsRoute(app: App, { store }: ApiParts): void {
  app.get(
    `${path}/:delivery/attempts`,
    {
      config: { access: "events:read" },
      preValidation: readNumbers,
      schema: {
        operationId: "listAttempts",
        tags,
        summary: "List the attempts of a delivery",
        description: "The last ones first page by page, and in order within a page.",
        params: DeliveryPath,
        querystring: Type.Object(pageParameters, { additionalProperties: false }),
        response: { 200: pageOfShape(AttemptShape) },
      },
    },
    async (request, reply) => {
      const { id } = projectOf(request).project;
      const { delivery } = request.params;
      const asked = askedPage(request, id, delivery);
      const { limit, before } = asked.page;
      const attempts = await store.listAttempts(id, delivery, { limit, before });
      if (attempts === null) throw noDelivery(delivery);
      const hasOlder = (attempts[0]?.number ?? 1) > 1;
      const found = { rows: attempts.toReversed(), hasOlder, hasNewer: false };
      return { data: attempts.map(showAttempt), ...asked.link(reply, found, ({ number }) => number) };
    },
  );
}

function retryRoute(app: App, { store, pipeline }: ApiParts): void {
  app.post(
    `${path}/:delivery/retry`,
    {
      config: { access: "events:write" },
      schema: {
        operationId: "retryDelivery",
        tags,
        summary: "Try a delivery once more",
        description: "It is due now and has all its retries again. Ids and data stay the same.",
        params: DeliveryPath,
        response: { 202: ref(DeliveryShape) },
      },
    },
    async (request, reply) => {
      const { id } = projectOf(request).project;
      const delivery = await find(store, id, request.params.delivery);
      const result = await pipeline.repeats.retry(id, delivery);
      if (result.kind === "missing") throw noDelivery(delivery.id);
      if (result.kind === "no-trigger")
        throw new Problem("trigger_gone", `the trigger ${delivery.trigger} was deleted; there is nothing to send to`);
      if (result.kind === "busy")
        throw new Problem("delivery_busy", `the delivery is ${result.state} and will be tried anyway`);
      reply.code(202);
      return showDelivery(await find(store, id, delivery.id));
    },
  );
}

const nothing: Page<DeliveryRow> = { rows: [], hasOlder: false, hasNewer: false };

/** Null where the filter names a trigger or an event that is not there: nothing can fit then. */
async function readFilter(wish: WishedDeliveries, view: ProjectView, store: Store): Promise<DeliveryFilter | null> {
  const triggerId = wish.trigger === undefined ? undefined : (view.named(wish.trigger)?.id ?? null);
  const eventSequence = wish.event === undefined ? undefined : await sequenceOf(wish.event, view.project.id, store);
  if (triggerId === null || eventSequence === null) return null;
  return {
    state: wish.state,
    triggerId,
    eventSequence,
    since: wish.since === undefined ? undefined : parseTimestamp(wish.since),
    until: wish.until === undefined ? undefined : parseTimestamp(wish.until),
  };
}

async function sequenceOf(eventId: string, projectId: number, store: Store): Promise<number | null> {
  return (await store.findEvents(projectId, eventId))[0]?.sequence ?? null;
}

async function find(store: Store, projectId: number, id: string): Promise<DeliveryRow> {
  const delivery = await store.findDelivery(projectId, id);
  if (delivery === null) throw noDelivery(id);
  return delivery;
}

function noDelivery(id: string): Problem {
  return new Problem("delivery_not_found", `there is no delivery ${JSON.stringify(id)}`);
}
