// match: event × triggers → the deliveries that are owed. Pure but for the ids.
import type { Event } from "@posthorn/wire/event";
import { uuidv7 } from "../domain/ids.ts";
import { matchesType } from "../domain/matching.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { DeliveryDraft } from "../store/store.ts";
import type { ProjectView } from "./catalogue.ts";

/**
 * A notice of the platform about its own work goes only to those who ask for it by name or prefix: `*` means all that
 * applications say, and a dead target that asked for `*` must not be told of its own death.
 */
export function draftNotice(
  event: Event,
  view: ProjectView,
  now: number,
  randomness: Randomness,
): readonly DeliveryDraft[] {
  const asks = (triggerId: number): boolean =>
    view.triggers.get(triggerId)?.types.some((pattern) => pattern !== "*" && matchesType(pattern, event.type)) ?? false;
  return draftDeliveries(event, view, now, randomness).filter((draft) => asks(draft.triggerId));
}

/** One draft for each enabled trigger that wants the event; nobody has a place for them yet. */
export function draftDeliveries(
  event: Event,
  view: ProjectView,
  now: number,
  randomness: Randomness,
): readonly DeliveryDraft[] {
  return view
    .matching(event)
    .map((trigger) => ({ id: uuidv7(now, randomness.bytes(10)), triggerId: trigger.id, lease: null }));
}
