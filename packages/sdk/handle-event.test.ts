import assert from "node:assert/strict";
import { test } from "node:test";
import { sign } from "@posthorn/wire/signature";
import fc from "fast-check";
import { z } from "zod";
import { defineEvents } from "./catalogue.ts";
import { Client } from "./client.ts";
import {
  GlobalMooException,
  InvalidArgumentException,
  InvalidEventException,
  ValidationException,
} from "./exceptions.ts";
import { inverseData, projectData, resourceEvent, secret } from "./test-events.ts";
import { testNowMs, testOutside } from "./test-outside.ts";

const client = new Client();
const created = JSON.stringify(resourceEvent("project.created", projectData));
const suggested = JSON.stringify(resourceEvent("inverse.suggested", inverseData));

test("project.created becomes a Project, told apart by its name", async () => {
  const event = await client.handleEvent(created);
  assert.ok(event.name === "project.created");
  const project = event.data;
  assert.deepEqual(
    [event.id, event.createdAt, event.disabledAt, event.subject],
    [123, new Date("2025-01-31T10:00:00Z"), null, null],
  );
  assert.deepEqual(
    [project.id, project.name, project.inputCount, project.inputTypes],
    [5, "Widget", 2, ["float", "integer"]],
  );
  assert.deepEqual(project.developedAt, new Date("2025-01-31T10:00:00Z"));
  const objective = project.trials[0]?.objectives[0];
  assert.deepEqual(
    [objective?.stopReason, objective?.attemptCount, objective?.optimalInverse, objective?.objectiveTypes],
    ["satisfied", 0, null, ["percent"]],
  );
});

test("the platform's own project has an id, dates and a name", async () => {
  const { id, created_at, updated_at, name } = projectData;
  const event = await client.handleEvent(
    JSON.stringify(resourceEvent("project.created", { id, created_at, updated_at, name })),
  );
  assert.ok(event.name === "project.created");
  assert.deepEqual(
    [event.data.id, event.data.name, event.data.inputCount, event.data.trials],
    [5, "Widget", undefined, []],
  );
});

test("inverse.suggested becomes an Inverse, complete with the reason it stopped", async () => {
  const event = await client.handleEvent(suggested);
  assert.ok(event.name === "inverse.suggested");
  const inverse = event.data;
  assert.deepEqual([inverse.iteration, inverse.l1Norm, inverse.suggestTime], [3, 0.25, 1_200_000]);
  assert.deepEqual([inverse.stopReason, inverse.shouldStop], ["stopped", true]);
  assert.deepEqual([inverse.results?.[0]?.satisfied, inverse.results?.[0]?.detail], [true, "close"]);
});

for (const [dates, stopReason] of [
  [{ satisfiedAt: inverseData.createdAt, stoppedAt: inverseData.createdAt }, "satisfied"],
  [{ stoppedAt: inverseData.createdAt, exhaustedAt: inverseData.createdAt }, "stopped"],
  [{ exhaustedAt: inverseData.createdAt }, "exhausted"],
  [{}, "running"],
] as const)
  test(`an inverse with ${Object.keys(dates).join(" and ") || "none of the dates"} is ${stopReason}`, async () => {
    const data = { ...inverseData, stoppedAt: null, exhaustedAt: null, ...dates };
    const event = await client.handleEvent(JSON.stringify(resourceEvent("inverse.suggested", data)));
    assert.ok(event.name === "inverse.suggested");
    assert.deepEqual([event.data.stopReason, event.data.shouldStop], [stopReason, stopReason !== "running"]);
  });

test("snake_case and camelCase are the same", async () => {
  const camel = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(camel);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([name, inner]) => [
      name.replace(/_(\w)/g, (_all, letter) => letter.toUpperCase()),
      camel(inner),
    ]);
    return Object.fromEntries(entries);
  };
  const one = await client.handleEvent(created);
  const other = await client.handleEvent(JSON.stringify(camel(JSON.parse(created))));
  assert.deepEqual({ ...one, dataText: "" }, { ...other, dataText: "" });
});

test("an application's own events get the same treatment, and bytes are as good as text", async () => {
  const own = new Client({ events: defineEvents({ "order.created": z.object({ total: z.number() }) }) });
  const event = await own.handleEvent(Buffer.from(JSON.stringify(resourceEvent("order.created", { total: 5 }))));
  assert.ok(event.name === "order.created");
  const total: number = event.data.total;
  assert.equal(total, 5);
  assert.equal((await own.handleEvent(created)).name, "project.created");
});

test("big integers are whole in the text of the data", async () => {
  const payload = created.replace('"case_count":2', '"case_count":2,"big":9007199254740993');
  assert.match((await client.handleEvent(payload)).dataText, /"big":9007199254740993/);
});

// ── What is refused ────────────────────────────────────────────────────────────────────────────────────────────────

