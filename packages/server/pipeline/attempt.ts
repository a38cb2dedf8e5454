// attempt: one try at a claimed delivery. It answers a value and never throws; what it saw goes on to record.
import type { AttemptEvidence } from "../domain/attempt.ts";
import { describeOutcome, type Outcome } from "../domain/outcome.ts";
import { signingSecrets, type Trigger } from "../domain/trigger.ts";
import type { Clock } from "../outside/clock.ts";
import type { ClaimedDelivery } from "../store/store.ts";
import type { AttemptReport, Target } from "../targets/target.ts";

/** A try that ended, and everything that record needs to know of it. */
export interface FinishedAttempt {
  readonly claimed: ClaimedDelivery;
  readonly outcome: Outcome;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly durationMs: number;
  readonly report: AttemptReport;
}

export interface AttemptParts {
  readonly targets: ReadonlyMap<string, Target>;
  readonly clock: Clock;
}

export async function attempt(
  parts: AttemptParts,
  claimed: ClaimedDelivery,
  trigger: Trigger | undefined,
  signal: AbortSignal,
): Promise<FinishedAttempt> {
  const startedAt = parts.clock.now();
  const started = parts.clock.monotonic();
  const report = await deliver(parts, claimed, trigger, startedAt, signal);
  const durationMs = Math.round((parts.clock.monotonic() - started) * 1000) / 1000;
  return { claimed, outcome: report.outcome, startedAt, finishedAt: parts.clock.now(), durationMs, report };
}

async function deliver(
  parts: AttemptParts,
  claimed: ClaimedDelivery,
  trigger: Trigger | undefined,
  nowMs: number,
  signal: AbortSignal,
): Promise<AttemptReport> {
  if (trigger === undefined) return refused("the trigger was deleted while this try was about to start");
  const target = parts.targets.get(trigger.target.kind);
  if (target === undefined) return refused(`this node has no target of the kind "${trigger.target.kind}"`);
  return target.deliver(
    {
      event: claimed.event,
      sequence: claimed.eventSequence,
      deliveryId: claimed.id,
      attempt: claimed.progress.attempts + 1,
      nowMs,
      target: trigger.target,
      format: trigger.format,
      timeoutMs: trigger.timeoutMs,
      secrets: signingSecrets(trigger, nowMs),
      origin: trigger.consent?.origin ?? null,
    },
    signal,
  );
}

function refused(detail: string): AttemptReport {
  return { outcome: { kind: "refused", detail } };
}

/** What is kept of a try beside its outcome. Bodies that are not UTF-8 are kept as base64. */
export function evidenceOf(report: AttemptReport): AttemptEvidence {
  const { outcome, request, response } = report;
  return {
    ...("phase" in outcome ? { phase: outcome.phase } : {}),
    ...(outcome.kind === "delivered" ? {} : { error: describeOutcome(outcome) }),
    ...(request === undefined ? {} : { request }),
    ...(response === undefined
      ? {}
      : { response: { headers: response.headers, ...bodyText(response.body), truncated: response.truncated } }),
  };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function bodyText(body: Uint8Array): { readonly body: string; readonly encoding?: "base64" } {
  if (body.length === 0) return { body: "" };
  try {
    return { body: utf8.decode(body) };
  } catch {
    return { body: Buffer.from(body).toString("base64"), encoding: "base64" };
  }
}
