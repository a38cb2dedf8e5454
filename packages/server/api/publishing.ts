// Publishing over HTTP, whatever the language: the idempotency key, the act of acceptance, and its refusals as problems.
import { createHash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { Acceptance } from "../pipeline/accept.ts";
import type { Publication, PublicationFault } from "../pipeline/publication.ts";
import type { EventReceipt } from "../store/store.ts";
import { noProject, projectOf } from "./auth.ts";
import type { ApiParts } from "./parts.ts";
import { Problem, problemOf } from "./problems.ts";

export interface PublishRequest {
  readonly publications: readonly Publication[];
  readonly defaultSource: string;
  /** The body as it came. */
  readonly body: Uint8Array;
  /** Where in the body a fault of acceptance lies; its pointer begins with the number of the publication: "/0/type". */
  readonly place: (pointer: string) => string;
}

export interface Published {
  readonly receipts: readonly EventReceipt[];
  /** The same request came before: these are its first answer. */
  readonly repeated: boolean;
}

/** All of it is on disk when this answers. Throws the problem of what was refused; nothing is kept then. */
export async function publish(
  { pipeline }: Pick<ApiParts, "pipeline">,
  request: FastifyRequest,
  { publications, defaultSource, body, place }: PublishRequest,
): Promise<Published> {
  const { slug } = projectOf(request).project;
  const key = readIdempotencyKey(request.headers["idempotency-key"]);
  const acceptance = await pipeline.accept({
    project: slug,
    publications,
    defaultSource,
    ...(key === undefined ? {} : { idempotency: { key, fingerprint: fingerprintOf(request, body) } }),
  });
  return received(acceptance, slug, place);
}

function received(acceptance: Acceptance, slug: string, place: PublishRequest["place"]): Published {
  switch (acceptance.kind) {
    case "accepted":
      return acceptance;
    case "refused":
      throw problemOf(
        acceptance.faults.map((fault: PublicationFault) => ({ ...fault, pointer: place(fault.pointer) })),
      );
    case "key-reused":
      throw new Problem("idempotency_key_reused", "this Idempotency-Key came before, with another body");
    case "no-project":
      throw noProject(slug);
    default:
      return acceptance satisfies never;
  }
}

/** An RFC 8941 String, or bare as many clients send it (STANDARDS IK-1). */
function readIdempotencyKey(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = String(header).trim();
  const [, quoted] = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/.exec(text) ?? [];
  const key = quoted?.replace(/\\(.)/g, "$1") ?? (/^[\x21\x23-\x7e][\x21-\x7e]*$/.test(text) ? text : "");
  if (key.length >= 1 && key.length <= 255) return key;
  throw new Problem(
    "invalid_idempotency_key",
    "Idempotency-Key must be 1 to 255 printable ASCII characters, quoted or bare",
  );
}

/** Equal for equal requests: the path, the content type, the attributes that stand in headers (binary mode), and the body. */
function fingerprintOf(request: FastifyRequest, body: Uint8Array): string {
  const hash = createHash("sha256");
  const headers = Object.entries(request.headers).filter(([name]) => name === "content-type" || name.startsWith("ce-"));
  hash.update(JSON.stringify([request.routeOptions.url, headers.sort(([one], [other]) => (one < other ? -1 : 1))]));
  return hash.update(body).digest("hex");
}
