import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileJsonSchema } from "./json-schema.ts";
import type { JsonSchema } from "./schema-check.ts";

/** A schema, values that fit it, and values that do not. */
const rows: readonly (readonly [JsonSchema, readonly unknown[], readonly unknown[]])[] = [
  [{}, [null, 1, "a", {}], []],
  [{ type: "integer" }, [1, -1, 2.0], [1.5, "1", null]],
  [{ type: ["string", "null"] }, ["", null], [0, false]],
  [{ type: "object" }, [{}], [[], null, "a"]],
  [{ enum: [1, { a: [1] }] }, [1, { a: [1] }], [2, { a: [2] }, { a: [1], b: 1 }]],
  [{ const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }]],
  [{ minLength: 2, maxLength: 2 }, ["ab", "😀😀", 5], ["a", "abc"]],
  [{ pattern: "^a+$" }, ["aa", 7], ["ab"]],
  [{ minimum: 1, maximum: 3, multipleOf: 0.5 }, [1, 2.5, 3, "x"], [0.5, 3.5, 1.2]],
  [{ exclusiveMinimum: 1, exclusiveMaximum: 3 }, [2], [1, 3]],
  [{ properties: { a: { type: "string" } }, required: ["a"] }, [{ a: "" }, { a: "", b: 1 }, 5], [{}, { a: 1 }]],
  [{ required: ["toString"] }, [{ toString: 1 }], [{}]],
  [{ properties: { a: true }, additionalProperties: false }, [{ a: 1 }, {}], [{ b: 1 }, JSON.parse('{"__proto__":1}')]],
  [
    { patternProperties: { "^x": { type: "number" } }, additionalProperties: false },
    [{ x1: 1 }],
    [{ x1: "" }, { y: 1 }],
  ],
  [{ propertyNames: { maxLength: 1 } }, [{ a: 1 }], [{ ab: 1 }]],
  [{ minProperties: 1, maxProperties: 1 }, [{ a: 1 }], [{}, { a: 1, b: 1 }]],
  [{ dependentRequired: { a: ["b"] } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
  [{ prefixItems: [{ type: "string" }], items: { type: "number" } }, [["a", 1], [], ["a"]], [[1], ["a", "b"]]],
  [{ contains: { const: 1 }, maxContains: 1 }, [[1, 2]], [[], [2], [1, 1]]],
  [
    { uniqueItems: true },
    [[1, "1", { a: 1 }]],
    [
      [1, 1],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  [{ uniqueItems: false, minItems: 1, maxItems: 2 }, [[1, 1]], [[], [1, 2, 3]]],
  [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1], [0, 3]],
  [{ anyOf: [{ type: "string" }, { minimum: 5 }] }, ["", 5], [4]],
  [{ oneOf: [{ minimum: 1 }, { maximum: 3 }] }, [0, 4], [2]],
  [{ not: { type: "null" } }, [1], [null]],
  [JSON.parse('{"if":{"const":1},"then":{"type":"integer"},"else":{"type":"string"}}'), [1, "a"], [2]],
  [{ $defs: { "a/b": { type: "string" } }, $ref: "#/$defs/a~1b" }, ["x"], [1]],
  [
    { properties: { next: { $ref: "#" } }, required: ["value"] },
    [{ value: 1, next: { value: 2 } }],
    [{ value: 1, next: {} }],
  ],
];

for (const [schema, fitting, others] of rows)
  test(JSON.stringify(schema), () => {
    const check = compileJsonSchema(schema);
    for (const value of fitting) assert.deepEqual(check(value), [], `${JSON.stringify(value)} should fit`);
    for (const value of others) assert.notDeepEqual(check(value), [], `${JSON.stringify(value)} should not fit`);
  });

test("an issue says where", () => {
  const check = compileJsonSchema({
    type: "object",
    properties: { items: { items: { properties: { price: { type: "number" } }, required: ["id"] } } },
  });
  assert.deepEqual(check({ items: [{ id: 1 }, { price: "1" }] }), [
    { path: "items.1.price", message: "must be a number" },
    { path: "items.1.id", message: "is required" },
  ]);
});

test("a schema that cannot be checked in full is refused when it is defined", () => {
  for (const schema of [
    { unevaluatedProperties: false },
    { properties: { a: { dependentSchemas: {} } } },
    { type: "text" },
    { minimum: "1" },
    { required: "a" },
    { anyOf: {} },
    { properties: [] },
    { $ref: "#/nowhere" },
    { $ref: "https://example.com/schema" },
    { items: 5 },
  ])
    assert.throws(() => compileJsonSchema(schema), TypeError, JSON.stringify(schema));
});

test("a long list costs no more than its length", () => {
  const check = compileJsonSchema({ uniqueItems: true });
  assert.deepEqual(check(Array.from({ length: 200_000 }, (_none, index) => index)), []);
});

test("no value makes a check throw", () => {
  const checks = rows.map(([schema]) => compileJsonSchema(schema));
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const check of checks) check(value);
    }),
  );
});
