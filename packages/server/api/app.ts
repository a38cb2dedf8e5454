// The framework's names, as this room uses them: its instance with our schemas' types, and what we keep with routes and
// requests.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import type { Scope } from "../domain/key.ts";
import type { ProjectView } from "../pipeline/catalogue.ts";

export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

/**
 * Who may call a route: everyone (`open`), every valid key (`key`), the admin key alone (`operator`), or a key of the
 * path's project that has the scope. Where the path names a project, the key must be one of it.
 */
export type Access = "open" | "key" | "operator" | Scope;

/** Whose key came with the request. The admin key belongs to no project and may everything. */
export type Caller =
  | { readonly kind: "operator" }
  | { readonly kind: "client"; readonly projectId: number; readonly scopes: readonly Scope[] };

declare module "fastify" {
  interface FastifyContextConfig {
    /** Every route must say it (server.ts sees to that). */
    readonly access?: Access;
    /** For the 415 of a route that takes more than JSON. */
    readonly accepts?: string;
    /** A refusal here is counted as events rejected. */
    readonly publishes?: true;
    /** The body, for the document alone, of a route that reads its body itself. */
    readonly documentedBody?: { readonly content: Readonly<Record<string, { readonly schema: TSchema }>> };
  }
  interface FastifyRequest {
    caller: Caller | null;
    view: ProjectView | null;
  }
}
