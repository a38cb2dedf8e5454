// The HTTP API, put together: the framework with its limits, the gate before every route, and the routes themselves.
import type { Duplex } from "node:stream";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyReply, type FastifyRequest, type FastifyServerOptions, type RouteOptions } from "fastify";
import { createSendTest } from "../pipeline/sample-event.ts";
import { createVerdicts } from "../pipeline/verdict.ts";
import type { App } from "./app.ts";
import { createGate, createKeyRing, type Gate } from "./auth.ts";
import { maxManagementBodyBytes, takeJson } from "./bodies.ts";
import type { Face } from "./faces/face.ts";
import { createSpaceCloud } from "./faces/space-cloud.ts";
import { completeSchema, openApiOptions, ProblemShape } from "./openapi.ts";
import type { ApiParts } from "./parts.ts";
import { createProblemAnswers, type ProblemAnswers, rawAnswer } from "./problem-answers.ts";
import { Problem } from "./problems.ts";
import { consentRoutes } from "./routes/consents.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { documentRoutes } from "./routes/documents.ts";
import { eventRoutes } from "./routes/events.ts";
import { healthRoutes } from "./routes/health.ts";
import { keyRoutes } from "./routes/keys.ts";
import { liveRoute } from "./routes/live.ts";
import { projectRoutes } from "./routes/projects.ts";
import { publishRoute } from "./routes/publish.ts";
import { statsRoute } from "./routes/stats.ts";
import { triggerActRoutes } from "./routes/trigger-acts.ts";
import { triggerRoutes } from "./routes/triggers.ts";
import { compileValidator } from "./validation.ts";

export interface Api {
  /** Resolves when connections are taken. Port 0 takes any free one. Rejects when the address cannot be had. */
  listen(address: {
    readonly host: string;
    readonly port: number;
  }): Promise<{ readonly url: string; readonly port: number }>;
  /** Takes no new connections, answers what is under way within `shutdownTimeoutMs`, and cuts off the rest. */
  close(): Promise<void>;
}

// How long a client may take, and how much it may say before there is a body.
const headersTimeoutMs = 20_000;
const requestTimeoutMs = 60_000;
/** Longer than the usual 60 s of load balancers, which would otherwise meet a connection that closes. */
const keepAliveTimeoutMs = 72_000;
const timeoutCheckMs = 2000;
const maxHeaderBytes = 64 * 1024;
/** Of one part of a path; ids of events may be long. */
const maxParamLength = 2048;

export function createApi(parts: ApiParts): Api {
  const verdicts = createVerdicts(parts);
  const faces: readonly Face[] = [createSpaceCloud(verdicts)];
  const answers = createProblemAnswers(parts.facts.tell, faces);
  const app = createApp(answers);
  const keys = createKeyRing(parts.store, parts.clock);
  const paths = guardRoutes(app, createGate(parts, keys));
  app.setNotFoundHandler((request) => {
    throw notFound(request, paths);
  });
  takeJson(app);
  app.register(swagger, openApiOptions(parts.version));
  app.register(async (app: App) => {
    app.addSchema(ProblemShape);
    publishRoute(app, parts);
    eventRoutes(app, parts);
    triggerRoutes(app, parts);
    triggerActRoutes(app, parts, createSendTest({ ...parts, ...parts.pipeline }));
    consentRoutes(app, parts);
    deliveryRoutes(app, parts);
    projectRoutes(app, parts, keys);
    keyRoutes(app, parts, keys);
    statsRoute(app, parts);
    const live = liveRoute(app, parts);
    healthRoutes(app, parts);
    documentRoutes(app);
    for (const face of faces) face.routes(app, parts);
    app.addHook("preClose", (done) => {
      live.close();
      verdicts.close();
      done();
    });
  });
  return {
    listen: (address) => listen(app, address),
    close: () => close(app, parts),
  };
}

/**
 * The framework's types take a validator of Ajv's kind alone; it calls whatever is there with a route's schema, as
 * `compileValidator` has it. Answers are not validated: a test holds them against the document.
 */
const compilersFactory = {
  buildValidator: () => compileValidator,
  buildSerializer: () => () => JSON.stringify,
} as unknown as NonNullable<NonNullable<FastifyServerOptions["schemaController"]>["compilersFactory"]>;

function createApp(answers: ProblemAnswers): App {
  const app = fastify({
    bodyLimit: maxManagementBodyBytes,
    clientErrorHandler: answerUnreadable,
    frameworkErrors: (error, request, reply) => void answers.answer(error, request, reply),
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: timeoutCheckMs,
      maxHeaderSize: maxHeaderBytes,
    },
    keepAliveTimeout: keepAliveTimeoutMs,
    requestTimeout: requestTimeoutMs,
    schemaController: { compilersFactory },
    // What comes over an open connection while the node stops is still served, and the connection closed after it.
    return503OnClosing: false,
    routerOptions: { maxParamLength },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.decorateRequest("caller", null);
  app.decorateRequest("view", null);
  app.setErrorHandler((error, request: FastifyRequest, reply: FastifyReply) => {
    void answers.answer(error, request, reply);
  });
  return app;
}

// ── Routes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** Puts the gate before every route and completes what the routes say of themselves. Answers the paths, as they come. */
function guardRoutes(app: App, gate: Gate): ReadonlyMap<string, KnownPath> {
  const paths = new Map<string, KnownPath>();
  app.addHook("onRoute", (route) => {
    const known = paths.get(route.url) ?? { pattern: patternOf(route.url), methods: new Set() };
    paths.set(route.url, known);
    for (const method of [route.method].flat()) known.methods.add(method);
    guard(route, gate);
  });
  return paths;
}

function guard(route: RouteOptions, gate: Gate): void {
  const access = route.config?.access;
  if (access === undefined) throw new Error(`the route ${route.method} ${route.url} does not say who may call it`);
  completeSchema(route, access);
  if (access !== "open") route.onRequest = async (request: FastifyRequest) => gate(request, access);
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replace(/[.]/g, "\\.").replace(/:[a-z]+/gi, "[^/]+")}$`);
}

function notFound(request: FastifyRequest, paths: ReadonlyMap<string, KnownPath>): Problem {
  const path = request.url.split("?", 1)[0] ?? "";
  const methods = [...paths.values()]
    .filter(({ pattern }) => pattern.test(path))
    .flatMap((known) => [...known.methods]);
  if (methods.length === 0) return new Problem("route_not_found", `there is nothing at ${path.slice(0, 200)}`);
  const allow = [...new Set(methods)].sort().join(", ");
  return new Problem("method_not_allowed", `this path takes ${allow}`, { headers: { allow } });
}

// ── Connections ────────────────────────────────────────────────────────────────────────────────────────────────────

async function listen(app: App, { host, port }: Parameters<Api["listen"]>[0]): ReturnType<Api["listen"]> {
  await app.listen({ host, port });
  const address = app.server.address();
  const boundPort = typeof address === "object" && address !== null ? address.port : port;
  return { url: `http://${reachableHost(host)}:${boundPort}`, port: boundPort };
}

/** An address that a person on this machine can open. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

async function close(app: App, { clock, config }: ApiParts): Promise<void> {
  const cancelAlarm = clock.at(clock.now() + config.shutdownTimeoutMs, () => app.server.closeAllConnections());
  await app.close();
  cancelAlarm();
}

/** Bytes that are no request, or come too slowly, are answered too where that is still possible. */
function answerUnreadable(error: Error & { readonly code?: string }, socket: Duplex): void {
  if (error.code === "ECONNRESET" || !socket.writable) socket.destroy();
  else socket.end(rawAnswer(error.code));
}
