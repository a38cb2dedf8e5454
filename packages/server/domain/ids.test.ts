import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { sequenceAt, timeOfSequence, uuidv7 } from "./ids.ts";

const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2090, 0, 1) });
const tenBytes = fc.uint8Array({ minLength: 10, maxLength: 10 });

test("a UUIDv7 has the form, the version and the variant of RFC 9562", () => {
  fc.assert(
    fc.property(moment, tenBytes, (now, random) => {
      assert.match(uuidv7(now, random), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }),
  );
});

test("UUIDv7 of RFC 9562, appendix A.6", () => {
  const random = Uint8Array.of(0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f);
  assert.equal(uuidv7(0x017f22e279b0, random), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
});

test("ids of later milliseconds sort later, whatever chance brings", () => {
  fc.assert(
    fc.property(moment, fc.integer({ min: 1, max: 1e9 }), tenBytes, tenBytes, (now, later, one, other) => {
      assert.ok(uuidv7(now, one) < uuidv7(now + later, other));
    }),
  );
});

test("all 74 random bits reach the id", () => {
  const ids = new Set<string>();
  for (let bit = 0; bit < 80; bit += 1) {
    const random = new Uint8Array(10);
    random[bit >> 3] = 1 << (bit & 7);
    ids.add(uuidv7(0, random));
  }
  ids.add(uuidv7(0, new Uint8Array(10)));
  assert.equal(ids.size, 75);
});

test("a sequence number tells its millisecond, and stays exact", () => {
  fc.assert(
    fc.property(moment, fc.integer({ min: 0, max: 4095 }), (now, step) => {
      const sequence = sequenceAt(now) + step;
      assert.ok(Number.isSafeInteger(sequence));
      assert.equal(timeOfSequence(sequence), now);
    }),
  );
});

test("times before the first sequence number count as the first", () => {
  assert.equal(sequenceAt(0), 0);
});
