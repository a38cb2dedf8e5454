// The keys of a project: shown once when they are made, kept as hashes.
import { type Static, Type } from "typebox";
import { uuidv7 } from "../../domain/ids.ts";
import { allows, type Key, scopes } from "../../domain/key.ts";
import type { App, Caller } from "../app.ts";
import { callerOf, type KeyRing, makeKey, noProject, projectOf, scopeMissing } from "../auth.ts";
import type { ApiParts } from "../parts.ts";
import { Problem } from "../problems.ts";
import { KeyPath, listOfShape, Moment, momentOf, oneOf, ProjectPath, ref } from "../shapes.ts";

const maxKeys = 200;

const KeyShape = Type.Object(
  { id: Type.String(), name: Type.String(), scopes: Type.Array(oneOf(scopes)), createdAt: Moment },
  { $id: "Key", description: "What a program may do in a project." },
);
const CreatedKeyShape = Type.Object(
  {
    ...KeyShape.properties,
    key: Type.String({ description: "The key itself. It is not kept, and never shown again." }),
  },
  { $id: "CreatedKey", description: "The new key." },
);

const KeyBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, examples: ["billing service"] }),
    scopes: Type.Array(oneOf(scopes), { minItems: 1, maxItems: 100, examples: [["events:write"]] }),
  },
  { additionalProperties: false },
);

const tags = ["keys"];

export function keyRoutes(app: App, parts: ApiParts, keys: KeyRing): void {
  app.addSchema(KeyShape);
  app.addSchema(CreatedKeyShape);
  createRoute(app, parts);
  listRoute(app, parts);
  deleteRoute(app, parts, keys);
}

function createRoute(app: App, { store, clock, randomness }: ApiParts): void {
  app.post(
    "/v1/projects/:project/keys",
    {
      config: { access: "admin" },
      schema: {
        operationId: "createKey",
        tags,
        summary: "Make a key",
        params: ProjectPath,
        body: KeyBody,
        response: { 201: ref(CreatedKeyShape) },
      },
    },
    async (request, reply) => {
      const { project } = projectOf(request);
      const { body } = request;
      refuseToGrantMore(callerOf(request), body.scopes);
      const made = makeKey(randomness);
      const now = clock.now();
      const result = await store.createKey({
        id: uuidv7(now, randomness.bytes(10)),
        projectId: project.id,
        name: body.name,
        scopes: [...new Set(body.scopes)],
        createdAt: now,
        hash: made.hash,
        maxKeys,
      });
      if (result.kind === "missing") throw noProject(project.slug);
      if (result.kind !== "done") throw new Problem("too_many_keys", `a project may have at most ${maxKeys} keys`);
      const location = `/v1/projects/${project.slug}/keys/${result.value.id}`;
      reply.code(201).headers({ location, "cache-control": "no-store" });
      return { ...showKey(result.value), key: made.key };
    },
  );
}

function listRoute(app: App, { store }: ApiParts): void {
  app.get(
    "/v1/projects/:project/keys",
    {
      config: { access: "admin" },
      schema: {
        operationId: "listKeys",
        tags,
        summary: "List the keys",
        params: ProjectPath,
        response: { 200: listOfShape(KeyShape) },
      },
    },
    async (request) => ({ data: (await store.listKeys(projectOf(request).project.id)).map(showKey) }),
  );
}

function deleteRoute(app: App, { store }: ApiParts, keys: KeyRing): void {
  app.delete(
    "/v1/projects/:project/keys/:key",
    {
      config: { access: "admin" },
      schema: {
        operationId: "deleteKey",
        tags,
        summary: "Delete a key",
        params: KeyPath,
        response: { 204: Type.Null({ description: "It opens nothing any more." }) },
      },
    },
    async (request, reply) => {
      const keyId = request.params.key;
      const isDeleted = await store.deleteKey({ projectId: projectOf(request).project.id, keyId });
      if (!isDeleted) throw new Problem("key_not_found", `there is no key ${JSON.stringify(keyId)}`);
      keys.forget(({ id }) => id === keyId);
      return reply.code(204).send(null);
    },
  );
}

/** A key never makes one that may more than itself. */
function refuseToGrantMore(caller: Caller, wanted: Key["scopes"]): void {
  const missing = caller.kind === "client" ? wanted.find((scope) => !allows(caller.scopes, scope)) : undefined;
  if (missing !== undefined) throw scopeMissing(missing);
}

function showKey({ id, name, scopes, createdAt }: Key): Static<typeof KeyShape> {
  return { id, name, scopes: [...scopes], createdAt: momentOf(createdAt) };
}
