// The formats a trigger can choose: how an event is written for a target, and read back. To add one, write its file and
// add its line to `formats`.
import {
  decodeBinary,
  decodeStructured,
  detectMode,
  type EncodedMessage,
  encodeBinary,
  encodeStructured,
  fitsBinaryMode,
  type MessageHeaders,
} from "./cloudevents.ts";
import { mapResult, type Result } from "./errors.ts";
import type { Event } from "./event.ts";
import { decodeUtf8 } from "./json.ts";
import { decodeNotification, encodeNotification, eventOfNotification } from "./notification.ts";
import { decodeResource, encodeResource, eventOfResource } from "./resource.ts";
import { decodeWebhook, encodeWebhook } from "./space-cloud.ts";
import { decodeStandardWebhook, encodeStandardWebhook } from "./standard-webhooks.ts";

export type { EncodedMessage, MessageHeaders } from "./cloudevents.ts";

/** What a format may say of the delivery besides the event. */
export interface MessageContext {
  readonly deliveryId: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** The event's integer sequence number: the id of a `resource` event. */
  readonly sequence: number;
}

export interface Format {
  readonly name: FormatName;
  /** The same event gives the same bytes at every try. */
  encode(event: Event, context: MessageContext): EncodedMessage;
  decode(headers: MessageHeaders, body: Uint8Array): Result<Event>;
}

export type FormatName =
  | "cloudevents"
  | "cloudevents-binary"
  | "space-cloud"
  | "notification"
  | "resource"
  | "standard-webhooks";

const cloudevents: Format = {
  name: "cloudevents",
  encode: encodeStructured,
  decode: (_headers, body) => decodeStructuredBody(body),
};

/** A webhook needs a body and a Content-Type (WH-3): an event that gives neither goes structured. */
const cloudeventsBinary: Format = {
  name: "cloudevents-binary",
  encode: (event) => (fitsBinaryMode(event) ? encodeBinary(event) : encodeStructured(event)),
  decode: (headers, body) =>
    detectMode(headers) === "structured" ? decodeStructuredBody(body) : decodeBinary(headers, body),
};

const spaceCloud: Format = {
  name: "space-cloud",
  encode: encodeWebhook,
  decode: (_headers, body) => decodeWebhook(body),
};

const notification: Format = {
  name: "notification",
  encode: encodeNotification,
  decode: (_headers, body) => mapResult(decodeNotification(body), eventOfNotification),
};

const resource: Format = {
  name: "resource",
  encode: encodeResource,
  decode: (_headers, body) => mapResult(decodeResource(body), eventOfResource),
};

const standardWebhooks: Format = {
  name: "standard-webhooks",
  encode: encodeStandardWebhook,
  decode: decodeStandardWebhook,
};

export const formats: Readonly<Record<FormatName, Format>> = {
  cloudevents,
  "cloudevents-binary": cloudeventsBinary,
  "space-cloud": spaceCloud,
  notification,
  resource,
  "standard-webhooks": standardWebhooks,
};

function decodeStructuredBody(body: Uint8Array): Result<Event> {
  const text = decodeUtf8(body);
  return text.ok ? decodeStructured(text.value) : text;
}
