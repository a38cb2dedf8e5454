// A delivery and its attempts as they are shown.
import { type Static, Type } from "typebox";
import type { Attempt } from "../domain/attempt.ts";
import { outcomeNames } from "../domain/outcome.ts";
import type { DeliveryRow } from "../store/store.ts";
import { Moment, momentOf, nullable, oneOf, State } from "./shapes.ts";
import { HeadersShape } from "./trigger-body.ts";

const Outcome = oneOf(outcomeNames);

export const DeliveryShape = Type.Object(
  {
    id: Type.String(),
    eventId: Type.String(),
    eventSource: Type.String(),
    type: Type.String({ description: "Of the event." }),
    trigger: Type.String({ description: "The trigger's name, also after its deletion." }),
    state: State,
    attempts: Type.Integer({ description: "Tries so far; those that a shutdown cut off do not count." }),
    nextAttemptAt: nullable(Moment),
    createdAt: Moment,
    settledAt: nullable(Moment),
    lastOutcome: nullable(Outcome),
  },
  { $id: "Delivery", description: "One event owed to one trigger." },
);

export const AttemptShape = Type.Object(
  {
    number: Type.Integer(),
    startedAt: Moment,
    durationMs: Type.Number(),
    outcome: Outcome,
    phase: Type.Optional(oneOf(["dns", "connect", "tls", "send", "headers", "body"])),
    status: Type.Optional(Type.Integer({ description: "The HTTP status, where one came." })),
    error: Type.Optional(Type.String({ description: "Why it was no success, in one sentence." })),
    note: Type.Optional(Type.String({ description: "What of the answer was not followed, and why." })),
    request: Type.Optional(
      Type.Object({ url: Type.String(), headers: HeadersShape, bytes: Type.Integer({ description: "Of the body." }) }),
    ),
    response: Type.Optional(
      Type.Object({
        headers: HeadersShape,
        body: Type.String(),
        encoding: Type.Optional(oneOf(["base64"], { description: "There where the body is not UTF-8." })),
        truncated: Type.Boolean(),
      }),
    ),
  },
  { $id: "Attempt", description: "One try, with its proof." },
);

export function showDelivery(row: DeliveryRow): Static<typeof DeliveryShape> {
  const { id, eventId, eventSource, type, trigger, progress, createdAt, lastOutcome } = row;
  const { state, attempts, dueAt, settledAt } = progress;
  return {
    id,
    eventId,
    eventSource,
    type,
    trigger,
    state,
    attempts,
    // While a try runs, `dueAt` is the end of its lease and says nothing of a next one.
    nextAttemptAt: dueAt === null || state === "in_flight" ? null : momentOf(dueAt),
    createdAt: momentOf(createdAt),
    settledAt: settledAt === null ? null : momentOf(settledAt),
    lastOutcome,
  };
}

export function showAttempt({ number, startedAt, durationMs, outcome, status, evidence }: Attempt) {
  return {
    number,
    startedAt: momentOf(startedAt),
    durationMs,
    outcome,
    ...(status === null ? {} : { status }),
    ...evidence,
  };
}
