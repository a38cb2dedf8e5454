// How Space Cloud's answers look in the document.
import { Type } from "typebox";

/** Every error, whatever its status. */
export const spaceCloudProblem = {
  description: "An error, as Space Cloud wrote its own.",
  content: { "application/json": { schema: Type.Object({ error: Type.String() }) } },
};
