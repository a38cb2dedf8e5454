// globalMOO's two events (SEEDS §4) as schemas like any application's own, so that `handleEvent` and receivers treat them
// the same way.
import type { EventsOf } from "./catalogue.ts";
import { type Inverse, inverse } from "./inverse.ts";
import { type Project, project } from "./project.ts";
import { schemaOf } from "./shape.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** A type and not an interface, so that it can be spread among others. */
export type ResourceSchemas = {
  readonly "project.created": StandardSchema<unknown, Project>;
  readonly "inverse.suggested": StandardSchema<unknown, Inverse>;
};

/** The data of these events. */
export type ResourceEvents = EventsOf<ResourceSchemas>;

/** `project.created` and `inverse.suggested`: `defineEvents({ ...resourceSchemas, "my.own": … })`. */
export const resourceSchemas: ResourceSchemas = {
  "project.created": schemaOf(project),
  "inverse.suggested": schemaOf(inverse),
};
