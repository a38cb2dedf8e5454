// Queueing a custom event the way of Space Cloud, at both of its paths (SEEDS §1): answered at once, or with what the webhook
// answered.
import { decodeQueueRequest, type QueueRequest } from "@posthorn/wire/space-cloud";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { uuidv7 } from "../../domain/ids.ts";
import { publicationOf } from "../../pipeline/publication.ts";
import type { Expectation, Verdict, Verdicts } from "../../pipeline/verdict.ts";
import type { EventReceipt } from "../../store/store.ts";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import { jsonText, refuseContentEncoding, sendJson, takeBytes, wireProblem } from "../bodies.ts";
import type { ApiParts } from "../parts.ts";
import { Problem } from "../problems.ts";
import { publish } from "../publishing.ts";
import { Moment, momentOf, ProjectPath } from "../shapes.ts";
import { spaceCloudProblem } from "./space-cloud-shapes.ts";

/** How long a synchronous caller waits: as long as Space Cloud let it. */
const waitMs = 10_000;

const QueueShape = Type.Object(
  {
    type: Type.String(),
    delay: Type.Optional(Type.Number({ minimum: 0, description: "Seconds after `timestamp`, or after now." })),
    timestamp: Type.Optional(
      Type.Union([Type.Number(), Type.String({ format: "date-time" })], {
        description: "Milliseconds since 1970, or RFC 3339.",
      }),
    ),
    data: Type.Optional(Type.Unsafe<unknown>({ description: "Any JSON." })),
    payload: Type.Optional(Type.Unsafe<unknown>({ description: "Another name for `data`." })),
    isSynchronous: Type.Optional(Type.Boolean({ description: "Wait for the webhook's answer." })),
  },
  { additionalProperties: false, examples: [{ type: "sent-email", delay: 60, data: { to: "user1@email.com" } }] },
);

const QueuedShape = Type.Union(
  [
    Type.Object({
      id: Type.String(),
      deliverAt: Moment,
      deliveries: Type.Integer(),
      warnings: Type.Optional(Type.Array(Type.String())),
    }),
    Type.Object({ result: Type.Unsafe<unknown>({ description: "The `response` in the webhook's answer, or null." }) }),
  ],
  { description: "Stored. With `isSynchronous` the webhook has answered too." },
);

const paths = [
  { path: "/v1/api/:project/event-triggers/queue", operationId: "queueEvent" },
  { path: "/v1/api/:project/eventing/queue", operationId: "queueEventSince016" },
];

export function queueRoutes(root: App, parts: ApiParts, verdicts: Verdicts): void {
  root.register(async (app: App) => {
    takeBytes(app);
    for (const { path, operationId } of paths)
      app.post(
        path,
        {
          bodyLimit: parts.config.maxBodyBytes,
          config: {
            access: "events:write",
            publishes: true,
            documentedBody: { content: { "application/json": { schema: QueueShape } } },
          },
          schema: {
            operationId,
            tags: ["space-cloud"],
            summary: "Queue a custom event",
            params: ProjectPath,
            response: { 200: QueuedShape, default: spaceCloudProblem },
          },
        },
        async (request, reply) => {
          // The parser of this route's context leaves the bytes as they are.
          const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
          const queued = readQueueRequest(request, body);
          const answer = queued.isSynchronous
            ? queueAndWait(queued, body, request, parts, verdicts)
            : queueOnly(queued, body, request, reply, parts);
          return sendJson(reply, await answer);
        },
      );
  });
}

function readQueueRequest(request: FastifyRequest, body: Buffer): QueueRequest {
  refuseContentEncoding(request);
  if (body.length === 0) throw new Problem("body_missing", "this request needs a JSON body");
  // Whatever content type it says: neither the document nor the real system ever asked for one.
  const text = jsonText(body);
  const decoded = text.ok ? decodeQueueRequest(text.value) : text;
  if (!decoded.ok) throw wireProblem(decoded.faults);
  return decoded.value;
}

async function queueOnly(
  queued: QueueRequest,
  body: Buffer,
  request: FastifyRequest,
  reply: FastifyReply,
  parts: ApiParts,
): Promise<string> {
  const { receipt, repeated } = await keep(queued, undefined, body, request, parts);
  if (repeated) reply.header("idempotency-replayed", "true");
  const { id, deliverAt, deliveries } = receipt;
  const { warnings } = queued;
  return JSON.stringify({
    id,
    deliverAt: momentOf(deliverAt),
    deliveries,
    ...(warnings.length === 0 ? {} : { warnings }),
  });
}

/** The event gets its id here, so that its deliveries can be listened for before the first of them begins. */
async function queueAndWait(
  queued: QueueRequest,
  body: Buffer,
  request: FastifyRequest,
  parts: ApiParts,
  verdicts: Verdicts,
): Promise<string> {
  // The first answer would have to be kept for a repeat, and it is not ours.
  if (request.headers["idempotency-key"] !== undefined)
    throw new Problem("invalid_idempotency_key", "Idempotency-Key and isSynchronous must not both be there");
  const id = uuidv7(parts.clock.now(), parts.randomness.bytes(10));
  const expectation = verdicts.expect(projectOf(request).project.id, id);
  if (expectation === null) throw new Problem("too_many_waiting", "too many callers wait for webhooks already");
  try {
    const { receipt } = await keep(queued, id, body, request, parts);
    return resultOf(await verdictOn(receipt, expectation, parts.clock.now()), receipt);
  } finally {
    expectation.forget();
  }
}

async function keep(
  queued: QueueRequest,
  id: string | undefined,
  body: Buffer,
  request: FastifyRequest,
  parts: ApiParts,
): Promise<{ readonly receipt: EventReceipt; readonly repeated: boolean }> {
  const publication = publicationOf(queued);
  const { receipts, repeated } = await publish(parts, request, {
    publications: [id === undefined ? publication : { ...publication, event: { ...publication.event, id } }],
    defaultSource: parts.store.instanceId,
    body,
    place: (pointer) => pointer.replace(/^\/0/, "#"),
  });
  const [receipt] = receipts;
  if (receipt === undefined) throw new Error("one event was published and no receipt came");
  return { receipt, repeated };
}

/** Nobody waits for what is due only after the waiting is over. */
async function verdictOn(receipt: EventReceipt, expectation: Expectation, now: number): Promise<Verdict> {
  if (receipt.deliverAt >= now + waitMs) return { kind: "late" };
  return expectation.verdict(receipt.deliveries, waitMs);
}

function resultOf(verdict: Verdict, { id, deliverAt }: EventReceipt): string {
  switch (verdict.kind) {
    case "answered":
      return `{"result":${verdict.response ?? "null"}}`;
    case "failed":
      throw new Problem("webhook_failed", `event ${id} is stored, and its webhook failed: ${verdict.detail}`);
    case "late":
      throw new Problem(
        "webhook_late",
        `event ${id}, due at ${momentOf(deliverAt)}, is stored, but its webhook did not answer in time (at most ${waitMs / 1000} s)`,
      );
    default:
      return verdict satisfies never;
  }
}