const deep = (change: object): unknown => ({ ...projectData, trials: [{ ...projectData.trials[0], ...change }] });

/** What comes in, the class and the code of the error, and its words. */
const hostile: readonly (readonly [string, unknown, new (...args: never[]) => GlobalMooException, string, RegExp])[] = [
  ["nothing", "", InvalidArgumentException, "bad_payload", /^The payload provided is not valid JSON\.$/],
  ["no JSON", "{", InvalidArgumentException, "bad_payload", /^The payload provided is not valid JSON\.$/],
  ["no UTF-8", Buffer.from([0x7b, 0xff, 0x7d]), InvalidArgumentException, "bad_payload", /not valid JSON/],
  ["a key twice", created.replace('{"id"', '{"id":1,"id"'), InvalidArgumentException, "bad_payload", /not valid JSON/],
  ["100,000 brackets", "[".repeat(100_000), InvalidArgumentException, "bad_payload", /not valid JSON/],
  [
    "null",
    "null",
    InvalidArgumentException,
    "bad_payload",
    /^The payload provided does not appear to be a valid event\.$/,
  ],
  ["an array", "[]", InvalidArgumentException, "bad_payload", /does not appear to be a valid event/],
  ["an empty object", "{}", InvalidArgumentException, "bad_payload", /does not appear to be a valid event/],
  [
    "no id",
    resourceEvent("project.created", projectData, { id: undefined }),
    InvalidArgumentException,
    "bad_payload",
    /valid event/,
  ],
  [
    "no name",
    resourceEvent("project.created", projectData, { name: null }),
    InvalidArgumentException,
    "bad_payload",
    /valid event/,
  ],
  ["no data", resourceEvent("project.created", undefined), InvalidArgumentException, "bad_payload", /valid event/],
  [
    "no dates",
    resourceEvent("project.created", projectData, { created_at: undefined }),
    InvalidArgumentException,
    "bad_payload",
    /valid event/,
  ],
  [
    "a date in both spellings",
    resourceEvent("project.created", projectData, { createdAt: "x" }),
    InvalidArgumentException,
    "bad_payload",
    /valid event/,
  ],
  [
    "a name that is a number",
    resourceEvent("x", {}, { name: 5 }),
    InvalidArgumentException,
    "bad_payload",
    /^The "name" property is expected to be a string\.$/,
  ],
  [
    "an unknown name",
    resourceEvent("x", {}),
    InvalidEventException,
    "unknown_type",
    /^The event name "x" is invalid\.$/,
  ],
  [
    "an unknown name before a bad date",
    resourceEvent("x", {}, { created_at: 5 }),
    InvalidEventException,
    "unknown_type",
    /is invalid/,
  ],
  ["a name of the language", resourceEvent("__proto__", {}), InvalidEventException, "unknown_type", /is invalid/],
  [
    "an id that is a text",
    resourceEvent("project.created", projectData, { id: "1" }),
    ValidationException,
    "bad_payload",
    /id must be an integer/,
  ],
  [
    "an id beyond 2^53",
    created.replace('"id":123', '"id":9007199254740993'),
    ValidationException,
    "bad_payload",
    /id must be an integer/,
  ],
  [
    "a date that is none",
    resourceEvent("project.created", projectData, { updated_at: "soon" }),
    ValidationException,
    "bad_payload",
    /updated_at/,
  ],
  [
    "data that is null",
    resourceEvent("project.created", null),
    ValidationException,
    "bad_payload",
    /must be an object/,
  ],
  [
    "data that is an array",
    resourceEvent("project.created", []),
    ValidationException,
    "bad_payload",
    /must be an object/,
  ],
  [
    "data without a name",
    resourceEvent("project.created", { ...projectData, name: undefined }),
    ValidationException,
    "bad_payload",
    /name: is required/,
  ],
  [
    "the other event's data",
    resourceEvent("inverse.suggested", projectData),
    ValidationException,
    "bad_payload",
    /iteration: is required/,
  ],
  [
    "a wrong type in data",
    resourceEvent("project.created", { ...projectData, input_count: "2" }),
    ValidationException,
    "bad_payload",
    /inputCount: must be an integer/,
  ],
  [
    "a fraction for an integer",
    resourceEvent("project.created", { ...projectData, case_count: 2.5 }),
    ValidationException,
    "bad_payload",
    /caseCount/,
  ],
  [
    "a wrong type in an array",
    resourceEvent("project.created", { ...projectData, minimums: [0, "1"] }),
    ValidationException,
    "bad_payload",
    /minimums\.1: must be a number/,
  ],
  [
    "a wrong word in an array",
    resourceEvent("project.created", { ...projectData, input_types: ["float", "text"] }),
    ValidationException,
    "bad_payload",
    /inputTypes\.1: must be one of/,
  ],
  [
    "a wrong type in an array of arrays",
    resourceEvent("project.created", { ...projectData, input_cases: [[1], [null]] }),
    ValidationException,
    "bad_payload",
    /inputCases\.1\.0/,
  ],
  [
    "a wrong type in a trial",
    resourceEvent("project.created", deep({ number: "0" })),
    ValidationException,
    "bad_payload",
    /trials\.0\.number/,
  ],
  [
    "a wrong type in an objective of a trial",
    resourceEvent(
      "project.created",
      deep({ objectives: [{ ...projectData.trials[0]?.objectives[0], stop_reason: 4 }] }),
    ),
    ValidationException,
    "bad_payload",
    /trials\.0\.objectives\.0\.stopReason/,
  ],
  [
    "a wrong type in a result",
    resourceEvent("inverse.suggested", { ...inverseData, results: [{ ...inverseData.results[0], satisfied: "yes" }] }),
    ValidationException,
    "bad_payload",
    /results\.0\.satisfied/,
  ],
  [
    "data in both spellings",
    resourceEvent("project.created", { ...projectData, createdAt: "x" }),
    ValidationException,
    "bad_payload",
    /createdAt: must not be there as created_at too/,
  ],
  ["a body that was parsed", JSON.parse(created), InvalidArgumentException, "body_already_parsed", /express\.text/],
  ["no body at all", undefined, InvalidArgumentException, "body_already_parsed", /express\.text/],
];

