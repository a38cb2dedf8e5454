// The face of Space Cloud (SEEDS §1): its clients queue custom events and manage triggers here as they did there. Errors are
// written as `{"error": …}`, the way Space Cloud wrote all of its own.
import type { Verdicts } from "../../pipeline/verdict.ts";
import type { Face } from "./face.ts";
import { queueRoutes } from "./space-cloud-queue.ts";
import { ruleRoutes } from "./space-cloud-rules.ts";

export function createSpaceCloud(verdicts: Verdicts): Face {
  return {
    prefixes: ["/v1/api/", "/v1/config/"],
    writeProblem: ({ message }) => JSON.stringify({ error: message }),
    routes(app, parts) {
      queueRoutes(app, parts, verdicts);
      ruleRoutes(app, parts);
    },
  };
}
