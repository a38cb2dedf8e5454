// A process of the bench: what Posthorn is measured against. The same HTTP server and the same client, and nothing else:
// no event is read, matched, signed or stored, and one that fails is lost. It answers 202 at once and passes the bytes on
// behind; when too many are on their way the answer waits for a place, or its memory would hide what it cannot deliver.
import type { Buffer } from "node:buffer";
import fastify from "fastify";
import { Pool } from "undici";
import { answerQuestions } from "./peer.ts";

export type RelayQuestion = { readonly kind: "port" } | { readonly kind: "failures" };

/** As many as Posthorn's own default of tries at one time on a node. */
const maxOnTheirWay = 1024;
/** Fewer deliver less, as measured with 32 and 64. */
const connections = 128;

const headers = { "content-type": "application/json" };
const target = new Pool(`http://127.0.0.1:${process.env.RELAY_TARGET_PORT}`, { connections });
const waiting: (() => void)[] = [];
let onTheirWay = 0;
let failures = 0;

async function takePlace(): Promise<void> {
  if (onTheirWay >= maxOnTheirWay) await new Promise<void>((resolve) => waiting.push(resolve));
  onTheirWay += 1;
}

async function passOn(body: Buffer): Promise<void> {
  try {
    const response = await target.request({ method: "POST", path: "/", headers, body });
    await response.body.dump();
    if (response.statusCode >= 300) failures += 1;
  } catch {
    failures += 1;
  } finally {
    onTheirWay -= 1;
    waiting.shift()?.();
  }
}

const app = fastify();
app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
app.post("/v1/projects/:project/events", async (request, reply) => {
  await takePlace();
  // The parser above makes every body a buffer.
  void passOn(request.body as Buffer);
  return reply.code(202).send({ accepted: true });
});
await app.listen({ host: "127.0.0.1", port: 0 });

answerQuestions<RelayQuestion, number>((question) =>
  question.kind === "port" ? portOf(app.server.address()) : failures,
);

function portOf(address: ReturnType<typeof app.server.address>): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