for (const [what, given, Kind, code, words] of hostile)
  test(`${what}: ${Kind.name}, ${code}`, async () => {
    const isRaw = typeof given === "string" || given instanceof Uint8Array || code === "body_already_parsed";
    // What a program without types may bring.
    const payload = (isRaw ? given : JSON.stringify(given)) as string;
    await assert.rejects(client.handleEvent(payload), (error) => {
      assert.ok(error instanceof Kind && error instanceof GlobalMooException, String(error));
      assert.deepEqual([error.name, error.code], [Kind.name, code]);
      assert.match(error.message, words);
      return true;
    });
  });

test("what is not known is passed over, and a __proto__ is a name like any other", async () => {
  const payload = created.replace(
    '"data":{',
    '"extra":1,"__proto__":{"isAdmin":true},"data":{"__proto__":{"isAdmin":true},"more":1,',
  );
  const event = await client.handleEvent(payload);
  assert.equal(Reflect.get(event, "isAdmin"), undefined);
  assert.equal(Reflect.get(event.data, "isAdmin"), undefined);
  assert.equal(Reflect.get({}, "isAdmin"), undefined);
});

test("whatever comes in, there is an event or one of the four errors", async () => {
  const anyEvent = fc.record({
    id: fc.jsonValue(),
    created_at: fc.jsonValue(),
    updated_at: fc.jsonValue(),
    name: fc.constantFrom("project.created", "x"),
    data: fc.jsonValue(),
  });
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    anyEvent.map((event) => JSON.stringify(event)),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (payload) => {
      const error = await client.handleEvent(payload).catch((caught: unknown) => caught);
      assert.ok(error instanceof GlobalMooException || Reflect.has(Object(error), "data"));
    }),
  );
});

// ── Signatures ─────────────────────────────────────────────────────────────────────────────────────────────────────

const signing = new Client({ secret, outside: testOutside() });
const timestampSeconds = testNowMs / 1000;

function signedHeaders(payload: string, atSeconds = timestampSeconds): Record<string, string> {
  const signature = sign({ id: "m", timestampSeconds: atSeconds, body: payload }, [secret]);
  return { "webhook-id": "m", "webhook-timestamp": String(atSeconds), "webhook-signature": signature };
}

test("with a secret the signature decides, over headers in either form", async () => {
  assert.equal((await signing.handleEvent(created, signedHeaders(created))).name, "project.created");
  assert.equal((await signing.handleEvent(created, new Headers(signedHeaders(created)))).id, 123);
});

for (const [what, headers, code] of [
  ["no headers", undefined, "missing_header"],
  ["no signature", { "webhook-id": "m" }, "missing_header"],
  ["a signature of another body", signedHeaders(suggested), "no_match"],
  ["an old timestamp", signedHeaders(created, timestampSeconds - 301), "bad_timestamp"],
  ["a timestamp with letters", { ...signedHeaders(created), "webhook-timestamp": "1700000000abc" }, "bad_timestamp"],
] as const)
  test(`${what}: InvalidArgumentException, ${code}`, async () => {
    await assert.rejects(signing.handleEvent(created, headers), (error) => {
      assert.ok(error instanceof InvalidArgumentException, String(error));
      assert.equal(error.code, code);
      return true;
    });
  });

test("headers without a secret are a mistake of the program", async () => {
  await assert.rejects(client.handleEvent(created, signedHeaders(created)), TypeError);
});
