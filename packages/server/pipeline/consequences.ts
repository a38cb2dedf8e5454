// What a try leads to beside its own record: events that a Space Cloud webhook answered (SEEDS §1 "success"), the notice
// of a dead delivery, the pause of a trigger whose target is gone.
import { decodeWebhookAnswer, type WebhookAnswer } from "@posthorn/wire/space-cloud";
import type { DeliveryProgress } from "../domain/delivery.ts";
import { describeOutcome, type Outcome } from "../domain/outcome.ts";
import { deliveryFailedType, isSystemType, triggerPausedType } from "../domain/system-types.ts";
import type { Trigger } from "../domain/trigger.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { EventDraft } from "../store/store.ts";
import type { FinishedAttempt } from "./attempt.ts";
import type { ProjectView } from "./catalogue.ts";
import { draftDeliveries, draftNotice } from "./match.ts";
import { complete, faultsOf, type Publication, publicationOf } from "./publication.ts";

export interface Consequences {
  /** The outcome, after the answer's own word on it: `error` in it makes a failure of a 2xx. */
  readonly outcome: Outcome;
  /** Why the trigger is paused, if it is. */
  readonly pause?: string;
  /** For the record: what of the answer was not followed, and why. */
  readonly note?: string;
  /** What the delivery's new progress and the answer make happen, matched against `view`. */
  events(progress: DeliveryProgress, view: ProjectView, randomness: Randomness): readonly EventDraft[];
}

/** Events may lead to events, but not for ever. */
const maxChainDepth = 10;
/** Events that one answer may publish. */
const maxAnsweredEvents = 100;

interface Answer {
  readonly outcome: Outcome;
  readonly note?: string;
  readonly publications: readonly Publication[];
}

export function consequencesOf(finished: FinishedAttempt, trigger: Trigger | undefined): Consequences {
  const answer = readAnswer(finished, trigger);
  const { outcome } = answer;
  const isGone = outcome.kind === "rejected" && outcome.gone;
  const notices = (progress: DeliveryProgress): readonly Publication[] => [
    ...(progress.state === "failed" ? deadNotice(finished, outcome, progress, trigger) : []),
    ...(isGone ? pauseNotice(finished, outcome, trigger) : []),
  ];
  return {
    outcome,
    ...(isGone ? { pause: describeOutcome(outcome) } : {}),
    ...(answer.note === undefined ? {} : { note: answer.note }),
    events: (progress, view, randomness) => [
      ...answer.publications.map((publication) => draft(publication, draftDeliveries, finished, view, randomness)),
      // A notice that nobody asked for would only fill the store, in a storm of failures above all.
      ...notices(progress)
        .map((publication) => draft(publication, draftNotice, finished, view, randomness))
        .filter((notice) => notice.deliveries.length > 0),
    ],
  };
}

function draft(
  publication: Publication,
  match: typeof draftDeliveries,
  { claimed, finishedAt }: FinishedAttempt,
  view: ProjectView,
  randomness: Randomness,
): EventDraft {
  const admitted = complete(publication, `/projects/${view.project.slug}`, finishedAt, randomness);
  const deliveries = match(admitted.event, view, finishedAt, randomness);
  return { ...admitted, depth: claimed.depth + 1, deliveries };
}

// ── The answer of a Space Cloud webhook ────────────────────────────────────────────────────────────────────────────

function readAnswer({ outcome, report, claimed, finishedAt }: FinishedAttempt, trigger: Trigger | undefined): Answer {
  const nothing: Answer = { outcome, publications: [] };
  if (trigger?.format !== "space-cloud" || outcome.kind !== "delivered" || report.response === undefined)
    return nothing;
  if (report.response.truncated) return nothing;
  const answer = decodeWebhookAnswer(report.response.body);
  if (answer.error !== undefined) return failed(answer.error, outcome.status);
  return { ...nothing, ...followable(answer, claimed.depth, finishedAt) };
}

/** A webhook that answers 2xx may still say that it failed. */
function failed(error: string, status = 200): Answer {
  return {
    outcome: { kind: "rejected", status, gone: false },
    note: `the answer holds an error: ${error}`,
    publications: [],
  };
}

/** A webhook may say what a client may say, and no more; its events are published all or not at all. */
function followable(
  { events, faults: wireFaults }: WebhookAnswer,
  depth: number,
  now: number,
): { readonly publications: readonly Publication[]; readonly note?: string } {
  if (events.length === 0 && wireFaults.length === 0) return { publications: [] };
  if (depth >= maxChainDepth) return notPublished(`a chain of events ends after ${maxChainDepth}`);
  if (events.length > maxAnsweredEvents) return notPublished(`an answer may hold at most ${maxAnsweredEvents}`);
  const publications = events.map(publicationOf);
  const faults = publications.flatMap((publication, index) => faultsOf(publication, now, `#/events/${index}`));
  const [first] = [...wireFaults, ...faults];
  return first === undefined ? { publications } : notPublished(`${first.pointer}: ${first.detail}`);
}

function notPublished(why: string): { readonly publications: readonly Publication[]; readonly note: string } {
  return { publications: [], note: `the answer's events were not published: ${why}` };
}

// ── Notices ────────────────────────────────────────────────────────────────────────────────────────────────────────

function deadNotice(
  { claimed }: FinishedAttempt,
  outcome: Outcome,
  progress: DeliveryProgress,
  trigger: Trigger | undefined,
): readonly Publication[] {
  // A notice that cannot be delivered is not worth a notice, or they would never end.
  if (isSystemType(claimed.event.type)) return [];
  return [
    notice(deliveryFailedType, claimed.id, {
      deliveryId: claimed.id,
      eventId: claimed.event.id,
      eventSource: claimed.event.source,
      type: claimed.event.type,
      trigger: trigger?.name ?? null,
      attempts: progress.attempts,
      outcome: outcome.kind,
      error: describeOutcome(outcome),
    }),
  ];
}

function pauseNotice(
  { claimed }: FinishedAttempt,
  outcome: Outcome,
  trigger: Trigger | undefined,
): readonly Publication[] {
  if (trigger === undefined || claimed.event.type === triggerPausedType) return [];
  return [notice(triggerPausedType, trigger.name, { trigger: trigger.name, reason: describeOutcome(outcome) })];
}

function notice(type: string, subject: string, data: unknown): Publication {
  return {
    event: {
      type,
      subject,
      datacontenttype: "application/json",
      extensions: {},
      data: { kind: "json", text: JSON.stringify(data) },
    },
  };
}
