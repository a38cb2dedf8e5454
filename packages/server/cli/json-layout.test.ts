import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { layOutJson } from "./json-layout.ts";

test("what fits stays on one line", () => {
  assert.equal(layOutJson('{"total":12.50,"lines":[1,2]}', 80), '{"total": 12.50, "lines": [1, 2]}');
});

test("what does not fit is indented, and numbers and strings keep their spelling", () => {
  const text = String.raw`{"big":123456789012345678901,"one":1.0,"e\u0301, {":"a: \"b\", [c]","none":[],"rest":[{},[2E+3]]}`;
  assert.equal(
    layOutJson(text, 20),
    String.raw`{
  "big": 123456789012345678901,
  "one": 1.0,
  "e\u0301, {": "a: \"b\", [c]",
  "none": [],
  "rest": [
    {},
    [
      2E+3
    ]
  ]
}`,
  );
});

test("any JSON says the same before and after", () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(120), (text, width) => {
      assert.deepEqual(JSON.parse(layOutJson(text, width)), JSON.parse(text));
    }),
  );
});
