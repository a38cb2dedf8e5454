import assert from "node:assert/strict";
import test from "node:test";
import type { Event } from "@posthorn/wire/event";
import fc from "fast-check";
import { type Filter, filterFaults, maxFilterDepth, maxFilterNodes, passesAll } from "./filters.ts";

const event: Event = {
  id: "1",
  type: "order.created",
  source: "/shop/eu",
  subject: "order-7",
  extensions: { priority: 10, urgent: true, region: "EU" },
};
const passes = (filter: Filter): boolean => passesAll([filter], event);

test("no filters let everything through; several must all hold", () => {
  assert.ok(passesAll([], event));
  assert.ok(passesAll([{ prefix: { type: "order." } }, { suffix: { source: "/eu" } }], event));
  assert.ok(!passesAll([{ prefix: { type: "order." } }, { suffix: { source: "/us" } }], event));
});

test("exact, prefix and suffix compare with case, and every attribute named must hold", () => {
  assert.ok(passes({ exact: { type: "order.created", region: "EU" } }));
  assert.ok(!passes({ exact: { region: "eu" } }));
  assert.ok(!passes({ prefix: { type: "order.", region: "US" } }));
  assert.ok(passes({ suffix: { subject: "-7" } }));
});

test("integers and booleans compare by their canonical text", () => {
  assert.ok(passes({ exact: { priority: "10", urgent: "true", specversion: "1.0" } }));
});

test("an attribute that is not there holds for nothing, and not even inherited names are there", () => {
  assert.ok(!passes({ prefix: { missing: "x" } }));
  assert.ok(passes({ not: { exact: { missing: "x" } } }));
  assert.ok(!passes({ prefix: { time: "2" } }));
  assert.ok(!passes({ prefix: { constructor: "f" } }));
});

test("all, any and not follow the laws of logic", () => {
  const leaf = fc.constantFrom<Filter>(
    { exact: { type: "order.created" } },
    { exact: { type: "other" } },
    { prefix: { region: "E" } },
  );
  fc.assert(
    fc.property(fc.array(leaf, { minLength: 1, maxLength: 4 }), (filters) => {
      assert.equal(passes({ all: filters }), filters.every(passes));
      assert.equal(passes({ any: filters }), filters.some(passes));
      assert.equal(passes({ not: { all: filters } }), passes({ any: filters.map((not) => ({ not })) }));
    }),
  );
});

const faulty: readonly (readonly [unknown, string])[] = [
  [null, "/0"],
  [[], "/0"],
  [{}, "/0"],
  [{ exact: { a: "1" }, prefix: { a: "1" } }, "/0"],
  [{ sql: "TRUE" }, "/0/sql"],
  [{ exact: {} }, "/0/exact"],
  [{ exact: { Type: "x" } }, "/0/exact/Type"],
  [{ exact: { type: "" } }, "/0/exact/type"],
  [{ exact: { type: 1 } }, "/0/exact/type"],
  [{ all: [] }, "/0/all"],
  [{ any: "x" }, "/0/any"],
  [{ not: [{ exact: { a: "1" } }] }, "/0/not"],
  [{ all: [{ exact: { a: "1" } }, { no: 1 }] }, "/0/all/1/no"],
];
for (const [filter, pointer] of faulty) {
  test(`${JSON.stringify(filter)} is refused at ${pointer}`, () => {
    assert.deepEqual(
      filterFaults([filter]).map((fault) => fault.pointer),
      [pointer],
    );
  });
}

test("depth and number of expressions are bounded", () => {
  const nested = (depth: number): unknown => (depth === 0 ? { exact: { a: "1" } } : { not: nested(depth - 1) });
  assert.equal(filterFaults([nested(maxFilterDepth - 1)]).length, 0);
  assert.equal(filterFaults([nested(maxFilterDepth)]).length, 1);
  const many = Array.from({ length: maxFilterNodes }, () => ({ exact: { a: "1" } }));
  assert.equal(filterFaults(many).length, 0);
  assert.ok(filterFaults([...many, { exact: { a: "1" } }]).length > 0);
});
