// Deliveries: what events owe to triggers, and the proof of every try.
import { eachRow, getPage, type Page, type PageWish } from "./lists.ts";
import { type Call, type CallOptions, segment } from "./request.ts";

export type DeliveryState = "scheduled" | "pending" | "in_flight" | "delivered" | "retrying" | "failed" | "cancelled";

/** One event owed to one trigger. */
export interface Delivery {
  readonly id: string;
  readonly eventId: string;
  readonly eventSource: string;
  readonly type: string;
  readonly trigger: string;
  readonly state: DeliveryState;
  /** Tries so far. */
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly createdAt: string;
  readonly settledAt: string | null;
  readonly lastOutcome: string | null;
}

/** One try, with its proof. */
export interface Attempt {
  readonly number: number;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: string;
  /** Where a network fault happened. */
  readonly phase?: "dns" | "connect" | "tls" | "send" | "headers" | "body";
  readonly status?: number;
  readonly error?: string;
  readonly note?: string;
  readonly request?: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly bytes: number;
  };
  readonly response?: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly encoding?: "base64";
    readonly truncated: boolean;
  };
}

export interface DeliveryFilter {
  readonly state?: DeliveryState;
  /** The trigger's name. */
  readonly trigger?: string;
  /** The event's id. */
  readonly event?: string;
  /** At or after, RFC 3339. */
  readonly since?: string;
  /** Before, RFC 3339. */
  readonly until?: string;
}

export interface Deliveries {
  list(wish?: PageWish & DeliveryFilter): Promise<Page<Delivery>>;
  /** All of them, page after page, newest first. */
  each(filter?: CallOptions & DeliveryFilter): AsyncIterable<Delivery>;
  get(id: string, options?: CallOptions): Promise<Delivery>;
  attempts(id: string, options?: CallOptions): Promise<readonly Attempt[]>;
  /** Tries it again now, also when it has failed for good. */
  retry(id: string, options?: CallOptions): Promise<Delivery>;
}

export function createDeliveries(call: Call): Deliveries {
  const at = (id: string, act = ""): string => `/deliveries/${segment(id)}${act}`;
  const list = (wish: PageWish & DeliveryFilter = {}): Promise<Page<Delivery>> =>
    getPage<Delivery>(call, "/deliveries", { ...wish });
  // Every answer below is what its path promises in the OpenAPI document.
  return {
    list,
    each: (filter) => eachRow((cursor) => list({ ...filter, ...(cursor === undefined ? {} : { cursor }) })),
    get: async (id, options) =>
      (await call({ ...options, method: "GET", path: at(id), isRepeatable: true })) as Delivery,
    attempts: async (id, options) => {
      const answer = await call({ ...options, method: "GET", path: at(id, "/attempts"), isRepeatable: true });
      return (answer as { readonly data: readonly Attempt[] }).data;
    },
    retry: async (id, options) =>
      (await call({ ...options, method: "POST", path: at(id, "/retry"), isRepeatable: false })) as Delivery,
  };
}
