// An event as it is read back: its CloudEvents attributes, its data character for character, and what became of it. The
// text is put together by hand, because data that went through values would lose big numbers and its own spelling.
import { structuredText } from "@posthorn/wire/cloudevents";
import type { Event } from "@posthorn/wire/event";
import { Type } from "typebox";
import type { EventDetail, EventReceipt, EventRow } from "../store/store.ts";
import { Moment, momentOf } from "./shapes.ts";

const attributes = {
  specversion: Type.String({ examples: ["1.0"] }),
  id: Type.String(),
  source: Type.String(),
  type: Type.String(),
  subject: Type.Optional(Type.String()),
  time: Type.Optional(Moment),
  datacontenttype: Type.Optional(Type.String()),
  dataschema: Type.Optional(Type.String()),
  data: Type.Optional(Type.Unsafe<unknown>({ description: "As it came in." })),
  data_base64: Type.Optional(Type.String({ description: "Data that is neither JSON nor text." })),
};

export const EventShape = Type.Object(
  {
    ...attributes,
    acceptedAt: Moment,
    deliverAt: Moment,
    deliveries: Type.Integer({ description: "How many are owed in all." }),
  },
  { $id: "Event", description: "A CloudEvent and what became of it. Extension attributes stand beside the others." },
);

export const EventDetailShape = Type.Object(
  {
    ...EventShape.properties,
    states: Type.Unsafe<Record<string, number>>({
      type: "object",
      additionalProperties: { type: "integer" },
      description: "How many deliveries are in which state.",
      examples: [{ delivered: 2 }],
    }),
  },
  { $id: "EventDetail", description: "An event with the states of its deliveries." },
);

export const ReceiptShape = Type.Object(
  {
    id: Type.String(),
    source: Type.String(),
    type: Type.String(),
    time: Type.String({ description: "When it happened: RFC 3339, as given." }),
    deliverAt: Moment,
    deliveries: Type.Integer({ description: "How many deliveries it owes; 0 when no trigger wants it." }),
    duplicate: Type.Boolean({ description: "True when an event of this source and id was accepted before." }),
  },
  { $id: "Receipt", description: "An event and every delivery it owes are on disk." },
);

export function showEvent(row: EventRow): string {
  return `${openText(row)}}`;
}

export function showEventDetail(row: EventDetail): string {
  return `${openText(row)},"states":${JSON.stringify(row.states)}}`;
}

export function showReceipt({ id, source, type, time, deliverAt, deliveries, duplicate }: EventReceipt): string {
  return JSON.stringify({ id, source, type, time, deliverAt: momentOf(deliverAt), deliveries, duplicate });
}

/** JSON without the last brace. */
function openText({ event, acceptedAt, deliverAt, deliveries }: EventRow): string {
  const text = structuredText(withoutOurNames(event)).slice(0, -1);
  return `${text},"acceptedAt":"${momentOf(acceptedAt)}","deliverAt":"${momentOf(deliverAt)}","deliveries":${deliveries}`;
}

/** Two of our own members could be extensions by their names. They hide such extensions here; deliveries carry them. */
function withoutOurNames(event: Event): Event {
  const { deliveries, states, ...extensions } = event.extensions;
  return deliveries === undefined && states === undefined ? event : { ...event, extensions };
}
