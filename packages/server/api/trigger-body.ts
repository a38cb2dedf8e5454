// A trigger as its user writes it: the body of its creation and of its changes, read into a definition.
import { type FormatName, formats } from "@posthorn/wire/formats";
import { parseSecret } from "@posthorn/wire/signature";
import { type Static, Type } from "typebox";
import { defaultRetryPolicy, type RetryPolicy } from "../domain/backoff.ts";
import { type Filter, filterFaults } from "../domain/filters.ts";
import { type TriggerDefinition, type TriggerTarget, triggerNamePattern } from "../domain/trigger.ts";
import { wireProblem } from "./bodies.ts";
import type { ApiParts } from "./parts.ts";
import { type CodedFault, problemOf } from "./problems.ts";
import { nullable, oneOf } from "./shapes.ts";

const dayMs = 24 * 3_600_000;
/** So many that `maxDurationMs` can have the last word: "every 30 s for 24 h" is 2,880. */
const maxRetries = 100_000;
/** More than these must not come at once. */
const maxBriskRetries = 100;
const leastPauseMs = 1000;
export const defaultTimeoutMs = 5000;

/** Stands for a header's value wherever a trigger is shown, and in a change for the value that is there already. */
export const mask = "***";

export const validationPolicies = ["off", "required"] as const;

const formatNames = Object.keys(formats) as readonly FormatName[];

const milliseconds = (maximum: number, description: string) => Type.Integer({ minimum: 0, maximum, description });

export const RetryShape = Type.Object(
  {
    retries: Type.Integer({
      minimum: 0,
      maximum: maxRetries,
      description: `Tries after the first one. More than ${maxBriskRetries} need an initialDelayMs of at least ${leastPauseMs}.`,
    }),
    initialDelayMs: milliseconds(dayMs, "The first pause."),
    factor: Type.Number({ minimum: 1, maximum: 10, description: "Each pause is the last one times this." }),
    maxDelayMs: milliseconds(30 * dayMs, "No pause is longer, Retry-After aside."),
    jitter: Type.Number({ minimum: 0, maximum: 1, description: "The share of a pause that chance moves." }),
    maxDurationMs: milliseconds(30 * dayMs, "No try starts later than this after the first one was due."),
    schedule: Type.Array(milliseconds(30 * dayMs, "One pause."), {
      minItems: 1,
      maxItems: 100,
      description: "The pauses themselves, one by one, instead of initialDelayMs, factor and maxDelayMs.",
    }),
  },
  { additionalProperties: false },
);

const RetryBody = Type.Object(
  { ...Type.Partial(RetryShape).properties, schedule: Type.Optional(nullable(RetryShape.properties.schedule)) },
  { additionalProperties: false, description: "What is not given keeps its default, or what it was." },
);

export const HeadersShape = Type.Unsafe<Record<string, string>>({
  type: "object",
  additionalProperties: { type: "string", maxLength: 8192 },
  description: `Request headers of your own. Their values are kept encrypted and shown as "${mask}".`,
});

const TargetBody = Type.Object(
  {
    kind: oneOf(["webhook"]),
    url: Type.String({ minLength: 1, maxLength: 2048, examples: ["https://example.com/hooks"] }),
    headers: Type.Optional(HeadersShape),
  },
  { additionalProperties: false },
);

const editable = {
  types: Type.Array(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: "^(?:\\*|[^*]+(?:\\.\\*)?)$",
      description: "An exact type, `prefix.*`, or `*` for all",
    }),
    { minItems: 1, maxItems: 100, examples: [["order.*"]], description: "Exact types, `prefix.*`, or `*` for all." },
  ),
  filters: Type.Array(Type.Unsafe<unknown>({ description: "A filter of the CloudEvents Subscriptions API." }), {
    maxItems: 100,
    description: "All must hold. Dialects: exact, prefix, suffix, all, any, not.",
  }),
  target: TargetBody,
  format: oneOf(formatNames, { description: "How events are written for the target." }),
  timeoutMs: Type.Integer({ minimum: 1, maximum: 300_000, description: "For one whole try." }),
  retry: RetryBody,
  enabled: Type.Boolean({ description: "Events pass a disabled trigger by." }),
  validation: oneOf(validationPolicies, {
    description:
      "`required`: the target is asked by the CloudEvents webhook validation, and nothing is delivered until it consents.",
  }),
};

const { types, target, ...optional } = editable;

export const TriggerCreation = Type.Object(
  {
    name: Type.String({
      pattern: triggerNamePattern,
      description: "1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first",
      examples: ["orders-to-billing"],
    }),
    types,
    target,
    ...Type.Partial(Type.Object(optional)).properties,
    secret: Type.Optional(
      Type.String({ maxLength: 512, description: "A signing secret of your own, `whsec_…` or `whsk_…`." }),
    ),
  },
  { additionalProperties: false },
);

