// The event itself, in the words of CloudEvents 1.0, and the rules its attributes obey (STANDARDS CE-1 to CE-10). All
// formats decode into this and encode from it.
import { isMediaType } from "./media-type.ts";
import { parseTimestamp } from "./timestamp.ts";
import { isAbsoluteUri, isUriReference } from "./uri.ts";

/** The types that survive JSON; in HTTP headers every value is a string (its canonical text). */
export type ExtensionValue = string | number | boolean;

export type EventData =
  /** One JSON value, its text verbatim as it came in. `datacontenttype` is absent or says JSON. */
  | { readonly kind: "json"; readonly text: string }
  /** A string of a media type that is not JSON. */
  | { readonly kind: "text"; readonly text: string }
  /** Bytes of any media type, or of none. */
  | { readonly kind: "binary"; readonly bytes: Uint8Array };

export interface Event {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly subject?: string;
  /** RFC 3339, the text kept as given. */
  readonly time?: string;
  readonly datacontenttype?: string;
  readonly dataschema?: string;
  /** Without a prototype, so that no name means anything but itself. Names are `[a-z0-9]+`. */
  readonly extensions: Readonly<Record<string, ExtensionValue>>;
  /** Absent is not the same as the JSON value null. */
  readonly data?: EventData;
}

export type CoreAttribute = "id" | "type" | "source" | "subject" | "time" | "datacontenttype" | "dataschema";

/** What an event without extensions has. */
export const noExtensions: Readonly<Record<string, ExtensionValue>> = Object.freeze(Object.create(null));

export function isCoreAttribute(name: string): name is CoreAttribute {
  switch (name) {
    case "id":
    case "type":
    case "source":
    case "subject":
    case "time":
    case "datacontenttype":
    case "dataschema":
      return true;
    default:
      return false;
  }
}

/** `[a-z0-9]+` (CE-8) and not a name that CloudEvents or its formats keep for themselves. Length alone refuses nothing. */
export function isExtensionName(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (!((code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39))) return false;
  }
  return name !== "" && name !== "data" && name !== "specversion" && !isCoreAttribute(name);
}

/** The String of CloudEvents (CE-10): no control characters, no noncharacters, no unpaired surrogates. May be empty. */
export function isAttributeText(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x20 && code < 0x7f) continue;
    if (code < 0xa0) return false;
    if (code < 0xd800) continue;
    const point = text.codePointAt(at) ?? 0;
    if (isSurrogate(point) || isNoncharacter(point)) return false;
    if (point > 0xffff) at += 1;
  }
  return true;
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}

function isNoncharacter(point: number): boolean {
  return (point & 0xfffe) === 0xfffe || (point >= 0xfdd0 && point <= 0xfdef);
}

/** The Integer of CloudEvents: 32 bits, signed. */
export function isAttributeInteger(value: number): boolean {
  return (value | 0) === value;
}

export const textRule = "must not hold control characters, noncharacters or unpaired surrogates";

/** The rule that a value breaks, to be read after the attribute's name; undefined when it breaks none. */
export function brokenRule(name: CoreAttribute, value: string): string | undefined {
  if (value === "") return "must not be empty";
  switch (name) {
    case "id":
    case "type":
    case "subject":
      return isAttributeText(value) ? undefined : textRule;
    case "source":
      return isUriReference(value) ? undefined : "must be a URI-reference (RFC 3986 §4.1)";
    case "time":
      return parseTimestamp(value) === undefined ? timestampRule : undefined;
    case "datacontenttype":
      return isMediaType(value) ? undefined : "must be a media type like text/plain (RFC 2046)";
    case "dataschema":
      return isAbsoluteUri(value) ? undefined : "must be an absolute URI without a fragment (RFC 3986 §4.3)";
    default:
      return name satisfies never;
  }
}

export const timestampRule = "must be an RFC 3339 timestamp like 2018-04-05T17:31:00Z";
