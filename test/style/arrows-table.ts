// The table of rooms in ARCHITECTURE.md, made from the data of the arrows test. Rooms that are not built yet stay out of it.
import { type Room, roomOf, rooms } from "./arrows.ts";
import { productionSources } from "./sources.ts";

export function arrowsTable(): string {
  const built = new Set(productionSources().map(({ path }) => roomOf(path)));
  const living = rooms.filter((room) => built.has(room));
  const names = new Set(living.map(({ name }) => name));
  return `| room | what it is for | may import | parts from elsewhere |
|---|---|---|---|
${living.map((room) => row(room, names)).join("\n")}`;
}

function row(room: Room, living: ReadonlySet<string>): string {
  const imports = room.imports.filter((name) => living.has(name)).map(code);
  const types = (room.importsTypes ?? []).filter((name) => living.has(name)).map((name) => `${code(name)} (types)`);
  const cells = [code(room.name), room.purpose, list([...imports, ...types]), list(room.parts.map(code))];
  return `| ${cells.join(" | ")} |`;
}

function code(name: string): string {
  return `\`${name}\``;
}

function list(entries: readonly string[]): string {
  return entries.join(", ") || "nothing";
}
