// A project in numbers.
import { Type } from "typebox";
import { deliveryStates } from "../../domain/delivery.ts";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import type { ApiParts } from "../parts.ts";
import { Moment, momentOf, nullable, ProjectPath } from "../shapes.ts";

const counts = Object.fromEntries(deliveryStates.map((state) => [state, Type.Integer()]));

const StatsShape = Type.Object(
  {
    events: Type.Integer({ description: "Kept at present." }),
    deliveries: Type.Object(counts, { description: "How many are in which state." }),
    oldestDueAt: nullable(Moment),
  },
  { description: "Counted as of now." },
);

export function statsRoute(app: App, { store }: ApiParts): void {
  app.get(
    "/v1/projects/:project/stats",
    {
      config: { access: "events:read" },
      schema: {
        operationId: "readStats",
        tags: ["projects"],
        summary: "Read a project in numbers",
        params: ProjectPath,
        response: { 200: StatsShape },
      },
    },
    async (request) => {
      const { events, deliveries, oldestDueAt } = await store.stats(projectOf(request).project.id);
      return { events, deliveries, oldestDueAt: oldestDueAt === null ? null : momentOf(oldestDueAt) };
    },
  );
}
