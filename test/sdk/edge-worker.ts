// A receiver as it runs at the edge: bundled, without Node, its secret from the environment.
import { defineEvents, memoryClaims, receiver } from "@posthorn/sdk";

interface Environment {
  readonly SECRET: string;
}

const events = defineEvents({
  "order.created": { type: "object", properties: { total: { type: "number" } }, required: ["total"] },
});
const claims = memoryClaims();
const handled: number[] = [];

export default {
  fetch(request: Request, environment: Environment): Response | Promise<Response> {
    if (request.method === "GET") return Response.json(handled);
    const hooks = receiver({ secret: environment.SECRET.split(" "), events, claims });
    return hooks.on("order.created", (event) => handled.push(event.data.total)).fetch(request);
  },
};
