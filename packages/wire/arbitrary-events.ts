// For tests only: fast-check arbitraries that reach the corners of an event (all of Unicode, big integers, `1.0`, escapes,
// odd spacing, key order), so that every codec is held against the same events.
import fc from "fast-check";
import { type Event, type EventData, type ExtensionValue, isAttributeText, isExtensionName } from "./event.ts";

/** Any legal CloudEvents String that is not empty. */
export const attributeText = fc.oneof(
  fc.string({ unit: "grapheme-ascii", minLength: 1 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 12 }).filter(isAttributeText),
  fc.constantFrom("Euro € 😀", 'a"b\\c', "100%", "%41", " padded ", "\u{10fffd}", "𝒳", "ﷰ", "'(){}<>|^`"),
);

const source = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.uuid(),
  fc.constantFrom("#fragment", "/sensors/tn-1/alerts", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "?q", "a%20b"),
);

const timestamp = fc.constantFrom(
  "2018-04-05T17:31:00Z",
  "2018-04-05T17:31:00.123456789Z",
  "1998-12-31T23:59:60Z",
  "0000-02-29t23:59:59.0-00:00",
  "2024-02-29T00:00:00+05:45",
);

const extensionName = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(..."abcxyz0189"), minLength: 1, maxLength: 24 }),
    fc.constantFrom("constructor", "0", "traceparent"),
  )
  .filter(isExtensionName);

const extensionValue: fc.Arbitrary<ExtensionValue> = fc.oneof(
  attributeText,
  fc.constant(""),
  fc.boolean(),
  fc.integer(),
  fc.constantFrom(-2147483648, 2147483647, 0),
);

/** JSON texts that no parser and printer would give back as they are. */
export const jsonText = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.constantFrom(
    "null",
    "1.0",
    "-0",
    "1E400",
    "9007199254740993",
    "18446744073709551615",
    '"\\u00e9"',
    '"\\ud83d\\ude00"',
    '"\\ud800"',
    '"\\/"',
    '{"b":1,"a":{"2":0,"1":0}}',
    '{"__proto__":{"x":1}}',
    '[ 1 ,\n\t{ "a" : [ ] } ]',
    '"é😀"',
    "0",
    "false",
    '""',
  ),
);

const data: fc.Arbitrary<Pick<Event, "data" | "datacontenttype">> = fc.oneof(
  fc.constantFrom({}, { datacontenttype: "text/plain" }),
  fc.record(
    {
      datacontenttype: fc.constantFrom("application/json", "application/vnd.x+json; charset=utf-8", "TEXT/JSON"),
      data: jsonText.map((text): EventData => ({ kind: "json", text })),
    },
    { requiredKeys: ["data"] },
  ),
  fc.record({
    datacontenttype: fc.constantFrom("text/plain", 'text/plain;charset="UTF-8"', "application/xml", "image/svg+xml"),
    data: fc.string({ unit: "binary" }).map((text): EventData => ({ kind: "text", text })),
  }),
  fc.record(
    {
      datacontenttype: fc.constantFrom("application/octet-stream", "image/png"),
      data: fc.uint8Array().map((bytes): EventData => ({ kind: "binary", bytes })),
    },
    { requiredKeys: ["data"] },
  ),
);

const attributes = fc.record(
  {
    id: attributeText,
    type: attributeText,
    source,
    subject: attributeText,
    time: timestamp,
    dataschema: fc.constantFrom("https://example.com/schema?v=1", "urn:x:y"),
  },
  { requiredKeys: ["id", "type", "source"] },
);

/** Any event at all. */
export const anyEvent: fc.Arbitrary<Event> = fc
  .tuple(attributes, fc.dictionary(extensionName, extensionValue, { maxKeys: 4, noNullPrototype: true }), data)
  .map(([core, extensions, payload]) => ({
    ...core,
    ...payload,
    extensions: Object.assign(Object.create(null), extensions),
  }));

/** An event as values that can be compared: bytes as hexadecimal text, whatever class of array they came in. */
export function comparable(event: Event): unknown {
  const { data: payload, extensions, ...core } = event;
  const shown =
    payload?.kind === "binary" ? { kind: "binary", hex: Buffer.from(payload.bytes).toString("hex") } : payload;
  return { ...core, extensions: { ...extensions }, data: shown };
}
