// Facts in the words of `posthorn dev`: one line each for what a person wants to see pass by.
import type { Fact } from "../observe/facts.ts";
import { formatDuration } from "./durations.ts";
import { styled, withoutControls } from "./terminal.ts";

export interface Happening {
  readonly line: string;
  /** How it is counted where there are too many lines. */
  readonly word: "accepted" | "refused" | "delivered" | "missed" | "other";
}

type Attempt = Extract<Fact, { readonly kind: "attempt.finished" }>;

/** Undefined for facts that only machines care for. `now` is milliseconds since 1970. */
export function describeFact(fact: Fact, now: number): Happening | undefined {
  switch (fact.kind) {
    case "event.accepted":
      return { word: "accepted", line: `${styled("dim", "·")} ${describeAcceptance(fact)}` };
    case "events.rejected":
      return { word: "refused", line: `${styled("red", "✗")} a request to publish was refused: ${fact.code}` };
    case "attempt.finished":
      return describeAttempt(fact, now);
    case "trigger.paused":
      return other("yellow", "‖", `trigger ${fact.trigger} is paused: ${fact.reason}`);
    case "deliveries.recovered":
      return fact.count === 0 ? undefined : other("yellow", "↻", `taken up again after the last run: ${fact.count}`);
    case "trouble":
      return other("red", "!", `trouble in ${fact.where}: ${messageOf(fact.error)}`);
    case "deliveries.claimed":
    case "claim.lost":
    case "rows.pruned":
      return undefined;
    default:
      return fact satisfies never;
  }
}

function other(style: "yellow" | "red", sign: string, text: string): Happening {
  return { word: "other", line: `${styled(style, sign)} ${withoutControls(text)}` };
}

function describeAcceptance(fact: Extract<Fact, { readonly kind: "event.accepted" }>): string {
  const event = `${fact.type} ${fact.eventId}`;
  if (fact.duplicate) return `${event} came again; nothing is sent again`;
  if (fact.deliveries === 0) return `${event} accepted; no trigger wants it`;
  return `${event} accepted for ${fact.deliveries} trigger${fact.deliveries === 1 ? "" : "s"}`;
}

function describeAttempt(fact: Attempt, now: number): Happening {
  const way = `${fact.type} → ${fact.trigger}`;
  if (fact.state === "delivered") {
    const line = `${styled("green", "✓")} ${way} ${fact.status ?? ""} in ${formatDuration(fact.durationMs)}`;
    return { word: "delivered", line };
  }
  const line = `${styled("red", "✗")} ${way} ${describeMiss(fact)}, ${describeNext(fact, now)}`;
  return { word: "missed", line };
}

/** The status alone says enough, unless it is a good one. */
function describeMiss({ status, error, outcome }: Attempt): string {
  const saysEnough = status !== null && (status < 200 || status >= 300);
  return saysEnough ? String(status) : withoutControls(error ?? outcome);
}

function describeNext({ state, nextAttemptAt, deliveryId }: Attempt, now: number): string {
  if (state === "failed") return `no more tries; delivery ${deliveryId} has failed`;
  // Whole seconds, rounded up: what has passed since it was planned would turn 5 s into 4,997 ms.
  const pauseMs = Math.ceil(((nextAttemptAt ?? now) - now) / 1000) * 1000;
  return pauseMs <= 0 ? "next try at once" : `next try in ${formatDuration(pauseMs)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
