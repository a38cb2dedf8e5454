import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { matchesType } from "./matching.ts";

const word = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
const name = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join("."));

test("an exact name matches itself and nothing else", () => {
  fc.assert(fc.property(name, name, (one, other) => assert.equal(matchesType(one, other), one === other)));
});

test("prefix.* matches every name below the prefix, and not the prefix itself", () => {
  fc.assert(
    fc.property(name, name, (prefix, rest) => {
      assert.ok(matchesType(`${prefix}.*`, `${prefix}.${rest}`));
      assert.ok(!matchesType(`${prefix}.*`, prefix));
      assert.ok(!matchesType(`${prefix}.*`, `${prefix}.`));
      assert.ok(!matchesType(`${prefix}.*`, `${prefix}${rest}`));
    }),
  );
});

test("* matches all", () => {
  fc.assert(fc.property(fc.string(), (type) => assert.ok(matchesType("*", type))));
});
