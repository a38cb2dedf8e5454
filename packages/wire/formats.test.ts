// What every format must keep to; a new one is held to it by its line in the registry.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEvent } from "./arbitrary-events.ts";
import type { Event } from "./event.ts";
import { type FormatName, formats } from "./formats.ts";

const context = { deliveryId: "delivery-1", attempt: 1, sequence: 7 };

const all: readonly (keyof Event)[] = ["id", "type", "source", "time"];

/** The attributes that a format has a place for, and what it says in place of the event's id. */
const carried: Readonly<Record<FormatName, { readonly attributes: readonly (keyof Event)[]; readonly id?: string }>> = {
  cloudevents: { attributes: all },
  "cloudevents-binary": { attributes: all },
  "space-cloud": { attributes: all },
  notification: { attributes: ["type"], id: "delivery-1" },
  resource: { attributes: ["type", "time"], id: "7" },
  "standard-webhooks": { attributes: ["type", "time"], id: "delivery-1" },
};

/** As the platform accepts them: it gives every event a time. */
const timedEvent = anyEvent.map((event): Event => ({ time: "2026-01-31T10:00:00.000Z", ...event }));

for (const format of Object.values(formats)) {
  test(`${format.name} answers to its name`, () => assert.equal(formats[format.name], format));

  test(`${format.name} writes a body and a Content-Type that it reads back, the same bytes at every try (WH-3)`, () => {
    const { attributes, id } = carried[format.name];
    fc.assert(
      fc.property(timedEvent, (event) => {
        const first = format.encode(event, context);
        const second = format.encode(event, { ...context, attempt: 2 });
        assert.deepEqual(Buffer.from(first.body), Buffer.from(second.body));
        assert.ok(first.body.length > 0 && first.headers["content-type"]);
        const decoded = format.decode(first.headers, first.body);
        assert.ok(decoded.ok, JSON.stringify(decoded));
        for (const name of attributes) assert.deepEqual(decoded.value[name], event[name]);
        if (id !== undefined) assert.equal(decoded.value.id, id);
        if (event.data?.kind === "json" && decoded.value.data?.kind === "json")
          assert.equal(decoded.value.data.text.trim(), event.data.text.trim());
      }),
    );
  });

  test(`${format.name} answers faults to garbage`, () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.dictionary(fc.string(), fc.string()), (body, headers) => {
        assert.equal(format.decode(headers, body).ok, false);
      }),
    );
  });
}

test("binary mode is left where it cannot carry the event", () => {
  const event = { id: "1", type: "t", source: "/s", extensions: {} };
  const { headers } = formats["cloudevents-binary"].encode(event, context);
  assert.match(headers["content-type"] ?? "", /^application\/cloudevents\+json/);
});
