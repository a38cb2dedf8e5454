// Events as they are read back, and second thoughts about them: cancel what waits, send again.
import { parseTimestamp } from "@posthorn/wire/timestamp";
import { Type } from "typebox";
import { deliveryStates } from "../../domain/delivery.ts";
import type { EventDetail, Store } from "../../store/store.ts";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import { sendJson } from "../bodies.ts";
import { EventDetailShape, EventShape, showEvent, showEventDetail } from "../event-view.ts";
import { askedPage, pageParameters, readNumbers } from "../paging.ts";
import type { ApiParts } from "../parts.ts";
import { Problem, problemOf } from "../problems.ts";
import { EventPath, oneOf, ProjectPath, pageOfShape, ref, timeParameters } from "../shapes.ts";

const tags = ["events"];
const path = "/v1/projects/:project/events";

const SourceQuery = Type.Object(
  { source: Type.Optional(Type.String({ description: "Needed where two sources used the same id." })) },
  { additionalProperties: false },
);

const EventsQuery = Type.Object(
  {
    ...pageParameters,
    type: Type.Optional(Type.String({ description: "The exact type." })),
    subject: Type.Optional(Type.String({ description: "The exact subject." })),
    status: Type.Optional(
      oneOf([...deliveryStates, "unmatched"], {
        description: "Events with a delivery in that state; `unmatched`: events that no trigger wanted.",
      }),
    ),
    ...timeParameters,
  },
  { additionalProperties: false },
);

const ReplayBody = Type.Object(
  {
    triggers: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        minItems: 1,
        maxItems: 1000,
        description: "Only these, by name.",
      }),
    ),
  },
  { additionalProperties: false },
);

const StatesShape = EventDetailShape.properties.states;

export function eventRoutes(app: App, parts: ApiParts): void {
  app.addSchema(EventShape);
  app.addSchema(EventDetailShape);
  listRoute(app, parts);
  readRoute(app, parts);
  cancelRoute(app, parts);
  replayRoute(app, parts);
}

function listRoute(app: App, { store }: ApiParts): void {
  app.get(
    path,
    {
      config: { access: "events:read" },
      preValidation: readNumbers,
      schema: {
        operationId: "listEvents",
        tags,
        summary: "List the events",
        description: "Newest first. A page may be shorter than `limit`; only `nextCursor: null` is the end.",
        params: ProjectPath,
        querystring: EventsQuery,
        response: { 200: pageOfShape(EventShape) },
      },
    },
    async (request, reply) => {
      const { id } = projectOf(request).project;
      const asked = askedPage(request, id);
      const { type, subject, status, since, until } = request.query;
      const filter = { type, subject, status, since: momentIn(since), until: momentIn(until) };
      const found = await store.listEvents(id, filter, asked.page);
      const { nextCursor, prevCursor } = asked.link(reply, found, ({ sequence }) => sequence);
      const cursors = `"nextCursor":${JSON.stringify(nextCursor)},"prevCursor":${JSON.stringify(prevCursor)}`;
      return sendJson(reply, `{"data":[${found.rows.map(showEvent).join(",")}],${cursors}}`);
    },
  );
}

function readRoute(app: App, { store }: ApiParts): void {
  app.get(
    `${path}/:event`,
    {
      config: { access: "events:read" },
      schema: {
        operationId: "readEvent",
        tags,
        summary: "Read an event",
        description: "Where several sources used the id: the newest, unless `source` says which.",
        params: EventPath,
        querystring: SourceQuery,
        response: { 200: ref(EventDetailShape) },
      },
    },
    async (request, reply) => {
      const { id } = projectOf(request).project;
      const [event] = await store.findEvents(id, request.params.event, request.query.source);
      if (event === undefined) throw noEvent(request.params.event);
      return sendJson(reply, showEventDetail(event));
    },
  );
}

function cancelRoute(app: App, { store, pipeline }: ApiParts): void {
  app.post(
    `${path}/:event/cancel`,
    {
      config: { access: "events:write" },
      schema: {
        operationId: "cancelEvent",
        tags,
        summary: "Cancel what still waits",
        description: "Cancels every delivery that is neither settled nor under way.",
        params: EventPath,
        querystring: SourceQuery,
        response: {
          200: Type.Object(
            { cancelled: Type.Integer(), states: StatesShape },
            { description: "How many were cancelled, and what is in which state now." },
          ),
        },
      },
    },
    async (request) => {
      const { id } = projectOf(request).project;
      const event = await theOne(store, id, request.params.event, request.query.source);
      const result = await pipeline.repeats.cancel(id, event);
      if (result === null) throw noEvent(request.params.event);
      return { cancelled: result.cancelled, states: { ...result.states } };
    },
  );
}

function replayRoute(app: App, { store, pipeline }: ApiParts): void {
  app.post(
    `${path}/:event/replay`,
    {
      config: { access: "events:write" },
      schema: {
        operationId: "replayEvent",
        tags,
        summary: "Send an event again",
        description: "To the triggers that want it now. The deliveries are new, the event is the same.",
        params: EventPath,
        querystring: SourceQuery,
        body: ReplayBody,
        response: {
          202: Type.Object({ deliveries: Type.Integer() }, { description: "How many new deliveries it owes." }),
        },
      },
    },
    async (request, reply) => {
      const view = projectOf(request);
      const names = request.body.triggers;
      if (names !== undefined) refuseUnknown(names, (name) => view.named(name) !== undefined);
      const event = await theOne(store, view.project.id, request.params.event, request.query.source);
      const only = names === undefined ? undefined : new Set(names);
      const deliveries = await pipeline.repeats.replay(view.project.id, event, only);
      if (deliveries === null) throw noEvent(request.params.event);
      reply.code(202);
      return { deliveries };
    },
  );
}

/** The event with that id; where two have it, only its source can tell which one is meant. */
async function theOne(store: Store, projectId: number, id: string, source?: string): Promise<EventDetail> {
  const [event, other] = await store.findEvents(projectId, id, source);
  if (event === undefined) throw noEvent(id);
  if (other === undefined) return event;
  throw new Problem("ambiguous_event", `the sources ${event.event.source} and ${other.event.source} both used this id`);
}

function refuseUnknown(names: readonly string[], isKnown: (name: string) => boolean): void {
  const faults = names.flatMap((name, index) =>
    isKnown(name)
      ? []
      : [
          {
            code: "invalid_field" as const,
            detail: `there is no trigger ${JSON.stringify(name)}`,
            pointer: `#/triggers/${index}`,
          },
        ],
  );
  if (faults.length > 0) throw problemOf(faults);
}

function momentIn(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseTimestamp(text);
}

function noEvent(id: string): Problem {
  return new Problem("event_not_found", `there is no event ${JSON.stringify(id)}`);
}
