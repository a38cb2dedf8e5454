// Second thoughts about what was accepted: cancel what still waits, send an event again, try a dead delivery once more.
import type { Clock } from "../outside/clock.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { DeliveryRow, EventDetail, Store } from "../store/store.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Dispatch } from "./dispatch.ts";
import { draftDeliveries } from "./match.ts";

export interface RepeatParts {
  readonly store: Pick<Store, "cancel" | "replay" | "retry">;
  readonly catalogue: Catalogue;
  readonly dispatch: Pick<Dispatch, "expect">;
  readonly clock: Clock;
  readonly randomness: Randomness;
}

export interface Repeats {
  /** Cancels every delivery of the event that is not settled and not under way. Null: the event is gone. */
  cancel(projectId: number, event: EventDetail): ReturnType<Store["cancel"]>;
  /**
   * New deliveries of an old event, with ids of their own, for the triggers that want it now; `only` narrows them by name.
   * Answers how many, or null when the event or project is gone.
   */
  replay(projectId: number, event: EventDetail, only?: ReadonlySet<string>): Promise<number | null>;
  /** The delivery is due now and has all its retries again. */
  retry(projectId: number, delivery: DeliveryRow): ReturnType<Store["retry"]>;
}

export function createRepeats(parts: RepeatParts): Repeats {
  const { store, catalogue, clock, dispatch } = parts;
  return {
    cancel: (projectId, event) => store.cancel({ now: clock.now(), projectId, eventSequence: event.sequence }),
    async replay(projectId, event, only) {
      let view = await catalogue.byId(projectId);
      while (view !== null) {
        const now = clock.now();
        const { triggers, version } = view;
        const isAsked = (triggerId: number): boolean => only?.has(triggers.get(triggerId)?.name ?? "") ?? true;
        const deliveries = draftDeliveries(event.event, view, now, parts.randomness).filter((draft) =>
          isAsked(draft.triggerId),
        );
        if (deliveries.length === 0) return 0;
        const result = await store.replay({
          now,
          projectId,
          catalogueVersion: version,
          eventSequence: event.sequence,
          deliveries,
        });
        if (result === "missing") return null;
        if (result === "stored") {
          for (const { triggerId } of deliveries) dispatch.expect({ projectId, triggerId, dueAt: now });
          return deliveries.length;
        }
        view = await catalogue.refresh(projectId);
      }
      return null;
    },
    async retry(projectId, delivery) {
      const now = clock.now();
      const result = await store.retry({ now, projectId, deliveryId: delivery.id });
      if (result.kind === "done") dispatch.expect({ projectId, triggerId: delivery.triggerId, dueAt: now });
      return result;
    },
  };
}
