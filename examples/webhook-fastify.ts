// The webhook handler of globalMOO's document, in Fastify. Bodies stay text here: the signature covers the text.
import { Client, GlobalMooException, type Inverse, type Project } from "@posthorn/sdk";
import fastify from "fastify";

const app = fastify();
const client = new Client({ secret: process.env.POSTHORN_SECRET });

app.removeAllContentTypeParsers();
app.addContentTypeParser("*", { parseAs: "string" }, async (_request: unknown, body: string) => body);

app.post<{ Body: string }>("/webhook", async (request, reply) => {
  try {
    const event = await client.handleEvent(request.body, request.headers);

    if (event.name === "project.created") handleNewProject(event.data);
    else if (event.name === "inverse.suggested") handleInverseSuggestion(event.data);

    return { status: "success" };
  } catch (error) {
    if (!(error instanceof GlobalMooException)) throw error;
    console.log(`Error processing webhook: ${error.message}`);
    return reply.code(400).send({ error: error.message });
  }
});

function handleNewProject(project: Project): void {
  console.log(`New project ${project.id} created`);
}

function handleInverseSuggestion(inverse: Inverse): void {
  console.log(`Inverse step ${inverse.iteration} suggested`);
}

await app.listen({ port: Number(process.env.PORT ?? 3000), host: "127.0.0.1" });
console.log("ready");
