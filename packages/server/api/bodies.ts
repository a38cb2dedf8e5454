// How bodies come in, and how those go out that are JSON text already. JSON is read strictly: UTF-8, no byte order mark, no
// key twice, not too deep, nothing after it.
import { failure, type Result, type WireFault } from "@posthorn/wire/errors";
import { decodeUtf8, parseJson } from "@posthorn/wire/json";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "./app.ts";
import { type CodedFault, Problem, type ProblemCode, problemKinds, problemOf } from "./problems.ts";

/** Of every body but those that hold events. */
export const maxManagementBodyBytes = 128 * 1024;

/** The routes of `app` take JSON and nothing else. No bytes at all are no body. */
export function takeJson(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>(
    ["application/json", "application/merge-patch+json"],
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: Buffer) => {
      refuseContentEncoding(request);
      return body.length === 0 ? undefined : readJson(body);
    },
  );
}

/** The routes of `app` get the bytes as they came, of whatever type, and see for themselves. */
export function takeBytes(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
}

/** A compressed body could hold any number of bytes, so none is taken. */
export function refuseContentEncoding(request: FastifyRequest): void {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding.toLowerCase() !== "identity")
    throw new Problem("unsupported_media_type", "a body must come without a Content-Encoding");
}

/** The text of a JSON body, which must not begin with a byte order mark (STANDARDS §8). */
export function jsonText(body: Uint8Array): Result<string> {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf)
    return failure("invalid_json", "the body must not begin with a byte order mark");
  return decodeUtf8(body);
}

function readJson(body: Uint8Array): unknown {
  const text = jsonText(body);
  const value = text.ok ? parseJson(text.value) : text;
  if (!value.ok) throw wireProblem(value.faults);
  return value.value;
}

/** What a decoder of `wire` found wrong, as a problem. */
export function wireProblem(faults: readonly WireFault[]): Problem {
  return problemOf(faults.map(codedFault));
}

function codedFault({ code, detail, pointer }: WireFault): CodedFault {
  return { code: isProblemCode(code) ? code : "invalid_request", detail, pointer };
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(problemKinds, code);
}

/** Answers with JSON that was put together as text, so that event data stays as it came. */
export function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.type("application/json; charset=utf-8").send(text);
}
