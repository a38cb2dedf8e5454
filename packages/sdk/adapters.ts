// Receivers in the frameworks of Node, and where routes are functions of a fetch Request. Each adapter brings raw bytes and
// sends the answer, nothing more. The shapes below are what is used of each framework, so that none is a dependency.
import type { MessageHeaders } from "@posthorn/wire/cloudevents";
import { givenBody, type RawBody, readChunks } from "./raw-body.ts";
import type { IncomingMessage } from "./receiver.ts";

/** What an adapter needs of a receiver, whatever its events. */
export interface Receiving {
  fetch(request: Request): Promise<Response>;
  respond(message: IncomingMessage): Promise<Response>;
  readonly maxBodyBytes: number;
}

// ── node:http and Express ──────────────────────────────────────────────────────────────────────────────────────────

/** What is used of a request of node:http, and of Express on top of it. */
export interface NodeRequest extends AsyncIterable<unknown> {
  readonly method?: string | undefined;
  readonly headers: MessageHeaders;
  readonly headersDistinct?: MessageHeaders;
  readonly readableEnded?: boolean;
  /** Set by body parsers. */
  readonly body?: unknown;
  /** Set by hosts that keep the bytes, such as Google's and Firebase's functions. */
  readonly rawBody?: unknown;
  iterator?(options: { destroyOnReturn: boolean }): AsyncIterable<unknown>;
  resume?(): unknown;
}

/** What is used of a response of node:http. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body: Uint8Array): unknown;
}

/** For `http.createServer(toNode(hooks))`, whatever the path. */
export function toNode(hooks: Receiving): (request: NodeRequest, response: NodeResponse) => Promise<void> {
  return (request, response) => serve(hooks, request, response, nodeRemedy);
}

const nodeRemedy = "nothing may read the request before `toNode(hooks)` gets it";

/** For `app.all("/webhook", toExpress(hooks))`, before `app.use(express.json())`. */
export function toExpress(hooks: Receiving): (request: NodeRequest, response: NodeResponse) => Promise<void> {
  return (request, response) => serve(hooks, request, response, expressRemedy);
}

const expressRemedy =
  'move the line `app.all("/webhook", toExpress(hooks))` above `app.use(express.json())`, ' +
  "or let the parser keep the bytes: `express.json({ verify: (request, _response, bytes) => { request.rawBody = bytes; } })`";

async function serve(hooks: Receiving, request: NodeRequest, response: NodeResponse, remedy: string): Promise<void> {
  const answer = await hooks.respond({
    method: request.method ?? "",
    // Here a header that came twice is still a list.
    headers: request.headersDistinct ?? request.headers,
    readBody: (maxBytes) => readNodeBody(request, maxBytes, remedy),
  });
  response.statusCode = answer.status;
  for (const [name, value] of answer.headers) response.setHeader(name, value);
  // What is left of a body that is too large is not worth the wait.
  if (answer.status === 413) response.setHeader("connection", "close");
  response.end(new Uint8Array(await answer.arrayBuffer()));
  request.resume?.();
}

async function readNodeBody(request: NodeRequest, maxBytes: number, remedy: string): Promise<RawBody> {
  if (request.rawBody !== undefined) return givenBody(request.rawBody, maxBytes, remedy);
  // Bytes and text are as good as the stream, and the stream is empty by now.
  if (request.readableEnded === true) return givenBody(request.body, maxBytes, remedy);
  // Destroying the request would take the answer's connection with it.
  return readChunks(request.iterator?.({ destroyOnReturn: false }) ?? request, maxBytes);
}

// ── Fastify ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What is used of a Fastify instance. */
export interface FastifyInstanceLike {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    contentType: string,
    options: { parseAs: "buffer"; bodyLimit: number },
    parser: (request: unknown, body: Uint8Array) => Promise<unknown>,
  ): unknown;
  route(options: {
    method: string[];
    url: string;
    handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>;
  }): unknown;
}

export interface FastifyRequestLike {
  readonly method: string;
  readonly headers: MessageHeaders;
  readonly raw: { readonly headersDistinct?: MessageHeaders };
  readonly body?: unknown;
}

export interface FastifyReplyLike {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(body: Uint8Array): unknown;
}

/** For `app.register(toFastify(hooks, "/webhook"))`: a plugin, in whose context alone bodies stay bytes. */
export function toFastify(hooks: Receiving, path: string): (instance: FastifyInstanceLike) => Promise<void> {
  return async (instance) => {
    instance.removeAllContentTypeParsers();
    const options = { parseAs: "buffer", bodyLimit: hooks.maxBodyBytes } as const;
    instance.addContentTypeParser("*", options, async (_request, body) => body);
    const handler = (request: FastifyRequestLike, reply: FastifyReplyLike) => serveFastify(hooks, request, reply);
    instance.route({ method: ["POST", "OPTIONS"], url: path, handler });
  };
}

const fastifyRemedy = "register `toFastify(hooks, path)` as a plugin of its own, without hooks that replace the body";

async function serveFastify(hooks: Receiving, request: FastifyRequestLike, reply: FastifyReplyLike): Promise<unknown> {
  const answer = await hooks.respond({
    method: request.method,
    headers: request.raw.headersDistinct ?? request.headers,
    readBody: async (maxBytes) => givenBody(request.body ?? "", maxBytes, fastifyRemedy),
  });
  reply.code(answer.status);
  for (const [name, value] of answer.headers) reply.header(name, value);
  return reply.send(new Uint8Array(await answer.arrayBuffer()));
}

// ── Hono and Next ──────────────────────────────────────────────────────────────────────────────────────────────────

/** For `app.all("/webhook", toHono(hooks))`. */
export function toHono(hooks: Receiving): (context: { readonly req: { readonly raw: Request } }) => Promise<Response> {
  return (context) => hooks.fetch(context.req.raw);
}

/** For `app/webhook/route.ts`: `export const { POST, OPTIONS } = toNext(hooks)`. */
export function toNext(hooks: Receiving): {
  readonly POST: (request: Request) => Promise<Response>;
  readonly OPTIONS: (request: Request) => Promise<Response>;
} {
  const handle = (request: Request): Promise<Response> => hooks.fetch(request);
  return { POST: handle, OPTIONS: handle };
}
