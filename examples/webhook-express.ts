// The webhook handler of globalMOO's document, in Express. The route reads its body as text: the signature covers the text.
import { Client, GlobalMooException, type Inverse, type Project } from "@posthorn/sdk";
import express from "express";

const app = express();
const client = new Client({ secret: process.env.POSTHORN_SECRET });

app.post("/webhook", express.text({ type: "*/*" }), async (request, response) => {
  try {
    const event = await client.handleEvent(request.body, request.headers);

    if (event.name === "project.created") handleNewProject(event.data);
    else if (event.name === "inverse.suggested") handleInverseSuggestion(event.data);

    response.json({ status: "success" });
  } catch (error) {
    if (!(error instanceof GlobalMooException)) throw error;
    console.log(`Error processing webhook: ${error.message}`);
    response.status(400).json({ error: error.message });
  }
});

function handleNewProject(project: Project): void {
  console.log(`New project ${project.id} created`);
}

function handleInverseSuggestion(inverse: Inverse): void {
  console.log(`Inverse step ${inverse.iteration} suggested`);
}

app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log("ready"));
