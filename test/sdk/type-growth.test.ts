// What the types cost the compiler: an application with 500 types of events, each defined, received and sent. The work must
// grow with their number and not with its square, as it would if a union of them all were compared at each use.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const repository = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "posthorn-types-"));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, "node_modules"));
for (const name of ["@posthorn", "@types", "undici-types"])
  symlinkSync(join(repository, "node_modules", name), join(folder, "node_modules", name));

function application(count: number): string {
  const numbers = Array.from({ length: count }, (_none, index) => index);
  const schema = (index: number): string =>
    `{ type: "object", properties: { id: { type: "integer" }, field${index}: { type: "string" } }, required: ["id", "field${index}"] }`;
  return `
import { Client, defineEvents, receiver } from "@posthorn/sdk";
const events = defineEvents({
${numbers.map((index) => `  "event.${index}": ${schema(index)},`).join("\n")}
});
export const hooks = receiver({ secret: null, events });
${numbers.map((index) => `hooks.on("event.${index}", (event) => event.data.field${index}.trim());`).join("\n")}
const client = new Client({ events });
${numbers.map((index) => `export const sent${index} = () => client.send({ type: "event.${index}", data: { id: 1, field${index}: "" } });`).join("\n")}
export async function handle(payload: string): Promise<string> {
  const event = await client.handleEvent(payload);
  if (event.name === "event.0") return event.data.field0;
  return event.name === "inverse.suggested" ? event.data.stopReason : event.name;
}
`;
}

interface Cost {
  readonly types: number;
  readonly instantiations: number;
  readonly seconds: number;
}

function compile(count: number): Cost {
  writeFileSync(join(folder, "application.ts"), application(count));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    module: "nodenext",
    target: "es2024",
    allowImportingTsExtensions: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["application.ts"] }));
  const compiler = join(repository, "node_modules/typescript/bin/tsc");
  const { stdout, status } = spawnSync(process.execPath, [compiler, "-p", folder, "--extendedDiagnostics"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout);
  const figure = (name: string): number => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1]);
  return { types: figure("Types"), instantiations: figure("Instantiations"), seconds: figure("Check time") };
}

test("the compiler's work grows with the number of types, not with its square", (context) => {
  const [none, fifty, fiveHundred] = [compile(1), compile(50), compile(500)] as const;
  for (const [count, cost] of [
    [1, none],
    [50, fifty],
    [500, fiveHundred],
  ] as const)
    context.diagnostic(
      `${count} types of events: ${cost.types} types, ${cost.instantiations} instantiations, ${cost.seconds} s`,
    );
  const growth = (fiveHundred.instantiations - none.instantiations) / (fifty.instantiations - none.instantiations);
  context.diagnostic(`ten times the events are ${growth.toFixed(1)} times the work`);
  assert.ok(growth < 12, `${growth}`);
});
