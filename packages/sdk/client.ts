// The client: what an application sends to a Posthorn and asks of it, and globalMOO's `handleEvent`.
import { defineEvents, type EventMap, type Events, type EventType, type OpenEvents } from "./catalogue.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import {
  type AnyHandledEvent,
  type GivenHeaders,
  type HandledEvents,
  type HandleParts,
  handlePayload,
} from "./handle-event.ts";
import { createKeys, type Keys } from "./keys.ts";
import { type Outside, systemOutside } from "./outside.ts";
import { checkPublication, type Publication, type PublicationOf, publicationText } from "./publication.ts";
import { createRecordedEvents, type RecordedEvents } from "./recorded-events.ts";
import { type Call, type CallOptions, createCall, segment } from "./request.ts";
import { resourceSchemas } from "./resource-events.ts";
import { defaultRetry, type RetryOptions } from "./retry.ts";
import { createTriggers, type Triggers } from "./triggers.ts";
import { createVerify, type Secrets } from "./verify-message.ts";

export interface ClientOptions<Known extends EventMap = OpenEvents> {
  /** "http://127.0.0.1:4100" if not given. */
  readonly url?: string | undefined;
  /** A key of the project, or the admin key. Not needed for `handleEvent`. */
  readonly key?: string | undefined;
  /** The slug; "default" if not given. */
  readonly project?: string | undefined;
  /** What is not defined here cannot be sent. Without it every type can. */
  readonly events?: Events<Known>;
  /** Of the trigger: `handleEvent` then checks signatures, and needs the headers. */
  readonly secret?: Secrets;
  /** For one whole try, in milliseconds; 30,000 if not given. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryOptions>;
  /** Network, clock and chance; for tests. */
  readonly outside?: Outside;
}

/** The event and every delivery it owes are on disk. */
export interface Receipt {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly deliverAt: string;
  /** 0 when no trigger wants it. */
  readonly deliveries: number;
  /** An event of this source and id was accepted before. */
  readonly duplicate: boolean;
}

export interface SendOptions extends CallOptions {
  /** Stands for this very sending; a repeat with the same key does nothing. One is made if not given. */
  readonly idempotencyKey?: string;
}

/** What the functions of a hook said: go on, with these params. */
export interface HookVerdict<Params> {
  /** As they were given, with what the functions have added or changed. */
  readonly params: Params;
}

/** A connection to one project of a Posthorn. It holds nothing open and need not be closed. */
export class Client<Known extends EventMap = OpenEvents> {
  readonly triggers: Triggers;
  readonly deliveries: Deliveries;
  /** Events as Posthorn keeps them; to send one, see `send`. */
  readonly events: RecordedEvents;
  readonly keys: Keys;
  readonly #call: Call;
  readonly #outside: Outside;
  readonly #events: Events<Known> | undefined;
  readonly #handling: HandleParts;

  constructor(options: ClientOptions<Known> = {}) {
    const { events, secret, outside = systemOutside } = options;
    this.#outside = outside;
    this.#events = events;
    this.#call = createCall({
      url: options.url ?? "http://127.0.0.1:4100",
      key: options.key,
      project: options.project ?? "default",
      timeoutMs: options.timeoutMs ?? 30_000,
      retry: { ...defaultRetry, ...options.retry },
      outside,
    });
    this.#handling = {
      events: defineEvents({ ...resourceSchemas, ...events?.schemas }),
      verify: secret === undefined || secret === null ? undefined : createVerify(secret, 300),
      now: outside.now,
    };
    this.triggers = createTriggers(this.#call);
    this.deliveries = createDeliveries(this.#call);
    this.events = createRecordedEvents(this.#call);
    this.keys = createKeys(this.#call);
  }

  /**
   * Sends one event, or several at once: all of them are stored, or none. When it resolves, they and every delivery they
   * owe are on disk. Asks again on 429, 503 and network faults; the idempotency key makes that safe.
   * @throws ValidationException for data that is not what was defined, ApiError, NetworkError
   */
  send<Type extends EventType<Known>>(event: PublicationOf<Known, Type>, options?: SendOptions): Promise<Receipt>;
  send<const Types extends readonly EventType<Known>[]>(
    events: { readonly [Index in keyof Types]: PublicationOf<Known, Types[Index]> },
    options?: SendOptions,
  ): Promise<readonly Receipt[]>;
  async send(
    given: Publication | readonly Publication[],
    options: SendOptions = {},
  ): Promise<Receipt | readonly Receipt[]> {
    const publications = isSeveral(given) ? given : [given];
    for (const publication of publications) await checkPublication(publication, this.#events);
    const texts = publications.map(publicationText).join(",");
    const answer = await this.#call({
      method: "POST",
      path: "/events",
      body: isSeveral(given) ? `[${texts}]` : texts,
      // An RFC 8941 string: quoted.
      headers: { "idempotency-key": `"${options.idempotencyKey ?? this.#outside.uuid()}"` },
      isRepeatable: true,
      ...(options.signal && { signal: options.signal }),
    });
    // One receipt for one event, an array for an array.
    return answer as Receipt | readonly Receipt[];
  }

  /**
   * Runs the functions of a hook, such as "PRE_ORDER_CREATE", and waits for them all.
   * @throws HookRefusedError with the words of the function that refused
   */
  async before<Params extends Readonly<Record<string, unknown>>>(
    type: string,
    params: Params,
    options: CallOptions = {},
  ): Promise<HookVerdict<Params>> {
    const body = JSON.stringify({ params });
    const path = `/hooks/${segment(type)}`;
    const answer = await this.#call({ ...options, method: "POST", path, body, isRepeatable: false });
    // The contract of the path; functions may change only what the schema of the type allows.
    return answer as HookVerdict<Params>;
  }

  /**
   * Reads a `resource` event out of the raw body of a webhook: globalMOO's two, and the application's own. With a secret it
   * checks the signature first, and the headers must be given.
   * @throws GlobalMooException: InvalidArgumentException, InvalidEventException or ValidationException
   */
  async handleEvent(
    payload: string | Uint8Array,
    headers?: GivenHeaders,
  ): Promise<AnyHandledEvent<HandledEvents<Known>>> {
    const event = await handlePayload(this.#handling, payload, headers);
    // Its name is one of the schemas, and that schema has made its data.
    return event as AnyHandledEvent<HandledEvents<Known>>;
  }
}

function isSeveral(given: Publication | readonly Publication[]): given is readonly Publication[] {
  return Array.isArray(given);
}
