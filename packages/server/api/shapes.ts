// The shapes that several routes speak of: what stands in paths and queries, and how the document refers to a named shape.
import { type Static, type TSchema, Type } from "typebox";
import { deliveryStates } from "../domain/delivery.ts";

/** The document names a shape once; routes refer to it. */
export function ref<Schema extends TSchema>(schema: Schema) {
  return Type.Unsafe<Static<Schema>>({ $ref: `${nameOf(schema)}#` });
}

function nameOf(schema: TSchema): string {
  const name: unknown = Reflect.get(schema, "$id");
  if (typeof name !== "string") throw new Error("a shape that is referred to needs an $id");
  return name;
}

export function nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

/** One of some texts. */
export function oneOf<const Text extends string>(
  texts: readonly Text[],
  options: { readonly description?: string } = {},
) {
  return Type.Unsafe<Text>({ type: "string", enum: [...texts], ...options });
}

/** A list in an answer. */
export function pageOfShape<Schema extends TSchema>(schema: Schema) {
  return Type.Object(
    { data: Type.Array(ref(schema)), nextCursor: nullable(Type.String()), prevCursor: nullable(Type.String()) },
    { description: "A page, newest first. The header `Link` leads to its neighbours." },
  );
}

/** A list in an answer that is never cut. */
export function listOfShape<Schema extends TSchema>(schema: Schema) {
  return Type.Object({ data: Type.Array(ref(schema)) }, { description: "All of them." });
}

/** Moments are written as RFC 3339 in UTC, to the millisecond. */
export const Moment = Type.String({ format: "date-time", examples: ["2026-01-31T12:00:00.000Z"] });

export function momentOf(ms: number): string {
  return new Date(ms).toISOString();
}

export const State = oneOf(deliveryStates);

const project = Type.String({ description: "The project's slug.", examples: ["default"] });
export const ProjectPath = Type.Object({ project });
export const TriggerPath = Type.Object({ project, trigger: Type.String({ description: "The trigger's name." }) });
export const EventPath = Type.Object({ project, event: Type.String({ description: "The event's id." }) });
export const DeliveryPath = Type.Object({ project, delivery: Type.String({ description: "The delivery's id." }) });
export const KeyPath = Type.Object({ project, key: Type.String({ description: "The key's id." }) });

/** A filter by time: accepted or made at or after `since`, and before `until`. */
export const timeParameters = {
  since: Type.Optional(Type.String({ format: "date-time", description: "At or after (RFC 3339)." })),
  until: Type.Optional(Type.String({ format: "date-time", description: "Before (RFC 3339)." })),
};
