// A receiver: it verifies, parses, types and deduplicates by itself, whatever the format of the trigger, and what is left to
// write is what shall happen. Here in Express; the other frameworks differ in one line.
import { DatabaseSync } from "node:sqlite";
import { defineEvents, receiver, resourceSchemas, sqliteClaims, toExpress } from "@posthorn/sdk";
import express from "express";

const events = defineEvents({
  ...resourceSchemas,
  "order.created": {
    type: "object",
    properties: { id: { type: "string" }, total: { type: "number" } },
    required: ["id", "total"],
  },
});

const hooks = receiver({
  secret: process.env.POSTHORN_SECRET,
  events,
  claims: sqliteClaims(new DatabaseSync(process.env.DATABASE ?? "webhooks.db")),
  observe: (reception) => console.log(reception.outcome),
})
  .on("project.created", ({ data }) => console.log(`New project ${data.id} created`))
  .on("inverse.suggested", ({ data }) => console.log(`Inverse step ${data.iteration} suggested: ${data.stopReason}`))
  .on("order.created", ({ data }) => console.log(`Order ${data.id} of ${data.total}`));

const app = express();
app.all("/webhook", toExpress(hooks));
app.use(express.json());
app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log("ready"));
