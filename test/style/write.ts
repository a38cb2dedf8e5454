// `npm run generate`: writes everything that is generated and committed.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generated } from "./generated.ts";
import { readRepositoryFile, repository } from "./sources.ts";

for (const { path, render } of generated) {
  const file = join(repository, path);
  writeFileSync(file, await render(existsSync(file) ? readRepositoryFile(path) : ""));
}
