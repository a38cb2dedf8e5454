import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBase64, decodePlainly, encodeBase64, encodePlainly } from "./base64.ts";

test("what is encoded comes back, with a Buffer and without", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
      const text = encodeBase64(bytes);
      assert.equal(encodePlainly(bytes), text);
      assert.deepEqual(Uint8Array.from(decodeBase64(text) ?? []), bytes);
      assert.deepEqual(decodePlainly(text), bytes);
    }),
  );
});

for (const text of ["a", "ab", "YQ", "YR==", "YQ==\n", "-_8=", "Y Q==", "é"])
  test(`${JSON.stringify(text)} is no canonical base64`, () => assert.equal(decodeBase64(text), undefined));
