// A sample event for one trigger alone, so that its owner can see whether it works. From the store on it goes the way of
// every event; only the match is left out.
import { uuidv7 } from "../domain/ids.ts";
import { type Trigger, whyIdle } from "../domain/trigger.ts";
import type { Facts } from "../observe/facts.ts";
import type { Clock } from "../outside/clock.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { EventReceipt, Store } from "../store/store.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Dispatch } from "./dispatch.ts";
import { complete, type Publication } from "./publication.ts";

export type TestSent =
  | { readonly kind: "sent"; readonly event: EventReceipt; readonly deliveryId: string }
  | { readonly kind: "missing" }
  /** Nothing would be sent now. */
  | { readonly kind: "not-running"; readonly why: NonNullable<ReturnType<typeof whyIdle>> };

export type SendTest = (projectId: number, triggerName: string) => Promise<TestSent>;

export interface SampleEventParts {
  readonly store: Pick<Store, "accept">;
  readonly catalogue: Catalogue;
  readonly dispatch: Pick<Dispatch, "expect">;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly facts: Pick<Facts, "tell">;
}

export function createSendTest(parts: SampleEventParts): SendTest {
  const { store, catalogue, clock, randomness } = parts;
  return async (projectId, triggerName) => {
    let view = await catalogue.byId(projectId);
    for (;;) {
      const trigger = view?.named(triggerName);
      if (view === null || trigger === undefined) return { kind: "missing" };
      const why = whyIdle(trigger);
      if (why !== null) return { kind: "not-running", why };
      const now = clock.now();
      const source = `/projects/${view.project.slug}/triggers/${trigger.name}/test`;
      const admitted = complete(sampleFor(trigger), source, now, randomness);
      const deliveryId = uuidv7(now, randomness.bytes(10));
      const delivery = { id: deliveryId, triggerId: trigger.id, lease: null };
      const events = [{ ...admitted, depth: 0, deliveries: [delivery] }];
      const result = await store.accept({ now, projectId, catalogueVersion: view.version, events });
      const event = result.kind === "stored" ? result.receipts[0] : undefined;
      if (event !== undefined) {
        const { id: eventId, type, deliveries, duplicate } = event;
        parts.facts.tell({ kind: "event.accepted", projectId, eventId, type, deliveries, duplicate });
        parts.dispatch.expect({ projectId, triggerId: trigger.id, dueAt: now });
        return { kind: "sent", event, deliveryId };
      }
      view = await catalogue.refresh(projectId);
    }
  };
}

/** Of the first type that the trigger asks for, so that its receiver takes the same way as for a real one; the source tells. */
function sampleFor(trigger: Trigger): Publication {
  const [pattern = "*"] = trigger.types;
  const type = pattern === "*" ? "posthorn.test" : pattern.replace(/\.\*$/, ".test");
  return {
    event: {
      type,
      datacontenttype: "application/json",
      extensions: {},
      data: { kind: "json", text: '{"test":true,"message":"This is a test of the trigger."}' },
    },
  };
}
