// One object types both directions; these assignments fail to compile when the types go wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { defineEvents, type Events } from "./catalogue.ts";

const events = defineEvents({
  "zod.event": z.object({ at: z.string().transform((text) => new Date(text)), count: z.number().default(1) }),
  "valibot.event": v.object({ name: v.string() }),
  "arktype.event": type({ name: "string", "age?": "number" }),
  "json.event": {
    type: "object",
    properties: {
      id: { type: "integer" },
      status: { enum: ["open", "closed"] },
      tags: { type: "array", items: { type: "string" } },
      note: { anyOf: [{ type: "string" }, { type: "null" }] },
    },
    required: ["id", "status"],
  },
});
type Map = typeof events extends Events<infer Found> ? Found : never;

/** True when both types are the same, in both directions. */
type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

test("what is sent and what is received have the types of the schema's two sides", () => {
  const checks: [
    Same<Map["zod.event"]["sent"], { at: string; count?: number | undefined }>,
    Same<Map["zod.event"]["received"], { at: Date; count: number }>,
    Same<Map["valibot.event"]["sent"], { name: string }>,
    Same<Map["arktype.event"]["received"], { name: string; age?: number }>,
  ] = [true, true, true, true];
  assert.equal(checks.length, 4);
  const full: Map["json.event"]["sent"] = { id: 1, status: "open", tags: ["a"], note: null };
  const received: Map["json.event"]["received"] = full;
  const status: "open" | "closed" = received.status;
  const tags: readonly string[] | undefined = received.tags;
  assert.deepEqual([status, tags], ["open", ["a"]]);
  // @ts-expect-error status must be one of two
  const wrong: Map["json.event"]["sent"] = { id: 1, status: "lost" };
  assert.ok(wrong);
});

test("data is checked, and becomes what its schema makes of it", async () => {
  const result = await events.validate("zod.event", { at: "2026-01-31T10:00:00Z" });
  assert.deepEqual(result, { ok: true, data: { at: new Date("2026-01-31T10:00:00Z"), count: 1 } });
  const good = {
    "valibot.event": { name: "x" },
    "arktype.event": { name: "x" },
    "json.event": { id: 1, status: "open" },
  };
  for (const [name, data] of Object.entries(good))
    assert.deepEqual(await events.validate(name, data), { ok: true, data });
});

test("issues say where, whoever found them", async () => {
  for (const [name, data, path] of [
    ["zod.event", { at: 5 }, "at"],
    ["valibot.event", { name: null }, "name"],
    ["arktype.event", { name: 1 }, "name"],
    ["json.event", { id: 1, status: "open", tags: ["a", 2] }, "tags.1"],
  ] as const) {
    const result = await events.validate(name, data);
    assert.deepEqual(result.ok ? [] : result.issues.map((issue) => issue.path), [path], name);
  }
});

test("names of the language are no events", async () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    assert.equal(events.has(name), false);
    assert.equal((await events.validate(name, {})).ok, false);
  }
});

test("a schema that cannot be checked names its event", () => {
  assert.throws(() => defineEvents({ "my.event": { frobnicate: true } }), /my\.event.*frobnicate/);
});
