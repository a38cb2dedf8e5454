// Everything that is generated and committed. `npm run generate` writes it, generated.test.ts fails when it is stale.
import { renderErrorsPage } from "../../packages/server/api/problems.ts";
import { arrowsTable } from "./arrows-table.ts";
import { sdkReference } from "./sdk-reference.ts";
import { settingsDocument } from "./settings-document.ts";

export interface Generated {
  /** From the root of the repository. */
  readonly path: string;
  /** The whole text that the file should have, given the text it has (empty where there is no file yet). */
  readonly render: (current: string) => string | Promise<string>;
}

export const generated: readonly Generated[] = [
  { path: "ARCHITECTURE.md", render: (current) => between("arrows", arrowsTable(), current) },
  { path: "docs/errors.md", render: renderErrorsPage },
  { path: "docs/sdk.md", render: (current) => between("reference", sdkReference(), current) },
  { path: "docs/settings.md", render: settingsDocument },
];

/** `current` with `content` between its markers `<!-- name:begin -->` and `<!-- name:end -->`; all else is written by hand. */
function between(name: string, content: string, current: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [current.indexOf(begin), current.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the markers ${begin} and ${end} are missing`);
  return `${current.slice(0, from + begin.length)}\n${content}\n${current.slice(to)}`;
}
