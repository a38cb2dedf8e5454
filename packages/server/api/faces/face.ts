// A face speaks the language of another system on paths of its own, and translates to the native way. To add one, write
// its file and add its line to `faces` in server.ts.
import type { App } from "../app.ts";
import type { ApiParts } from "../parts.ts";
import type { Problem } from "../problems.ts";

export interface Face {
  /** Its paths begin with one of these; problems below them are written its way. */
  readonly prefixes: readonly string[];
  /** JSON. */
  readonly writeProblem: (problem: Problem) => string;
  readonly routes: (app: App, parts: ApiParts) => void;
}
