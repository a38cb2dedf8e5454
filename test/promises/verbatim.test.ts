// DESIGN §8 promise 2: data travels as the bytes that came in, whichever way it comes and whichever format it leaves in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTrigger, type Message } from "../live/api.ts";
import { startNodeUnderTest } from "../live/node-under-test.ts";
import type { Arrival } from "../live/receiver.ts";

/** Everything that a parser and a printer on the way would change. */
const data = [
  '{"int64":9223372036854775807,"beyond":-9007199254740993,"one":1.0,"hundred":1E+2,"small":0.10',
  '"escaped":"\\u00e9","plain":"é","slash":"\\/","pair":"\\ud83d\\ude00","null":null',
  '"z":1,"a":{"y":[1.10,{"k":[[],{}]}],"b":true},"2":"second","1":"first" , "spaced" : [ 1 ,\t2 ] }',
].join(",");

const structured = "application/cloudevents+json";
const attributes = { specversion: "1.0", source: "/test", type: "order.placed" };

/** The ways in, each with an id that names it. */
const waysIn: readonly Message[] = [
  { body: `{"type":"order.placed","id":"native","data":${data}}` },
  { body: `[{"type":"order.placed","id":"array","data":${data}}]` },
  { body: withData("structured"), headers: { "content-type": structured } },
  { body: `[${withData("batch")}]`, headers: { "content-type": "application/cloudevents-batch+json" } },
  {
    body: data,
    headers: {
      "content-type": "application/json",
      "ce-id": "binary",
      ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value])),
    },
  },
];
const ids = ["native", "array", "structured", "batch", "binary"];

function withData(id: string): string {
  return JSON.stringify({ ...attributes, id }).replace(/}$/, `,"data":${data}}`);
}

const waysOut: readonly { readonly format: string; readonly dataOf: (arrival: Arrival) => string }[] = [
  { format: "cloudevents", dataOf: memberData },
  { format: "space-cloud", dataOf: memberData },
  { format: "cloudevents-binary", dataOf: ({ body }) => body.toString() },
];

/** The text of the member `data`, found by its first and last characters, and not by a parser. */
function memberData({ body }: Arrival): string {
  const text = body.toString();
  const start = text.indexOf('"data":') + '"data":'.length;
  return text.slice(start, start + data.length);
}

function idOf({ headers, body }: Arrival): string {
  return headers["ce-id"] ?? JSON.parse(body.toString()).id;
}

test("data arrives byte for byte, by every way in and in every format", async (context) => {
  const { api, receiver } = await startNodeUnderTest(context);
  for (const { format } of waysOut) await createTrigger(api, { name: format, url: receiver.url(`/${format}`), format });
  for (const message of waysIn) await api.demand(202, "POST", "/events", message);
  for (const { format, dataOf } of waysOut) {
    const arrivals = await receiver.until(({ length }) => length === waysIn.length, `/${format}`);
    assert.deepEqual(new Set(arrivals.map(idOf)), new Set(ids), format);
    for (const arrival of arrivals) assert.equal(dataOf(arrival), data, `${idOf(arrival)} as ${format}`);
  }
});
