// GreyMatter's Notification Object (SEEDS §3), in and out: four members, one of them spelt `version_Number`.

import { encodeUtf8 } from "./bytes.ts";
import type { EncodedMessage } from "./cloudevents.ts";
import { failure, type Result, success } from "./errors.ts";
import { brokenRule, type Event, noExtensions } from "./event.ts";
import { jsonTextOf, type PlainObject, readPlainObject } from "./plain-data.ts";

export interface Notification {
  /** Never repeats for a different notification, and is the same at every try of one. */
  readonly id: string;
  readonly type: string;
  /** The version of this format that the sender follows. */
  readonly versionNumber: string;
  /** The resource at the time of the event: JSON text, verbatim. */
  readonly dataText: string;
}

/** The version that we write. */
const notificationVersion = "1.0";

/** A notification does not say where it comes from; an event must. */
const notificationSource = "notification";

const headers = Object.freeze({ "content-type": "application/json; charset=utf-8" });

/**
 * Writes an event as a notification. Its id is that of the delivery: ids of events may repeat between sources, those of
 * notifications must not. No data is an empty object, since the document knows only objects.
 */
export function encodeNotification(event: Event, context: { readonly deliveryId: string }): EncodedMessage {
  const text =
    `{"notification_type":${JSON.stringify(event.type)},"version_Number":"${notificationVersion}",` +
    `"notification_id":${JSON.stringify(context.deliveryId)},"notification_data":${jsonTextOf(event.data) ?? "{}"}}`;
  return { headers, body: encodeUtf8(text) };
}

/** Reads a Notification Object. All four members must be there; others are passed over. */
export function decodeNotification(body: Uint8Array | string): Result<Notification> {
  const object = readPlainObject(body, "a notification");
  if (!object.ok) return object;
  const type = readName(object.value, "notification_type", "type");
  if (!type.ok) return type;
  const id = readName(object.value, "notification_id", "id");
  if (!id.ok) return id;
  const versionNumber = object.value.stringOf(object.value.find("version_Number"));
  if (versionNumber === undefined)
    return failure("missing_attribute", "version_Number is required and must be a string", "#/version_Number");
  const data = object.value.members.find(({ name }) => name === "notification_data");
  if (data === undefined) return failure("missing_attribute", "notification_data is required", "#/notification_data");
  return success({ id: id.value, type: type.value, versionNumber, dataText: object.value.textOf(data) });
}

function readName(object: PlainObject, member: string, attribute: "id" | "type"): Result<string> {
  const value = object.stringOf(object.find(member));
  if (value === undefined)
    return failure("missing_attribute", `${member} is required and must be a string`, `#/${member}`);
  const rule = brokenRule(attribute, value);
  return rule === undefined ? success(value) : failure("invalid_attribute", `${member} ${rule}`, `#/${member}`);
}

/** The event that a notification tells of, as far as it does: its source and time are not in it. */
export function eventOfNotification({ id, type, dataText }: Notification): Event {
  return { id, type, source: notificationSource, extensions: noExtensions, data: { kind: "json", text: dataText } };
}
