// The webhook handler of globalMOO's document, with nothing but Node.
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Client, GlobalMooException, type Inverse, type Project } from "@posthorn/sdk";

const client = new Client({ secret: process.env.POSTHORN_SECRET });

const server = createServer(async (request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  try {
    const event = await client.handleEvent(await text(request), request.headers);

    if (event.name === "project.created") handleNewProject(event.data);
    else if (event.name === "inverse.suggested") handleInverseSuggestion(event.data);

    answer(200, { status: "success" });
  } catch (error) {
    if (!(error instanceof GlobalMooException)) return answer(500, { error: "internal error" });
    console.log(`Error processing webhook: ${error.message}`);
    answer(400, { error: error.message });
  }
});

function handleNewProject(project: Project): void {
  console.log(`New project ${project.id} created`);
}

function handleInverseSuggestion(inverse: Inverse): void {
  console.log(`Inverse step ${inverse.iteration} suggested`);
}

server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => console.log("ready"));