export const TriggerChange = Type.Object(Type.Partial(Type.Object(editable)).properties, {
  additionalProperties: false,
  minProperties: 1,
});

export type TargetChecks = Pick<ApiParts, "checkTargetUrl" | "checkTargetHeaders">;

/** What a new trigger is to be. Throws the problem of what the schema could not see. */
export function readTrigger(body: Static<typeof TriggerCreation>, checks: TargetChecks): TriggerDefinition {
  const { name, secret, ...change } = body;
  if (secret !== undefined) readSecret(secret);
  const blank: TriggerDefinition = {
    name,
    types: [],
    filters: [],
    target: { kind: "webhook", url: "", headers: {} },
    format: "cloudevents",
    timeoutMs: defaultTimeoutMs,
    retry: defaultRetryPolicy,
    enabled: true,
    validation: "off",
  };
  return changeTrigger(blank, change, checks);
}

/** The trigger after a change: what is given replaces what was, but for `retry`, whose members are replaced one by one. */
export function changeTrigger(
  trigger: TriggerDefinition,
  change: Static<typeof TriggerChange>,
  checks: TargetChecks,
): TriggerDefinition {
  const faults: CodedFault[] = [];
  const retry = change.retry === undefined ? trigger.retry : mergeRetry(trigger.retry, change.retry);
  if (isTooBrisk(retry)) faults.push(tooBrisk);
  const definition: TriggerDefinition = {
    name: trigger.name,
    types: change.types === undefined ? trigger.types : [...new Set(change.types)],
    filters: change.filters === undefined ? trigger.filters : readFilters(change.filters, faults),
    target: change.target === undefined ? trigger.target : readTarget(change.target, trigger.target, checks, faults),
    format: change.format ?? trigger.format,
    timeoutMs: change.timeoutMs ?? trigger.timeoutMs,
    retry,
    enabled: change.enabled ?? trigger.enabled,
    validation: change.validation ?? trigger.validation,
  };
  if (faults.length > 0) throw problemOf(faults);
  return definition;
}

/** A schedule bounds the count by its own length. */
function isTooBrisk({ retries, initialDelayMs, schedule }: RetryPolicy): boolean {
  return retries > maxBriskRetries && initialDelayMs < leastPauseMs && schedule === undefined;
}

const tooBrisk: CodedFault = {
  code: "invalid_field",
  pointer: "#/retry/retries",
  detail: `more than ${maxBriskRetries} retries need an initialDelayMs of at least ${leastPauseMs}`,
};

/** Throws where the text is no signing secret. */
export function readSecret(secret: string): void {
  const parsed = parseSecret(secret);
  if (!parsed.ok) throw wireProblem(parsed.faults.map((fault) => ({ ...fault, pointer: "#/secret" })));
}

function readFilters(filters: readonly unknown[], faults: CodedFault[]): readonly Filter[] {
  const found = filterFaults(filters).map(({ pointer, detail }): CodedFault => {
    return { code: "invalid_field", pointer: `#/filters${pointer}`, detail: `filters${pointer}: ${detail}` };
  });
  faults.push(...found);
  // Without a fault they are filters; with one the caller drops them.
  return filters as readonly Filter[];
}

function readTarget(
  { kind, url, headers = {} }: Static<typeof TargetBody>,
  current: TriggerTarget,
  { checkTargetUrl, checkTargetHeaders }: TargetChecks,
  faults: CodedFault[],
): TriggerTarget {
  const checkedUrl = checkTargetUrl(url);
  if (!checkedUrl.ok) faults.push({ code: "target_refused", pointer: "#/target/url", detail: checkedUrl.detail });
  const checked = checkTargetHeaders(unmasked(headers, current.headers));
  if (checked.ok) return { kind, url, headers: checked.headers };
  const pointer = ["#/target/headers", ...(checked.name === "" ? [] : [encodeURIComponent(checked.name)])].join("/");
  faults.push({ code: "invalid_field", pointer, detail: checked.detail });
  return current;
}

/** A trigger that was read, changed and sent back holds masks; the values behind them stay. */
function unmasked(
  given: Readonly<Record<string, string>>,
  current: TriggerTarget["headers"],
): Readonly<Record<string, string>> {
  const entries = Object.entries(given);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, value === mask ? (current[name.toLowerCase()] ?? value) : value]),
  );
}

/** A schedule bounds the count by its own length, so one that comes without `retries` brings them along. */
function mergeRetry(current: RetryPolicy, change: Static<typeof RetryBody>): RetryPolicy {
  const { schedule, ...rest } = change;
  const { schedule: currentSchedule, ...policy } = current;
  const kept = schedule === undefined ? currentSchedule : schedule;
  return {
    ...policy,
    ...(schedule === undefined || schedule === null ? {} : { retries: schedule.length }),
    ...rest,
    ...(kept === undefined || kept === null ? {} : { schedule: kept }),
  };
}
