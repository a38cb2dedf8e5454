// record: what a try came to is kept, and moves its delivery on: settled, or planned for the next try. What the try leads
// to (a chained event, a dead delivery's notice, a pause) is kept in the same act.
import { advance, type DeliveryProgress } from "../domain/delivery.ts";
import { describeOutcome, type Outcome } from "../domain/outcome.ts";
import type { Trigger } from "../domain/trigger.ts";
import type { Tell } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { AgendaEntry, EventDraft, SettleRequest, SettleResult, Store } from "../store/store.ts";
import { evidenceOf, type FinishedAttempt } from "./attempt.ts";
import type { Catalogue, ProjectView } from "./catalogue.ts";
import { type Consequences, consequencesOf } from "./consequences.ts";

export interface RecordParts {
  readonly store: Pick<Store, "settle">;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly tell: Tell;
}

export type Record = (finished: FinishedAttempt, trigger: Trigger | undefined) => Promise<readonly AgendaEntry[]>;

/** The pauses before a record is tried again when the store is away; then the lease decides. */
const storePausesMs = [100, 300, 1000, 3000];

export function createRecord(parts: RecordParts): Record {
  return async (finished, trigger) => {
    const consequences = consequencesOf(finished, trigger);
    const judged = { ...finished, outcome: consequences.outcome };
    const progress = progressAfter(judged, trigger, parts.randomness.unit());
    let view = await parts.catalogue.byId(finished.claimed.projectId);
    for (;;) {
      const follow = view === null ? [] : consequences.events(progress, view, parts.randomness);
      const result = await settle(settleRequest(judged, progress, consequences, view, follow), parts);
      if (result.kind === "stale") {
        view = await parts.catalogue.refresh(finished.claimed.projectId);
        continue;
      }
      await tellOf(result, judged, progress, trigger, parts);
      return result.kind === "lost" ? [] : nextLooks(judged, progress, follow);
    }
  };
}

function progressAfter(finished: FinishedAttempt, trigger: Trigger | undefined, chance: number): DeliveryProgress {
  const { claimed, finishedAt: at, outcome } = finished;
  const next = advance(claimed.progress, happeningOf(outcome, trigger, at, chance));
  if (next === null) throw new Error(`a claimed delivery in state ${claimed.progress.state} cannot be recorded`);
  return next;
}

function happeningOf(outcome: Outcome, trigger: Trigger | undefined, at: number, chance: number) {
  if (outcome.kind === "delivered") return { kind: "succeeded", at } as const;
  if (outcome.kind === "interrupted") return { kind: "interrupted", at } as const;
  const final = trigger === undefined || outcome.kind === "refused" || (outcome.kind === "rejected" && outcome.gone);
  const retryAfterMs = outcome.kind === "rejected" ? outcome.retryAfterMs : undefined;
  return { kind: "missed", at, policy: trigger?.retry ?? noRetries, retryAfterMs, final, chance } as const;
}

const noRetries = { retries: 0, initialDelayMs: 0, factor: 1, maxDelayMs: 0, jitter: 0, maxDurationMs: 0 };

function settleRequest(
  finished: FinishedAttempt,
  progress: DeliveryProgress,
  consequences: Consequences,
  view: ProjectView | null,
  follow: readonly EventDraft[],
): SettleRequest {
  const { claimed, outcome, report } = finished;
  const evidence = evidenceOf({ ...report, outcome });
  const note = consequences.note;
  return {
    now: finished.finishedAt,
    projectId: claimed.projectId,
    triggerId: claimed.triggerId,
    deliveryId: claimed.id,
    fence: claimed.fence,
    progress,
    attempt: {
      number: claimed.recorded + 1,
      startedAt: finished.startedAt,
      durationMs: finished.durationMs,
      outcome: outcome.kind,
      status: "status" in outcome ? (outcome.status ?? null) : null,
      evidence: note === undefined ? evidence : { ...evidence, note },
    },
    ...(consequences.pause === undefined ? {} : { pause: { reason: consequences.pause } }),
    ...(follow.length === 0 || view === null ? {} : { follow: { catalogueVersion: view.version, events: follow } }),
  };
}

async function settle(request: SettleRequest, parts: RecordParts): Promise<SettleResult> {
  for (const pauseMs of storePausesMs) {
    try {
      return await parts.store.settle(request);
    } catch (error) {
      parts.tell({ kind: "trouble", where: "record", error });
      await new Promise<void>((resolve) => parts.clock.after(pauseMs, resolve));
    }
  }
  return parts.store.settle(request);
}

function nextLooks(
  { claimed: { projectId, triggerId } }: FinishedAttempt,
  progress: DeliveryProgress,
  follow: readonly EventDraft[],
): readonly AgendaEntry[] {
  const own = progress.dueAt === null ? [] : [{ projectId, triggerId, dueAt: progress.dueAt }];
  const followed = follow.flatMap((draft) =>
    draft.deliveries.map((delivery) => ({ projectId, triggerId: delivery.triggerId, dueAt: draft.deliverAt })),
  );
  return [...own, ...followed];
}

async function tellOf(
  result: SettleResult,
  finished: FinishedAttempt,
  progress: DeliveryProgress,
  trigger: Trigger | undefined,
  parts: RecordParts,
): Promise<void> {
  const { claimed, outcome } = finished;
  const { projectId, triggerId, id: deliveryId } = claimed;
  if (result.kind === "lost") return parts.tell({ kind: "claim.lost", projectId, deliveryId });
  if (outcome.kind === "rejected" && outcome.gone) await tellOfPause(finished, trigger, parts);
  parts.tell({
    kind: "attempt.finished",
    projectId,
    triggerId,
    trigger: trigger?.name ?? "",
    deliveryId,
    eventId: claimed.event.id,
    type: claimed.event.type,
    attempt: progress.attempts,
    outcome: outcome.kind,
    status: "status" in outcome ? (outcome.status ?? null) : null,
    phase: "phase" in outcome ? outcome.phase : null,
    error: outcome.kind === "delivered" ? null : describeOutcome(outcome),
    durationMs: finished.durationMs,
    state: progress.state,
    nextAttemptAt: progress.dueAt,
    sinceDueMs: finished.finishedAt - claimed.progress.seriesStartedAt,
  });
}

async function tellOfPause(finished: FinishedAttempt, trigger: Trigger | undefined, parts: RecordParts): Promise<void> {
  const { projectId, triggerId } = finished.claimed;
  await parts.catalogue.refresh(projectId);
  const reason = describeOutcome(finished.outcome);
  parts.tell({ kind: "trigger.paused", projectId, triggerId, trigger: trigger?.name ?? "", reason });
}
