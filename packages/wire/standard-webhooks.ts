// The payload that Standard Webhooks recommends (SW-17): type, timestamp, data. The id stands in the header `webhook-id`,
// beside the signature; signing itself is in signature.ts.
import { encodeUtf8 } from "./bytes.ts";
import type { EncodedMessage, MessageHeaders } from "./cloudevents.ts";
import { failure, type Result, success } from "./errors.ts";
import { brokenRule, type Event, noExtensions, timestampRule } from "./event.ts";
import { jsonTextOf, type PlainObject, readPlainObject } from "./plain-data.ts";
import { headerValue } from "./signed-message.ts";
import { parseTimestamp } from "./timestamp.ts";

/** The payload does not say where it comes from; an event must. */
const standardWebhooksSource = "standard-webhooks";

/** Writes the payload; the id, that of the delivery, goes into its header. No time and no data are null. */
export function encodeStandardWebhook(event: Event, context: { readonly deliveryId: string }): EncodedMessage {
  const time = event.time === undefined ? "null" : JSON.stringify(event.time);
  const text = `{"type":${JSON.stringify(event.type)},"timestamp":${time},"data":${jsonTextOf(event.data) ?? "null"}}`;
  const headers = { "content-type": "application/json; charset=utf-8", "webhook-id": context.deliveryId };
  return { headers, body: encodeUtf8(text) };
}

/** Reads the payload of any sender that follows the specification. Members that are not known are passed over. */
export function decodeStandardWebhook(headers: MessageHeaders, body: Uint8Array | string): Result<Event> {
  const object = readPlainObject(body, "a webhook");
  if (!object.ok) return object;
  const id = headerValue(headers, "webhook-id");
  if (brokenRule("id", id) !== undefined) return failure("missing_header", "webhook-id must be there, once");
  const type = object.value.stringOf(object.value.find("type"));
  if (type === undefined) return failure("missing_attribute", "type is required and must be a string", "#/type");
  const typeRule = brokenRule("type", type);
  if (typeRule !== undefined) return failure("invalid_attribute", `type ${typeRule}`, "#/type");
  const time = readTimestamp(object.value);
  if (!time.ok) return time;
  const data = object.value.members.find(({ name }) => name === "data");
  return success({
    id,
    type,
    source: standardWebhooksSource,
    ...(time.value === undefined ? {} : { time: time.value }),
    extensions: noExtensions,
    ...(data === undefined ? {} : { data: { kind: "json", text: object.value.textOf(data) } }),
  });
}

function readTimestamp(object: PlainObject): Result<string | undefined> {
  const member = object.find("timestamp");
  if (member === undefined) return success(undefined);
  const text = object.stringOf(member);
  if (text !== undefined && parseTimestamp(text) !== undefined) return success(text);
  return failure("invalid_attribute", `timestamp ${timestampRule}`, "#/timestamp");
}
