// POST …/events: what happened comes in, as JSON of our own or as CloudEvents in any of the three modes. The hot path.
import {
  decodeBatch,
  decodeBinary,
  decodeStructured,
  detectMode,
  type MessageHeaders,
} from "@posthorn/wire/cloudevents";
import type { Result } from "@posthorn/wire/errors";
import type { Event } from "@posthorn/wire/event";
import { isJsonMediaType } from "@posthorn/wire/media-type";
import { decodeNative, type NativeEvent } from "@posthorn/wire/native";
import { parseTimestamp } from "@posthorn/wire/timestamp";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Publication } from "../../pipeline/publication.ts";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import { jsonText, refuseContentEncoding, sendJson, takeBytes, wireProblem } from "../bodies.ts";
import { ReceiptShape, showReceipt } from "../event-view.ts";
import type { ApiParts } from "../parts.ts";
import { unsupportedMediaType } from "../problem-answers.ts";
import { Problem } from "../problems.ts";
import { publish } from "../publishing.ts";
import { ProjectPath, ref } from "../shapes.ts";

const accepted = "application/json, application/cloudevents+json, application/cloudevents-batch+json";

const NativeShape = Type.Object(
  {
    type: Type.String({ examples: ["order.placed"] }),
    data: Type.Optional(Type.Unsafe<unknown>({ description: "Any JSON; it arrives character for character." })),
    source: Type.Optional(Type.String({ description: "`/projects/<project>` if not given." })),
    subject: Type.Optional(Type.String()),
    id: Type.Optional(Type.String({ description: "With `source` it makes a repeat safe. One is made if not given." })),
    time: Type.Optional(Type.String({ format: "date-time", description: "When it happened; now if not given." })),
    deliverAt: Type.Optional(
      Type.Union([Type.String({ format: "date-time" }), Type.Integer()], {
        description: "When to deliver: RFC 3339, or milliseconds since 1970.",
      }),
    ),
    delay: Type.Optional(Type.Number({ minimum: 0, description: "Seconds from now, instead of `deliverAt`." })),
  },
  {
    $id: "NewEvent",
    description: "Other fields whose names are made of a-z and 0-9 are extension attributes.",
    examples: [{ type: "order.placed", data: { order: 1042, total: "99.90" } }],
  },
);

const CloudEventShape = Type.Object(
  {
    specversion: Type.Unsafe<"1.0">({ type: "string", const: "1.0" }),
    id: Type.String(),
    source: Type.String(),
    type: Type.String(),
  },
  {
    $id: "CloudEvent",
    description:
      "CloudEvents 1.0 in the JSON format. In binary mode the attributes are `ce-` headers and the body is the data.",
    examples: [{ specversion: "1.0", id: "1042", source: "/shop", type: "order.placed", data: { order: 1042 } }],
  },
);

const receipts = Type.Union([ref(ReceiptShape), Type.Array(ref(ReceiptShape))], {
  description: "Stored, with every delivery that is owed. An array is answered with an array, in the same order.",
});

export function publishRoute(root: App, parts: ApiParts): void {
  root.addSchema(NativeShape);
  root.addSchema(CloudEventShape);
  root.addSchema(ReceiptShape);
  root.register(async (app: App) => {
    takeBytes(app);
    app.post(
      "/v1/projects/:project/events",
      {
        bodyLimit: parts.config.maxBodyBytes,
        config: { access: "events:write", accepts: accepted, publishes: true, documentedBody: documentedBody() },
        schema: {
          operationId: "publishEvents",
          tags: ["events"],
          summary: "Publish events",
          description:
            "One event, an array, or CloudEvents (structured, batched, or binary with `ce-` headers). Stored whole or not at all. An `Idempotency-Key`, or the events' own source and id, makes a repeat safe.",
          params: ProjectPath,
          headers: Type.Object({
            "Idempotency-Key": Type.Optional(Type.String({ description: "A repeat gets the first answer again." })),
          }),
          response: { 202: receipts },
        },
      },
      async (request, reply) => {
        refuseContentEncoding(request);
        // The parser of this route's context leaves the bytes as they are.
        const body = (request.body as Buffer | undefined) ?? noBytes;
        const { publications, isArray, mode } = readPublications(request, body);
        refuseLargeBatch(publications.length, parts.config.maxBatchEvents);
        const { receipts, repeated } = await publish(parts, request, {
          publications,
          defaultSource: `/projects/${projectOf(request).project.slug}`,
          body,
          place: (pointer) => (mode === "binary" ? "#" : `#${isArray ? pointer : pointer.replace(/^\/0/, "")}`),
        });
        const text = receipts.map(showReceipt).join(",");
        if (repeated) reply.header("idempotency-replayed", "true");
        return sendJson(reply.code(202), isArray ? `[${text}]` : text);
      },
    );
  });
}

const noBytes = Buffer.alloc(0);

function documentedBody() {
  const one = ref(NativeShape);
  const event = ref(CloudEventShape);
  return {
    content: {
      "application/json": { schema: Type.Union([one, Type.Array(one)]) },
      "application/cloudevents+json": { schema: event },
      "application/cloudevents-batch+json": { schema: Type.Array(event) },
    },
  };
}

// ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Reading {
  readonly publications: readonly Publication[];
  /** The body was an array, so the answer is one too. */
  readonly isArray: boolean;
  readonly mode: ReturnType<typeof detectMode>;
}

function readPublications(request: FastifyRequest, body: Buffer): Reading {
  const mode = detectMode(request.headers);
  switch (mode) {
    case "structured":
      return { publications: [{ event: opened(decodeStructured(textOf(body))) }], isArray: false, mode };
    case "batched":
      return { publications: opened(decodeBatch(textOf(body))).map(asPublication), isArray: true, mode };
    case "binary":
      // Node joins headers that came twice; here they are still apart.
      return { publications: [{ event: opened(decodeBinary(distinctHeaders(request), body)) }], isArray: false, mode };
    case "unsupported":
      throw unsupportedMediaType(accepted);
    case "none":
      return { ...readNative(request.headers["content-type"], body), mode };
    default:
      return mode satisfies never;
  }
}

function distinctHeaders(request: FastifyRequest): MessageHeaders {
  return request.raw.headersDistinct;
}

function asPublication(event: Event): Publication {
  return { event };
}

function readNative(contentType: string | undefined, body: Buffer): Pick<Reading, "publications" | "isArray"> {
  if (body.length === 0)
    throw new Problem("body_missing", "this request needs a body: an event, or an array of events");
  if (contentType === undefined || !isJsonMediaType(contentType)) throw unsupportedMediaType(accepted);
  const { events, isArray } = opened(decodeNative(textOf(body)));
  return { publications: events.map(publicationOf), isArray };
}

function publicationOf({ deliverAt, delay, ...event }: NativeEvent): Publication {
  // The decoder has let no text through that is no timestamp.
  const due = typeof deliverAt === "string" ? parseTimestamp(deliverAt) : deliverAt;
  return { event, deliverAt: due, delaySeconds: delay };
}

function textOf(body: Buffer): string {
  if (body.length === 0)
    throw new Problem("body_missing", "this request needs a body: an event, or an array of events");
  return opened(jsonText(body));
}

function opened<T>(result: Result<T>): T {
  if (!result.ok) throw wireProblem(result.faults);
  return result.value;
}

function refuseLargeBatch(count: number, most: number): void {
  if (count > most)
    throw new Problem(
      "batch_too_large",
      `one request may hold at most ${most} events (POSTHORN_MAX_BATCH_EVENTS), not ${count}`,
    );
}
