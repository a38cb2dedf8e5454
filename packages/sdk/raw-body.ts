// The raw bytes of a request: a signature covers bytes, and no parser gives them back as they were. What has been parsed
// already is detected here, and so is what is too large.

export type RawBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Too late: `remedy` names the line to change. */
  | { readonly kind: "parsed"; readonly remedy: string }
  | { readonly kind: "too large" };

const utf8 = new TextEncoder();

/** Of a request of the fetch standard. */
export async function readRequestBody(request: Request, maxBytes: number): Promise<RawBody> {
  if (request.bodyUsed)
    return {
      kind: "parsed",
      remedy:
        "pass the request on before anything calls `request.json()` or `request.text()`, or pass `request.clone()`",
    };
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return { kind: "too large" };
  return request.body === null
    ? { kind: "bytes", bytes: new Uint8Array() }
    : readChunks(chunksOf(request.body), maxBytes);
}

/** Streams are iterable on Node, but not everywhere. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}

/** Joins chunks, and stops reading where they become too many. */
export async function readChunks(chunks: AsyncIterable<unknown>, maxBytes: number): Promise<RawBody> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    const bytes = chunk instanceof Uint8Array ? chunk : utf8.encode(String(chunk));
    length += bytes.length;
    if (length > maxBytes) return { kind: "too large" };
    parts.push(bytes);
  }
  return { kind: "bytes", bytes: joinParts(parts, length) };
}

function joinParts(parts: readonly Uint8Array[], length: number): Uint8Array {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Of a body that a framework has put on its request: bytes and text will do, objects will not. */
export function givenBody(body: unknown, maxBytes: number, remedy: string): RawBody {
  if (typeof body !== "string" && !(body instanceof Uint8Array)) return { kind: "parsed", remedy };
  const bytes = typeof body === "string" ? utf8.encode(body) : body;
  return bytes.length > maxBytes ? { kind: "too large" } : { kind: "bytes", bytes };
}
