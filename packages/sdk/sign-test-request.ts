// Requests as a Posthorn would send them, for the tests of those who receive: no server is needed to try a receiver.
import type { Event } from "@posthorn/wire/event";
import { type FormatName, formats } from "@posthorn/wire/formats";
import { signWithWebCrypto } from "@posthorn/wire/web-signature";
import { type Outside, systemOutside } from "./outside.ts";

export interface TestEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly id?: string;
  readonly source?: string;
  readonly subject?: string;
  readonly time?: string;
  readonly extensions?: Readonly<Record<string, string | number | boolean>>;
}

export interface TestRequestOptions {
  /** One secret, or several while they change over. */
  readonly secret: string | readonly string[];
  readonly event: TestEvent;
  /** "cloudevents" if not given. */
  readonly format?: FormatName;
  /** "http://localhost/webhook" if not given. */
  readonly url?: string;
  /** The id of the delivery: the same for tries of the same one. A new one if not given. */
  readonly messageId?: string;
  /** Seconds since 1970 of this try; now if not given. An old one makes an old signature. */
  readonly timestampSeconds?: number;
  /** Of a `resource` event; 1 if not given. */
  readonly sequence?: number;
  readonly outside?: Pick<Outside, "now" | "uuid">;
}

/** A signed request: `await hooks.fetch(await signTestRequest({ secret, event: { type, data } }))`. */
export async function signTestRequest(options: TestRequestOptions): Promise<Request> {
  const { secret, format = "cloudevents", url = "http://localhost/webhook", outside = systemOutside } = options;
  const messageId = options.messageId ?? outside.uuid();
  const context = { deliveryId: messageId, attempt: 1, sequence: options.sequence ?? 1 };
  const { headers, body } = formats[format].encode(eventOf(options.event, outside), context);
  const timestampSeconds = options.timestampSeconds ?? Math.floor(outside.now() / 1000);
  const secrets = typeof secret === "string" ? [secret] : secret;
  return new Request(url, {
    method: "POST",
    headers: {
      ...headers,
      "webhook-id": messageId,
      "webhook-timestamp": String(timestampSeconds),
      "webhook-signature": await signWithWebCrypto({ id: messageId, timestampSeconds, body }, secrets),
    },
    body: new Uint8Array(body),
  });
}

function eventOf({ type, data, subject, ...given }: TestEvent, outside: Pick<Outside, "now" | "uuid">): Event {
  return {
    type,
    id: given.id ?? outside.uuid(),
    source: given.source ?? "/test",
    time: given.time ?? new Date(outside.now()).toISOString(),
    ...(subject === undefined ? {} : { subject }),
    extensions: Object.assign(Object.create(null), given.extensions),
    ...(data === undefined ? {} : { data: { kind: "json", text: JSON.stringify(data) } }),
  };
}
