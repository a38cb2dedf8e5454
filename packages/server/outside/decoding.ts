// Undoes the Content-Encoding of a captured answer, so that people can read it in the record. Requests ask for
// `identity`; this is for servers that compress all the same. What comes out is counted against the same cap as what
// came in: no bomb goes off.
import type { Transform } from "node:stream";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from "node:zlib";

interface Decoded {
  readonly body: Uint8Array;
  /** More would have come out. */
  readonly truncated: boolean;
}

/** RFC 8878 §3.1.1.1.2 asks decoders for a window of 8 MiB; a frame may demand 2 GiB. */
const zstdWindowLog = 23;

/** A map, since the name comes from the other side and an object would know "constructor". */
const decoders = new Map<string, (body: Uint8Array) => Transform>([
  ["gzip", () => createGunzip()],
  ["x-gzip", () => createGunzip()],
  // Half of the servers that say "deflate" leave out the zlib wrapper; its first byte tells.
  ["deflate", (body) => (((body[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw())],
  ["br", () => createBrotliDecompress()],
  ["zstd", () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog } })],
]);

/**
 * At most `maxBytes` of what `body` holds. Where it is damaged or cut off, what came out until then; where nothing came
 * out or the encoding is unknown, `undefined`: the record then shows the bytes as they came. Only one layer of encoding
 * is undone.
 */
export async function decodeBody(encoding: string, body: Uint8Array, maxBytes: number): Promise<Decoded | undefined> {
  const decoder = decoders.get(encoding.trim().toLowerCase())?.(body);
  if (decoder === undefined || body.length === 0) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isCutOff = false;
  try {
    decoder.end(body);
    for await (const chunk of decoder) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxBytes) break;
    }
  } catch {
    isCutOff = true;
  }
  if (size === 0 && isCutOff) return undefined;
  return { body: Buffer.concat(chunks, Math.min(size, maxBytes)), truncated: isCutOff || size > maxBytes };
}
