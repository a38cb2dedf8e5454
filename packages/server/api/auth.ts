// Who may do what. The order is fixed: no valid key 401, a project that is not the key's 404 (as if there were none),
// a missing scope 403; only then is a body read.
import { hash, timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { allows, type Key, type Scope } from "../domain/key.ts";
import type { Clock } from "../outside/clock.ts";
import type { Randomness } from "../outside/randomness.ts";
import type { ProjectView } from "../pipeline/catalogue.ts";
import type { Store } from "../store/store.ts";
import type { Access, Caller } from "./app.ts";
import type { ApiParts } from "./parts.ts";
import { Problem } from "./problems.ts";

const keyBytes = 32;
const keyPattern = /^ph_[A-Za-z0-9_-]{43}$/;

/** A new key: shown once, kept as its hash. */
export function makeKey(randomness: Randomness): { readonly key: string; readonly hash: string } {
  const key = `ph_${Buffer.from(randomness.bytes(keyBytes)).toString("base64url")}`;
  return { key, hash: hashOf(key) };
}

function hashOf(key: string): string {
  return hash("sha256", key, "hex");
}

// ── Finding keys ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface KeyRing {
  find(hash: string): Promise<Key | null>;
  /** What is gone opens nothing on this node from here on; on others for at most `maxAgeMs` more. */
  forget(isGone: (key: Key) => boolean): void;
}

const maxKnownKeys = 10_000;
const maxAgeMs = 5000;

/** Remembers keys for a moment, so that a request costs no reading of the store. Strangers are never remembered. */
export function createKeyRing(store: Pick<Store, "findKey">, clock: Pick<Clock, "monotonic">): KeyRing {
  const known = new Map<string, { readonly key: Key; readonly until: number }>();
  return {
    async find(hash) {
      const remembered = known.get(hash);
      if (remembered !== undefined && remembered.until > clock.monotonic()) return remembered.key;
      known.delete(hash);
      const key = await store.findKey(hash);
      if (key === null) return null;
      known.set(hash, { key, until: clock.monotonic() + maxAgeMs });
      const eldest = known.keys().next();
      if (known.size > maxKnownKeys && !eldest.done) known.delete(eldest.value);
      return key;
    },
    forget(isGone) {
      for (const [hash, { key }] of known) if (isGone(key)) known.delete(hash);
    },
  };
}

// ── The gate ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Lets a request through to its route, or throws the problem. Leaves the caller and the project with the request. */
export type Gate = (request: FastifyRequest, access: Access) => Promise<void>;

export function createGate({ adminKey, pipeline }: Pick<ApiParts, "adminKey" | "pipeline">, keys: KeyRing): Gate {
  const adminHash = Buffer.from(hashOf(adminKey));

  async function recognise(authorization: string | undefined): Promise<Caller> {
    const token = bearerToken(authorization);
    if (token === undefined) throw unauthenticated("this path needs a key: send Authorization: Bearer <key>", "");
    const hash = hashOf(token);
    if (timingSafeEqual(Buffer.from(hash), adminHash)) return { kind: "operator" };
    const key = keyPattern.test(token) ? await keys.find(hash) : null;
    if (key === null) throw unauthenticated("the key is not valid", ', error="invalid_token"');
    return { kind: "client", projectId: key.projectId, scopes: key.scopes };
  }

  async function openProject(slug: string, caller: Caller): Promise<ProjectView> {
    const view = await pipeline.catalogue.bySlug(slug);
    if (view === null || (caller.kind === "client" && caller.projectId !== view.project.id)) throw noProject(slug);
    return view;
  }

  return async (request, access) => {
    if (access === "open") return;
    const caller = await recognise(request.headers.authorization);
    request.caller = caller;
    // The framework answers an object for the parameters of every path.
    const { project } = request.params as { readonly project?: string };
    if (project !== undefined) request.view = await openProject(project, caller);
    refuseUnlessAllowed(caller, access);
  };
}

function bearerToken(authorization: string | undefined): string | undefined {
  if (authorization === undefined || !/^bearer /i.test(authorization)) return undefined;
  return authorization.slice("bearer ".length).trim();
}

function unauthenticated(detail: string, parameters: string): Problem {
  return new Problem("unauthenticated", detail, {
    headers: { "www-authenticate": `Bearer realm="posthorn"${parameters}` },
  });
}

function refuseUnlessAllowed(caller: Caller, access: Exclude<Access, "open">): void {
  if (caller.kind === "operator" || access === "key") return;
  if (access === "operator") throw new Problem("admin_key_required", "this takes the admin key of the platform");
  if (!allows(caller.scopes, access)) throw scopeMissing(access);
}

export function scopeMissing(scope: Scope): Problem {
  return new Problem("scope_missing", `the key lacks the scope ${scope}`);
}

export function noProject(slug: string): Problem {
  return new Problem("project_not_found", `there is no project ${JSON.stringify(slug)}`);
}

/** The project of a request that came through the gate on a path that names one. */
export function projectOf(request: FastifyRequest): ProjectView {
  if (request.view === null) throw new Error(`the route ${request.routeOptions.url} names no project`);
  return request.view;
}

/** The caller of a request that came through the gate of a route that is not open. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`the route ${request.routeOptions.url} is open`);
  return request.caller;
}
