// The OpenAPI document: what it says beside the routes' own schemas. Served at /openapi.json, readable at /docs.
import type { FastifyDynamicSwaggerOptions } from "@fastify/swagger";
import { type Event, noExtensions } from "@posthorn/wire/event";
import { type Format, formats } from "@posthorn/wire/formats";
import type { FastifyContextConfig, FastifySchema, RouteOptions } from "fastify";
import { Type } from "typebox";
import { scopes } from "../domain/key.ts";
import type { Access } from "./app.ts";
import type { OpenApiDocument } from "./openapi-document.ts";
import { type ProblemCode, problemKinds } from "./problems.ts";

export const ProblemShape = Type.Object(
  {
    type: Type.String({ format: "uri-reference", description: "Leads to its explanation." }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: "What is wrong here, in one sentence." }),
    code: Type.Unsafe<ProblemCode>({ type: "string", enum: Object.keys(problemKinds), description: "For programs." }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({ detail: Type.String(), pointer: Type.String({ description: "RFC 6901, as a URI fragment." }) }),
        { description: "Each thing that is wrong with the body." },
      ),
    ),
  },
  { $id: "Problem", description: "An error (RFC 9457)." },
);

const info = {
  title: "Posthorn",
  summary: "Say what happened, and everyone who asked is told, with proof of every try.",
  description: `Keys go in \`Authorization: Bearer …\`. The scopes of a project's key are ${scopes.join(", ")}. Errors are \`application/problem+json\`; their codes are explained at [/docs/errors](/docs/errors).`,
  license: { name: "MIT", identifier: "MIT" },
};

export function openApiOptions(version: string): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: "3.1.0",
      info: { ...info, version },
      tags: [
        { name: "events", description: "What happened." },
        { name: "triggers", description: "Who wants to know, where and how." },
        { name: "deliveries", description: "What is owed, and the proof of every try." },
        { name: "projects", description: "The tenants." },
        { name: "keys", description: "Who may do what." },
        { name: "node", description: "For whoever runs it." },
        { name: "space-cloud", description: "The paths of Space Cloud, for its clients." },
      ],
      components: {
        securitySchemes: { key: { type: "http", scheme: "bearer", description: "The admin key, or a project's." } },
      },
      webhooks: Object.fromEntries(
        Object.values(formats).map((format) => [`delivery-${format.name}`, { post: delivery(format) }]),
      ),
    },
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => String(json.$id ?? `shape-${index}`) },
    transform: ({ schema, url, route }) => ({ schema: documented(schema, route.config?.documentedBody), url }),
    transformObject: (generated) => withOptionalBodies("openapiObject" in generated ? generated.openapiObject : {}),
  };
}

/** The schema that the document shows: a body that the route reads by itself is in it, and one that must be empty is not. */
function documented(schema: FastifySchema, documentedBody: FastifyContextConfig["documentedBody"]): FastifySchema {
  if (documentedBody !== undefined) return { ...schema, body: documentedBody };
  const { body, ...rest } = schema;
  return body === NoBody || body === undefined ? rest : schema;
}

/** A body of which no field is required may be left out; the generator calls every body required. */
function withOptionalBodies<Generated>(generated: Generated): Generated {
  // What is generated is an OpenAPI document, made from the routes of this room.
  const { paths } = generated as unknown as OpenApiDocument;
  for (const { requestBody } of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const schemas = Object.values(requestBody?.content ?? {}).map(({ schema }) => schema);
    const isOptional = schemas.every(({ type, required = [] }) => type === "object" && required.length === 0);
    if (requestBody !== undefined && isOptional) Object.assign(requestBody, { required: false });
  }
  return generated;
}

// ── Defaults of every route ────────────────────────────────────────────────────────────────────────────────────────

const problemAnswer = {
  description: "An error; see its code.",
  content: { "application/problem+json": { schema: Type.Unsafe<unknown>({ $ref: "Problem#" }) } },
};
const NoQuery = Type.Object({}, { additionalProperties: false });
const NoBody = Type.Object({}, { additionalProperties: false });

/** What a route need not say for itself: that it takes no query and no body, and how its errors look. */
export function completeSchema(route: RouteOptions, access: Access): void {
  const { schema = {}, config } = route;
  const takesBody = route.method === "POST" || route.method === "PATCH" || route.method === "DELETE";
  const readsBody = schema.body !== undefined || config?.documentedBody !== undefined;
  route.schema = {
    ...schema,
    querystring: schema.querystring ?? NoQuery,
    ...(takesBody && !readsBody ? { body: NoBody } : {}),
    response: { ...asObject(schema.response), default: asObject(schema.response).default ?? problemAnswer },
    ...(access === "open" ? {} : { security: [{ key: access === "key" || access === "operator" ? [] : [access] }] }),
  };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

// ── Outgoing ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the examples show; every format writes it in its own way. */
const sample: Event = {
  id: "01a1fbf3-c4e3-7a1e-816b-88b8d816f99a",
  source: "/projects/shop",
  type: "order.placed",
  time: "2026-01-31T12:00:00.000Z",
  extensions: noExtensions,
  data: { kind: "json", text: '{"order":1042,"total":"99.90"}' },
};

function delivery({ name, encode }: Format) {
  const { headers, body } = encode(sample, {
    deliveryId: "01a1fbf3-c4e3-74ed-950c-893417d4e494",
    attempt: 1,
    sequence: 1,
  });
  const { "content-type": mediaType = "application/json", ...others } = headers;
  const example: unknown = JSON.parse(Buffer.from(body).toString());
  return {
    operationId: `receive-${name}`,
    tags: ["deliveries"],
    summary: `A delivery in the format ${name}`,
    parameters: [...Object.keys(others).filter(isOwn).map(headerParameter), ...signatureHeaders],
    requestBody: { content: { [mediaType]: { schema: {}, example } } },
    responses: {
      "2XX": { description: "The delivery is done." },
      "410": { description: "The target wants nothing more: the trigger is paused." },
      default: { description: "Tried again as the trigger's `retry` has it; `Retry-After` is obeyed." },
    },
  };
}

const signatureHeaders = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => ({
  ...headerParameter(name),
  description: "Standard Webhooks 1.0.",
}));

/** One format says the id of Standard Webhooks by itself. */
function isOwn(header: string): boolean {
  return signatureHeaders.every(({ name }) => name !== header);
}

function headerParameter(name: string) {
  return { name, in: "header" as const, required: true, schema: { type: "string" as const } };
}
