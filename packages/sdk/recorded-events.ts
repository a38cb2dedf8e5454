// Events as Posthorn keeps them: to look them up, call back what is still scheduled, and send them once more.
import type { DeliveryState } from "./deliveries.ts";
import { eachRow, getPage, type Page, type PageWish } from "./lists.ts";
import { type Call, type CallOptions, segment } from "./request.ts";

/** A CloudEvent and what became of it. Extension attributes stand beside the others. */
export interface RecordedEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time?: string;
  readonly data?: unknown;
  readonly acceptedAt: string;
  readonly deliverAt: string;
  /** How many it owes in all. */
  readonly deliveries: number;
  /** How many deliveries are in which state; of a single event only. */
  readonly states?: Readonly<Partial<Record<DeliveryState, number>>>;
}

export interface EventFilter {
  readonly type?: string;
  readonly subject?: string;
  /** Events with a delivery in this state. */
  readonly status?: string;
  /** At or after, RFC 3339. */
  readonly since?: string;
  /** Before, RFC 3339. */
  readonly until?: string;
}

/** Needed where two sources used the same id. */
export interface EventPlace extends CallOptions {
  readonly source?: string;
}

export interface RecordedEvents {
  list(wish?: PageWish & EventFilter): Promise<Page<RecordedEvent>>;
  /** All of them, page after page, newest first. */
  each(filter?: CallOptions & EventFilter): AsyncIterable<RecordedEvent>;
  get(id: string, place?: EventPlace): Promise<RecordedEvent>;
  /** Calls back the deliveries that have not begun; answers how many these were. */
  cancel(id: string, place?: EventPlace): Promise<number>;
  /** Owes it once more, to all its triggers or to those named; answers how many new deliveries there are. */
  replay(id: string, wish?: EventPlace & { readonly triggers?: readonly string[] }): Promise<number>;
}

export function createRecordedEvents(call: Call): RecordedEvents {
  const at = (id: string, act = ""): string => `/events/${segment(id)}${act}`;
  const list = (wish: PageWish & EventFilter = {}): Promise<Page<RecordedEvent>> =>
    getPage<RecordedEvent>(call, "/events", { ...wish });
  // Every answer below is what its path promises in the OpenAPI document.
  return {
    list,
    each: (filter) => eachRow((cursor) => list({ ...filter, ...(cursor === undefined ? {} : { cursor }) })),
    get: async (id, { source, ...options } = {}) =>
      (await call({ ...options, method: "GET", path: at(id), query: { source }, isRepeatable: true })) as RecordedEvent,
    cancel: async (id, { source, ...options } = {}) => {
      const wish = { ...options, path: at(id, "/cancel"), query: { source } };
      const answer = await call({ ...wish, method: "POST", isRepeatable: true });
      return (answer as { readonly cancelled: number }).cancelled;
    },
    replay: async (id, { source, triggers, ...options } = {}) => {
      const wish = { ...options, path: at(id, "/replay"), query: { source } };
      const body = JSON.stringify(triggers === undefined ? {} : { triggers });
      const answer = await call({ ...wish, method: "POST", body, isRepeatable: false });
      return (answer as { readonly deliveries: number }).deliveries;
    },
  };
}
