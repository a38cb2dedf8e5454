// A trigger as it is shown: without its secret, and with the values of its headers masked.
import { type FormatName, formats } from "@posthorn/wire/formats";
import { type Static, Type } from "typebox";
import { type Trigger, whyIdle } from "../domain/trigger.ts";
import { Moment, momentOf, nullable, oneOf } from "./shapes.ts";
import { HeadersShape, mask, RetryShape, validationPolicies } from "./trigger-body.ts";

export const TriggerShape = Type.Object(
  {
    id: Type.Integer(),
    name: Type.String(),
    types: Type.Array(Type.String()),
    filters: Type.Array(Type.Unsafe<unknown>({})),
    target: Type.Object({ kind: oneOf(["webhook"]), url: Type.String(), headers: HeadersShape }),
    format: oneOf(Object.keys(formats) as readonly FormatName[]),
    timeoutMs: Type.Integer(),
    retry: Type.Object({
      ...RetryShape.properties,
      schedule: Type.Optional(RetryShape.properties.schedule),
    }),
    enabled: Type.Boolean(),
    state: oneOf(["active", "paused", "disabled", "unverified"]),
    paused: Type.Boolean(),
    pausedReason: nullable(Type.String()),
    pausedAt: nullable(Moment),
    validation: Type.Object(
      {
        policy: oneOf(validationPolicies),
        state: nullable(oneOf(["pending", "verified", "refused"])),
        detail: nullable(Type.String({ description: "Why the target is not verified." })),
        at: nullable(Moment),
      },
      { description: "Whether the target has consented to deliveries. Until then they are collected and held." },
    ),
    createdAt: Moment,
    updatedAt: Moment,
  },
  { $id: "Trigger", description: "Who wants which events, where to and how." },
);

export const CreatedTriggerShape = Type.Object(
  {
    ...TriggerShape.properties,
    secret: Type.String({ description: "Signs every delivery; shown here and on request." }),
  },
  { $id: "CreatedTrigger", description: "The new trigger, with its secret." },
);

export function showTrigger(trigger: Trigger): Static<typeof TriggerShape> {
  const { id, name, types, filters, target, format, timeoutMs, retry, enabled, paused } = trigger;
  const { schedule, ...policy } = retry;
  return {
    id,
    name,
    types: [...types],
    filters: [...filters],
    target: { kind: target.kind, url: target.url, headers: masked(target.headers) },
    format,
    timeoutMs,
    retry: { ...policy, ...(schedule === undefined ? {} : { schedule: [...schedule] }) },
    enabled,
    state: whyIdle(trigger) ?? "active",
    paused: paused !== null,
    pausedReason: paused?.reason ?? null,
    pausedAt: paused === null ? null : momentOf(paused.at),
    validation: showValidation(trigger),
    createdAt: momentOf(trigger.createdAt),
    updatedAt: momentOf(trigger.updatedAt),
  };
}

function showValidation({ validation: policy, consent }: Trigger): Static<typeof TriggerShape>["validation"] {
  if (consent === null) return { policy, state: policy === "off" ? null : "pending", detail: null, at: null };
  return { policy, state: consent.state, detail: consent.detail, at: momentOf(consent.at) };
}

function masked(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, mask]));
}
