// What a stranger writes with the published packages. It is compiled under strict settings by several compilers, and run by
// several Nodes, against the tarballs; release.test.ts says which.
import {
  type AnyHandledEvent,
  Client,
  defineEvents,
  type HandledEvents,
  InvalidEventException,
  memoryClaims,
  parseNotification,
  receiver,
  resourceSchemas,
  signTestRequest,
  toExpress,
  toFastify,
  toHono,
  toNext,
  toNode,
} from "@posthorn/sdk";
import { decodeStructured } from "@posthorn/wire/cloudevents";

const events = defineEvents({
  ...resourceSchemas,
  "order.created": {
    type: "object",
    properties: { total: { type: "number" }, status: { enum: ["open", "paid"] } },
    required: ["total"],
  },
});
type Map = NonNullable<typeof events.map>;

const secret = `whsec_${btoa("k".repeat(32))}`;
const totals: number[] = [];
const hooks = receiver({ secret, events, claims: memoryClaims() })
  .on("order.created", (event) => {
    const status: "open" | "paid" | undefined = event.data.status;
    totals.push(event.data.total + (status === undefined ? 0 : 1));
  })
  .on("inverse.suggested", (event) => event.data.stopReason);
export const adapters = [toNode(hooks), toExpress(hooks), toFastify(hooks, "/"), toHono(hooks), toNext(hooks)];

const client = new Client({ events });
export const send = () => client.send([{ type: "order.created", data: { total: 5 } }], { idempotencyKey: "k" });

function idOf(event: AnyHandledEvent<HandledEvents<Map>>): number {
  return event.name === "project.created" ? event.data.trials.length : event.id;
}

const time = "2025-01-31T10:00:00.000Z";
const payload = { id: 3, created_at: time, updated_at: time, name: "order.created", data: { total: 1 } };
const error = await client.handleEvent(JSON.stringify({ ...payload, name: "x" })).catch((caught: unknown) => caught);
const request = await signTestRequest({
  secret,
  event: { type: "order.created", data: { total: 41, status: "open" } },
});
const response = await hooks.fetch(request);
const notification = await parseNotification(
  '{"notification_type":"t","version_Number":"1.0","notification_id":"n","notification_data":{}}',
);

export const report = {
  status: response.status,
  totals,
  id: idOf(await client.handleEvent(JSON.stringify(payload))),
  isUnknown: error instanceof InvalidEventException,
  notification: notification.notification_id,
  wire: decodeStructured("{}").ok,
};
// biome-ignore lint/suspicious/noConsole: how a stranger's program speaks to the test
console.log(JSON.stringify(report));
