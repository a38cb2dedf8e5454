// Triggers: who wants which events, where to and how.
import type { FormatName } from "@posthorn/wire/formats";
import { eachRow, getPage, type Page, type PageWish } from "./lists.ts";
import { type Call, type CallOptions, segment } from "./request.ts";

/** How a trigger retries; all times in milliseconds. */
export interface RetryPolicy {
  /** Tries after the first one. */
  readonly retries: number;
  readonly initialDelayMs: number;
  /** Each pause is the last one times this. */
  readonly factor: number;
  readonly maxDelayMs: number;
  /** The share of a pause that chance moves, 0 to 1. */
  readonly jitter: number;
  /** No try starts later than this after the first one was due. */
  readonly maxDurationMs: number;
  /** The pauses themselves, instead of initialDelayMs, factor and maxDelayMs. */
  readonly schedule?: readonly number[] | undefined;
}

export interface WebhookTarget {
  readonly kind: "webhook";
  readonly url: string;
  /** Request headers of your own. Their values are shown as "***". */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FunctionTarget {
  readonly kind: "function";
  readonly app: string;
  readonly slug: string;
}

export type TriggerTarget = WebhookTarget | FunctionTarget;

export interface Trigger {
  readonly id: number;
  readonly name: string;
  readonly types: readonly string[];
  readonly filters: readonly unknown[];
  readonly target: TriggerTarget;
  readonly format: FormatName;
  readonly timeoutMs: number;
  readonly retry: RetryPolicy;
  readonly enabled: boolean;
  readonly state: "active" | "paused" | "disabled" | "unverified";
  readonly paused: boolean;
  readonly pausedReason: string | null;
  readonly pausedAt: string | null;
  readonly validation: TriggerValidation;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Whether the target has consented to deliveries. */
export interface TriggerValidation {
  readonly policy: "off" | "required";
  /** Null where no consent is asked for. */
  readonly state: "pending" | "verified" | "refused" | null;
  /** Why the target is not verified. */
  readonly detail: string | null;
  readonly at: string | null;
}

/** What its user says of a trigger. */
export interface TriggerWish {
  readonly name: string;
  /** Exact names, `prefix.*`, or `*` for all. */
  readonly types: readonly string[];
  readonly target: TriggerTarget;
  /** Filters of the CloudEvents Subscriptions API; all must hold. */
  readonly filters?: readonly unknown[];
  /** "cloudevents" if not given. */
  readonly format?: FormatName;
  /** For one whole try; 5,000 if not given. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  readonly enabled?: boolean;
  /** A signing secret of your own; one is made if not given. */
  readonly secret?: string;
  /** The target must consent by the CloudEvents handshake before anything is delivered. */
  readonly validation?: "off" | "required";
}

export type TriggerChange = Partial<Omit<TriggerWish, "name" | "secret">>;

/** A new trigger, and the secret that signs its deliveries. */
export interface CreatedTrigger extends Trigger {
  readonly secret: string;
}

export interface TestedTrigger {
  readonly deliveryId: string;
  readonly eventId: string;
  readonly type: string;
}

export interface Triggers {
  create(wish: TriggerWish, options?: CallOptions): Promise<CreatedTrigger>;
  list(wish?: PageWish): Promise<Page<Trigger>>;
  /** All of them, page after page. */
  each(options?: CallOptions): AsyncIterable<Trigger>;
  get(name: string, options?: CallOptions): Promise<Trigger>;
  /** What is not given stays as it is. */
  update(name: string, change: TriggerChange, options?: CallOptions): Promise<Trigger>;
  delete(name: string, options?: CallOptions): Promise<void>;
  /** Nothing is sent until it is resumed; events are still collected. */
  pause(name: string, wish?: CallOptions & { readonly reason?: string }): Promise<Trigger>;
  resume(name: string, options?: CallOptions): Promise<Trigger>;
  /** Asks the target for its consent again. */
  validate(name: string, options?: CallOptions): Promise<Trigger>;
  /** Sends it an event of its own. */
  test(name: string, options?: CallOptions): Promise<TestedTrigger>;
  secret(name: string, options?: CallOptions): Promise<string>;
  /** A new secret; the old one still signs for `graceHours`, so that receivers can change over. */
  rotateSecret(
    name: string,
    wish?: CallOptions & { readonly secret?: string; readonly graceHours?: number },
  ): Promise<{ readonly secret: string; readonly previousExpiresAt: string | null }>;
}

export function createTriggers(call: Call): Triggers {
  const at = (name: string, act = ""): string => `/triggers/${segment(name)}${act}`;
  const list = (wish: PageWish = {}): Promise<Page<Trigger>> => getPage<Trigger>(call, "/triggers", { ...wish });
  const post = (path: string, { signal, ...body }: CallOptions & Readonly<Record<string, unknown>> = {}) =>
    call({ method: "POST", path, body: JSON.stringify(body), isRepeatable: false, ...(signal && { signal }) });
  // Every answer below is what its path promises in the OpenAPI document.
  return {
    create: async (wish, options) => (await post("/triggers", { ...wish, ...options })) as CreatedTrigger,
    list,
    each: (options) => eachRow((cursor) => list({ ...options, ...(cursor === undefined ? {} : { cursor }) })),
    get: async (name, options) =>
      (await call({ ...options, method: "GET", path: at(name), isRepeatable: true })) as Trigger,
    update: async (name, change, options) =>
      (await call({
        ...options,
        method: "PATCH",
        path: at(name),
        body: JSON.stringify(change),
        isRepeatable: true,
      })) as Trigger,
    delete: async (name, options) => {
      await call({ ...options, method: "DELETE", path: at(name), isRepeatable: true });
    },
    pause: async (name, wish) => (await post(at(name, "/pause"), { ...wish })) as Trigger,
    resume: async (name, options) => (await post(at(name, "/resume"), { ...options })) as Trigger,
    validate: async (name, options) => (await post(at(name, "/validate"), { ...options })) as Trigger,
    test: async (name, options) => (await post(at(name, "/test"), { ...options })) as TestedTrigger,
    secret: async (name, options) => {
      const answer = await call({ ...options, method: "GET", path: at(name, "/secret"), isRepeatable: true });
      return (answer as { readonly secret: string }).secret;
    },
    rotateSecret: async (name, wish) =>
      (await post(at(name, "/rotate-secret"), { ...wish })) as Awaited<ReturnType<Triggers["rotateSecret"]>>,
  };
}
