// The webhook handler of globalMOO's document, in Hono.
import { serve } from "@hono/node-server";
import { Client, GlobalMooException, type Inverse, type Project } from "@posthorn/sdk";
import { Hono } from "hono";

const app = new Hono();
const client = new Client({ secret: process.env.POSTHORN_SECRET });

app.post("/webhook", async (context) => {
  try {
    const event = await client.handleEvent(await context.req.text(), context.req.raw.headers);

    if (event.name === "project.created") handleNewProject(event.data);
    else if (event.name === "inverse.suggested") handleInverseSuggestion(event.data);

    return context.json({ status: "success" });
  } catch (error) {
    if (!(error instanceof GlobalMooException)) throw error;
    console.log(`Error processing webhook: ${error.message}`);
    return context.json({ error: error.message }, 400);
  }
});

function handleNewProject(project: Project): void {
  console.log(`New project ${project.id} created`);
}

function handleInverseSuggestion(inverse: Inverse): void {
  console.log(`Inverse step ${inverse.iteration} suggested`);
}

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: "127.0.0.1" }, () => console.log("ready"));
