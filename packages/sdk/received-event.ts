// An event as a handler gets it, whatever it was written in.
import type { Event, EventData, ExtensionValue } from "@posthorn/wire/event";
import { parseJson } from "@posthorn/wire/json";

/** What a message was written in. */
export type ReceivedFormat =
  | "cloudevents"
  | "cloudevents-batch"
  | "cloudevents-binary"
  | "space-cloud"
  | "notification"
  | "resource"
  | "standard-webhooks";

export interface ReceivedEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  /** What the schema of its type made of it; without a schema JSON as it is, other text as a string, bytes as bytes. */
  readonly data: Data;
  /** Of the event: in a `notification` its notification_id, in a `resource` event its integer as text. */
  readonly id: string;
  /** Where it happened. Formats that do not say it have their own name here. */
  readonly source: string;
  readonly subject: string | undefined;
  /** When it happened: RFC 3339, as it was sent. */
  readonly time: string | undefined;
  readonly extensions: Readonly<Record<string, ExtensionValue>>;
  /** The JSON of the data, character for character: big integers are whole here. Undefined when the data is not JSON. */
  readonly dataText: string | undefined;
  readonly format: ReceivedFormat;
  /** The same at every try of one delivery: what duplicates are told by. */
  readonly messageId: string;
}

export function receivedEvent(event: Event, format: ReceivedFormat, messageId: string): ReceivedEvent {
  const { type, id, source, subject, time, extensions, data } = event;
  return {
    type,
    data: dataValue(data),
    id,
    source,
    subject,
    time,
    extensions,
    dataText: data?.kind === "json" ? data.text : undefined,
    format,
    messageId,
  };
}

function dataValue(data: EventData | undefined): unknown {
  if (data === undefined) return undefined;
  switch (data.kind) {
    case "json": {
      const value = parseJson(data.text);
      // The decoder has read it as JSON already.
      return value.ok ? value.value : undefined;
    }
    case "text":
      return data.text;
    case "binary":
      return data.bytes;
    default:
      return data satisfies never;
  }
}
