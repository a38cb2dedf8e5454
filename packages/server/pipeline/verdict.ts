// For a caller that waits (SEEDS §1 "synchronous"): what the webhooks of one event came to. It listens to the facts, so it
// hears of the tries that this node makes.
import { decodeWebhookAnswer } from "@posthorn/wire/space-cloud";
import { isSettled } from "../domain/delivery.ts";
import type { Fact, Facts } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Store } from "../store/store.ts";

export type Verdict =
  /** JSON text: the `response` of the first webhook that answered one, or null when those that succeeded had none. */
  | { readonly kind: "answered"; readonly response: string | null }
  /** Every delivery has failed for good. */
  | { readonly kind: "failed"; readonly detail: string }
  | { readonly kind: "late" };

export interface Expectation {
  /** Resolves with the verdict, at the latest after `waitMs`. `deliveries` is how many the event owes. */
  verdict(deliveries: number, waitMs: number): Promise<Verdict>;
  /** Stops listening. */
  forget(): void;
}

export interface Verdicts {
  /** Begins to listen: to be called before the event is accepted. Null when too many wait already. */
  expect(projectId: number, eventId: string): Expectation | null;
  /** Nobody is left waiting: all that still wait are late. */
  close(): void;
}

const maxWaiting = 1000;

type Settled = Extract<Fact, { readonly kind: "attempt.finished" }>;

interface Waiting {
  readonly settled: Settled[];
  isOver: boolean;
  /** Called whenever one of the two has changed. */
  wake: () => void;
}

export function createVerdicts(parts: {
  readonly facts: Facts;
  readonly store: Pick<Store, "listAttempts">;
  readonly clock: Clock;
}): Verdicts {
  const waiting = new Map<string, Waiting>();
  const endListening = parts.facts.listen((fact) => {
    if (fact.kind !== "attempt.finished" || !isSettled(fact.state)) return;
    const one = waiting.get(nameOf(fact.projectId, fact.eventId));
    one?.settled.push(fact);
    one?.wake();
  });
  return {
    expect(projectId, eventId) {
      if (waiting.size >= maxWaiting) return null;
      const one: Waiting = { settled: [], isOver: false, wake: () => {} };
      waiting.set(nameOf(projectId, eventId), one);
      return {
        async verdict(deliveries, waitMs) {
          const cancelAlarm = parts.clock.at(parts.clock.now() + waitMs, () => endWait(one));
          const verdict = await judge(one, deliveries, parts.store);
          cancelAlarm();
          return verdict;
        },
        forget: () => waiting.delete(nameOf(projectId, eventId)),
      };
    },
    close() {
      endListening();
      for (const one of waiting.values()) endWait(one);
    },
  };
}

function nameOf(projectId: number, eventId: string): string {
  return `${projectId} ${eventId}`;
}

function endWait(one: Waiting): void {
  one.isOver = true;
  one.wake();
}

async function judge(one: Waiting, deliveries: number, store: Pick<Store, "listAttempts">): Promise<Verdict> {
  const failures: string[] = [];
  for (let index = 0; index < deliveries; index += 1) {
    const fact = await settledAt(one, index);
    if (fact === null) return { kind: "late" };
    if (fact.state !== "delivered") failures.push(`${fact.trigger}: ${fact.error ?? fact.outcome}`);
    const response = fact.state === "delivered" ? await responseOf(fact, store) : undefined;
    if (response !== undefined) return { kind: "answered", response };
  }
  const haveAllFailed = deliveries > 0 && failures.length === deliveries;
  return haveAllFailed ? { kind: "failed", detail: failures.join("; ") } : { kind: "answered", response: null };
}

/** The delivery that settled as the `index`-th of its event, as soon as it does; null when the wait is over before that. */
async function settledAt(one: Waiting, index: number): Promise<Settled | null> {
  for (;;) {
    const fact = one.settled[index];
    if (fact !== undefined) return fact;
    if (one.isOver) return null;
    await new Promise<void>((resolve) => {
      one.wake = resolve;
    });
  }
}

/** What the webhook of a delivered try answered for the caller: JSON text, or undefined. */
async function responseOf(fact: Settled, store: Pick<Store, "listAttempts">): Promise<string | undefined> {
  const attempts = await store.listAttempts(fact.projectId, fact.deliveryId, { limit: 1 });
  const response = attempts?.at(-1)?.evidence.response;
  if (response === undefined || response.truncated || response.encoding !== undefined) return undefined;
  return decodeWebhookAnswer(Buffer.from(response.body)).response;
}
