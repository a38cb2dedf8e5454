// What a verified message holds: events in any of the formats, told apart by Content-Type and headers, then by the members
// of the body.
import {
  decodeBatch,
  decodeBinary,
  decodeStructured,
  detectMode,
  type MessageHeaders,
} from "@posthorn/wire/cloudevents";
import { failure, mapResult, type Result, success } from "@posthorn/wire/errors";
import type { Event } from "@posthorn/wire/event";
import { decodeUtf8, scanJson } from "@posthorn/wire/json";
import { decodeNotification, eventOfNotification } from "@posthorn/wire/notification";
import { decodeResource, eventOfResource } from "@posthorn/wire/resource";
import { decodeWebhook } from "@posthorn/wire/space-cloud";
import { decodeStandardWebhook } from "@posthorn/wire/standard-webhooks";
import type { ReceivedFormat } from "./received-event.ts";

export interface DecodedMessage {
  readonly format: ReceivedFormat;
  readonly events: readonly Event[];
}

/** Undefined when the message is in a format that is known by name only, to be answered with 415. */
export function decodeMessage(headers: MessageHeaders, body: Uint8Array): Result<DecodedMessage> | undefined {
  const mode = detectMode(headers);
  switch (mode) {
    case "structured":
      return single("cloudevents", decodeText(body, decodeStructured));
    case "batched":
      return mapResult(decodeText(body, decodeBatch), (events) => ({ format: "cloudevents-batch", events }));
    case "binary":
      return single("cloudevents-binary", decodeBinary(headers, body));
    case "unsupported":
      return undefined;
    case "none":
      return decodePlain(headers, body);
    default:
      return mode satisfies never;
  }
}

function single(format: ReceivedFormat, decoded: Result<Event>): Result<DecodedMessage> {
  return mapResult(decoded, (event) => ({ format, events: [event] }));
}

function decodeText<Value>(body: Uint8Array, decode: (text: string) => Result<Value>): Result<Value> {
  const text = decodeUtf8(body);
  return text.ok ? decode(text.value) : text;
}

/** A JSON object without a word of CloudEvents in its headers: its own members say what it is. */
function decodePlain(headers: MessageHeaders, body: Uint8Array): Result<DecodedMessage> {
  const names = decodeText(body, namesOf);
  if (!names.ok) return names;
  const has = (name: string): boolean => names.value.includes(name);
  if (has("notification_type")) return single("notification", mapResult(decodeNotification(body), eventOfNotification));
  if (has("specversion")) return single("space-cloud", decodeWebhook(body));
  if (has("name")) return single("resource", mapResult(decodeResource(body), eventOfResource));
  if (has("type")) return single("standard-webhooks", decodeStandardWebhook(headers, body));
  return failure("wrong_type", "the body is an event in no format that is known here");
}

function namesOf(text: string): Result<readonly string[]> {
  const scanned = scanJson(text);
  if (!scanned.ok) return scanned;
  if (scanned.value.kind !== "object") return failure("wrong_type", "the body must be a JSON object");
  return success(scanned.value.members.map(({ name }) => name));
}
