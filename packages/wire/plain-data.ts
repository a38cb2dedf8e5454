// An event's data where a format has one place for it and that place is JSON: the Space Cloud webhook, the notification, the
// resource event and the Standard Webhooks payload. And how such a body is read: one object, its members by name.
import { encodeBase64 } from "./base64.ts";
import { failure, type Result, success } from "./errors.ts";
import type { EventData } from "./event.ts";
import { decodeUtf8, type JsonMember, readString, scanJson } from "./json.ts";

/** JSON verbatim; a string of another media type as a JSON string, bytes as base64 in one; undefined for no data. */
export function jsonTextOf(data: EventData | undefined): string | undefined {
  if (data === undefined) return undefined;
  switch (data.kind) {
    case "json":
      return data.text;
    case "text":
      return JSON.stringify(data.text);
    case "binary":
      return `"${encodeBase64(data.bytes)}"`;
    default:
      return data satisfies never;
  }
}

/** A JSON object as it was read. */
export interface PlainObject {
  readonly members: readonly JsonMember[];
  /** The member of that name, or of its other spelling; null counts as absent. */
  find(name: string, alias?: string): JsonMember | undefined;
  /** The text of a member that is a string; undefined for every other kind. */
  stringOf(member: JsonMember | undefined): string | undefined;
  /** The JSON text of a member, verbatim. */
  textOf(member: JsonMember): string;
}

/** `what` names the thing for the fault of a body that is no JSON object. */
export function readPlainObject(body: Uint8Array | string, what: string): Result<PlainObject> {
  const decoded = typeof body === "string" ? success(body) : decodeUtf8(body);
  if (!decoded.ok) return decoded;
  const text = decoded.value;
  const scanned = scanJson(text);
  if (!scanned.ok) return scanned;
  const { kind, members } = scanned.value;
  if (kind !== "object") return failure("wrong_type", `${what} must be a JSON object`);
  return success({
    members,
    find: (name, alias) =>
      members.find((member) => (member.name === name || member.name === alias) && member.kind !== "null"),
    stringOf: (member) => (member?.kind === "string" ? readString(text, member.start, member.end) : undefined),
    textOf: ({ start, end }) => text.slice(start, end),
  });
}
