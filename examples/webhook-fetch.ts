// The webhook handler of globalMOO's document as a fetch handler: for Bun, Deno, Cloudflare Workers and routes of Next.
import { Client, GlobalMooException, type Inverse, type Project } from "@posthorn/sdk";

const client = new Client({ secret: process.env.POSTHORN_SECRET });

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const event = await client.handleEvent(await request.text(), request.headers);

      if (event.name === "project.created") handleNewProject(event.data);
      else if (event.name === "inverse.suggested") handleInverseSuggestion(event.data);

      return Response.json({ status: "success" });
    } catch (error) {
      if (!(error instanceof GlobalMooException)) throw error;
      console.log(`Error processing webhook: ${error.message}`);
      return Response.json({ error: error.message }, { status: 400 });
    }
  },
};

function handleNewProject(project: Project): void {
  console.log(`New project ${project.id} created`);
}

function handleInverseSuggestion(inverse: Inverse): void {
  console.log(`Inverse step ${inverse.iteration} suggested`);
}
