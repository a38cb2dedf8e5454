// What every format must keep to; a new one is held to it by its line in the registry.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyEvent } from "./arbitrary-events.ts";
import { formats } from "./formats.ts";

const context = { deliveryId: "delivery-1", attempt: 1 };

for (const [name, format] of Object.entries(formats)) {
  test(`${name} answers to its name`, () => assert.equal(format.name, name));

  test(`${name} writes a body and a Content-Type that it reads back, the same bytes at every try (WH-3)`, () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const first = format.encode(event, context);
        const second = format.encode(event, { ...context, attempt: 2 });
        assert.deepEqual(Buffer.from(first.body), Buffer.from(second.body));
        assert.ok(first.body.length > 0 && first.headers["content-type"]);
        const decoded = format.decode(first.headers, first.body);
        assert.ok(decoded.ok, JSON.stringify(decoded));
        assert.deepEqual(
          [decoded.value.id, decoded.value.type, decoded.value.source, decoded.value.time],
          [event.id, event.type, event.source, event.time],
        );
      }),
    );
  });

  test(`${name} answers faults to garbage`, () => {
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
