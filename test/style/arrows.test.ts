// STYLE 10: the code keeps to the arrows between rooms.
import assert from "node:assert/strict";
import { test } from "node:test";
import { guardedParts, type Room, roomOf, rooms } from "./arrows.ts";
import { type Import, importsOf } from "./imports.ts";
import { parseSource, productionSources, type Source } from "./sources.ts";
import { assertNone, lineOf, violation } from "./violations.ts";

const sources = productionSources();
const imports = sources.flatMap(importsOf);

function wallBreaches(all: readonly Import[]): readonly string[] {
  return all.flatMap((each) => {
    const [from, to] = [roomOf(each.source.path), roomOf(each.file ?? "")];
    if (from === undefined || to === undefined || from === to || from.imports.includes(to.name)) return [];
    const mayTakeTypes = from.importsTypes?.includes(to.name) ?? false;
    if (mayTakeTypes && each.isTypeOnly) return [];
    const rule = mayTakeTypes ? "may import only types from" : "has no arrow to";
    return [violation(each.source, each.node, `${from.name} ${rule} ${to.name} (${each.file})`)];
  });
}

function misplacedParts(all: readonly Import[]): readonly string[] {
  return all
    .filter(({ file }) => file === null)
    .flatMap(({ source, node, specifier }) => {
      const part = partOf(specifier);
      const isFree = part.startsWith("node:") && !guardedParts.includes(part);
      const room = roomOf(source.path);
      if (isFree || room === undefined || room.parts.includes(part)) return [];
      const places = rooms.filter((each) => each.parts.includes(part)).map((each) => each.name);
      return [
        violation(source, node, `${part} has no place in ${room.name}, only in: ${places.join(", ") || "no room"}`),
      ];
    });
}

/** "@fastify/swagger/x" → "@fastify/swagger", "node:fs/promises" → "node:fs". */
function partOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function unusedArrows(all: readonly Import[], living: readonly Room[]): readonly string[] {
  const used = new Set(all.map(({ source, file }) => `${roomOf(source.path)?.name} → ${roomOf(file ?? "")?.name}`));
  const names = new Set(living.map((room) => room.name));
  return living
    .flatMap((room) => [...room.imports, ...(room.importsTypes ?? [])].map((to) => ({ from: room.name, to })))
    .filter(({ to }) => names.has(to))
    .map(({ from, to }) => `${from} → ${to}`)
    .filter((arrow) => !used.has(arrow));
}

function idleParts(all: readonly Import[], living: readonly Room[]): readonly string[] {
  const used = new Set(all.map(({ source, specifier }) => `${roomOf(source.path)?.name} uses ${partOf(specifier)}`));
  return living
    .flatMap((room) => room.parts.map((part) => `${room.name} uses ${part}`))
    .filter((use) => !used.has(use));
}

/** Walks from every file along its imports; a file met again on the way that leads to it closes a circle. */
function circles(all: readonly Import[]): readonly string[] {
  const onward = Map.groupBy(all, ({ source }) => source.path);
  const finished = new Set<string>();
  const walk = (path: string, way: readonly Import[]): readonly string[] => {
    const start = way.findIndex(({ source }) => source.path === path);
    if (start >= 0) return [way.slice(start).map(stepText).concat(path).join(" → ")];
    if (finished.has(path)) return [];
    const found = (onward.get(path) ?? []).flatMap((each) =>
      each.file === null ? [] : walk(each.file, [...way, each]),
    );
    finished.add(path);
    return found;
  };
  return [...onward.keys()].flatMap((path) => walk(path, []));
}

function stepText({ source, node }: Import): string {
  return `${source.path}:${lineOf(node)}`;
}

test("every file lies in a room", () => {
  const homeless = sources.map(({ path }) => path).filter((path) => roomOf(path) === undefined);
  assertNone(homeless, "these files lie in no room of test/style/arrows.ts:");
});

test("every import follows an arrow", () => {
  assertNone(wallBreaches(imports), "move the code, or draw the arrow in test/style/arrows.ts and say why:");
});

test("every part from elsewhere is used in its place", () => {
  assertNone(misplacedParts(imports), "keep the part in its room, or give it another place in test/style/arrows.ts:");
});

test("no circle between files", () => {
  assertNone(circles(imports), "files that import each other in a circle cannot be understood one by one:");
});

test("every arrow and every part is used", () => {
  const living = rooms.filter((room) => sources.some(({ path }) => roomOf(path) === room));
  const idle = [...unusedArrows(imports, living), ...idleParts(imports, living)];
  assertNone(idle, "take these out of test/style/arrows.ts, nobody needs them:");
});

test("the rules catch what they are for", () => {
  const planted = (path: string, text: string): Source => parseSource(`packages/server/${path}`, text);
  const found = [
    planted("domain/a.ts", 'import type { Store } from "../store/store.ts";\nimport { request } from "undici";'),
    planted("store/store.ts", 'export type { A } from "../domain/a.ts";\nconst later = import("node:sqlite");'),
    planted(
      "workers/e.ts",
      'import { type Clock } from "../outside/clock.ts";\nimport { system } from "../outside/clock.ts";',
    ),
    planted("pipeline/b.ts", 'let x: import("../api/c.ts").C;\nnew Worker(new URL("./d.ts", import.meta.url));'),
  ].flatMap(importsOf);
  assert.deepEqual(wallBreaches(found), [
    "packages/server/domain/a.ts:1 domain has no arrow to store (packages/server/store/store.ts)",
    "packages/server/workers/e.ts:2 workers may import only types from outside (packages/server/outside/clock.ts)",
    "packages/server/pipeline/b.ts:1 pipeline has no arrow to api (packages/server/api/c.ts)",
  ]);
  assert.deepEqual(misplacedParts(found), [
    "packages/server/domain/a.ts:2 undici has no place in domain, only in: outside",
    "packages/server/store/store.ts:2 node:sqlite has no place in store, only in: store/sqlite",
  ]);
  assert.deepEqual(circles(found), [
    "packages/server/domain/a.ts:1 → packages/server/store/store.ts:1 → packages/server/domain/a.ts",
  ]);
  const living = rooms.filter((room) => ["wire", "domain", "store"].includes(room.name));
  assert.deepEqual(unusedArrows(found, living), ["domain → wire", "store → wire"]);
  const outside = rooms.filter((room) => room.name === "outside");
  assert.deepEqual(
    idleParts(found, outside),
    outside[0]?.parts.map((part) => `outside uses ${part}`),
  );
  assert.ok(found.some(({ file }) => file === "packages/server/pipeline/d.ts"));
});
