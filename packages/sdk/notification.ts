// GreyMatter's notifications (SEEDS §3) for code that has its own web server: `parseNotification` reads one. A receiver reads
// them by itself.

import { parseJson } from "@posthorn/wire/json";
import { decodeNotification } from "@posthorn/wire/notification";
import { type EventMap, type Events, type EventType, issuesText, type OpenEvents } from "./catalogue.ts";
import { InvalidArgumentException, InvalidEventException, ValidationException } from "./exceptions.ts";

/** A Notification Object, by the names of the document. */
export interface NotificationObject<Type extends string = string, Data = unknown> {
  readonly notification_type: Type;
  /** The version of the API that the notification follows. */
  readonly version_Number: string;
  /** Never repeats for a different notification; the same at every try of one. Remember it, and handle it once. */
  readonly notification_id: string;
  readonly notification_data: Data;
}

/** All notifications that were defined, told apart by `notification_type`. */
export type AnyNotification<Known extends EventMap> = {
  readonly [Type in EventType<Known>]: NotificationObject<Type, Known[Type]["received"]>;
}[EventType<Known>];

/**
 * Reads the raw body of a notification, text or bytes. With `events` its type must be one of them, and its data is checked.
 * @throws InvalidArgumentException, InvalidEventException, ValidationException
 */
export async function parseNotification<Known extends EventMap = OpenEvents>(
  raw: string | Uint8Array,
  events?: Events<Known>,
): Promise<AnyNotification<Known>> {
  const decoded = decodeNotification(raw);
  if (!decoded.ok) throw new InvalidArgumentException("bad_payload", decoded.faults[0]?.detail ?? "no notification");
  const { id, type, versionNumber, dataText } = decoded.value;
  const value = parseJson(dataText);
  const data = await typedData(type, value.ok ? value.value : undefined, events);
  const notification: NotificationObject = {
    notification_type: type,
    version_Number: versionNumber,
    notification_id: id,
    notification_data: data,
  };
  // Its type is one of the schemas, and that schema has made its data.
  return notification as AnyNotification<Known>;
}

async function typedData<Known extends EventMap>(
  type: string,
  data: unknown,
  events: Events<Known> | undefined,
): Promise<unknown> {
  if (events === undefined) return data;
  if (!events.has(type)) throw new InvalidEventException(`The notification type "${type}" is not known.`);
  const validation = await events.validate(type, data);
  if (validation.ok) return validation.data;
  const { issues } = validation;
  throw new ValidationException(`The data of the notification "${type}" is invalid: ${issuesText(issues)}.`, issues);
}
