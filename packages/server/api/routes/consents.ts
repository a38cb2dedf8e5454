// Consent to deliveries (WH-11 to WH-15): a trigger's target is asked anew, and says yes by the callback that it was given.
import { Type } from "typebox";
import type { App } from "../app.ts";
import { projectOf } from "../auth.ts";
import type { ApiParts } from "../parts.ts";
import { Problem } from "../problems.ts";
import { oneOf, ref, TriggerPath } from "../shapes.ts";
import { showTrigger, TriggerShape } from "../trigger-view.ts";
import { done, noTrigger } from "./triggers.ts";

const ConsentPath = Type.Object({ trigger: Type.String(), secret: Type.String({ description: "Works once." }) });
const GrantedShape = Type.Object({ state: oneOf(["verified"]) }, { description: "Deliveries begin." });
const tags = ["triggers"];

export function consentRoutes(app: App, parts: ApiParts): void {
  validateRoute(app, parts);
  // A target may use either method (WH-13), whatever a GET is for elsewhere.
  callbackRoute(app, parts, "GET", "grantConsent");
  callbackRoute(app, parts, "POST", "postConsent");
}

function validateRoute(app: App, { pipeline }: ApiParts): void {
  app.post(
    "/v1/projects/:project/triggers/:trigger/validate",
    {
      config: { access: "triggers:write" },
      schema: {
        operationId: "validateTrigger",
        tags,
        summary: "Ask the target for its consent again",
        description: 'For a trigger with `validation: "required"`. Nothing is delivered until the target consents.',
        params: TriggerPath,
        response: { 200: ref(TriggerShape) },
      },
    },
    async (request) => {
      const name = request.params.trigger;
      const trigger = projectOf(request).named(name);
      if (trigger === undefined) throw noTrigger(name);
      if (trigger.validation !== "required")
        throw new Problem("validation_off", `the trigger ${JSON.stringify(name)} does not say validation: "required"`);
      return showTrigger(done(await pipeline.consents.ask(trigger), name));
    },
  );
}

function callbackRoute(app: App, { pipeline }: ApiParts, method: "GET" | "POST", operationId: string): void {
  app.route({
    method,
    url: "/v1/webhook-consents/:trigger/:secret",
    // Whoever only looks whether the address is there must not use it up.
    exposeHeadRoute: false,
    config: { access: "open" },
    schema: {
      operationId,
      tags,
      summary: "Consent to deliveries",
      description:
        "The callback of the CloudEvents webhook validation: for targets, with the URL that they were given.",
      params: ConsentPath,
      response: { 200: GrantedShape },
    },
    handler: async (request, reply) => {
      const { trigger, secret } = request.params;
      reply.header("cache-control", "no-store");
      if (!(await pipeline.consents.grant(trigger, secret)))
        throw new Problem("consent_not_found", "the callback is unknown, has been used, or is too old");
      return { state: "verified" as const };
    },
  });
}
