// Text into bytes, on Node and where there is no Node: the receiving side also runs on edge runtimes. Where there is a Buffer
// it does the work, because the platform's hot path gains from it.

/** What is used of Buffer; said here so that these types hold without those of Node. */
interface NodeBuffer {
  from(text: string, encoding?: "base64"): Uint8Array;
  from(buffer: ArrayBufferLike, offset: number, length: number): { toString(encoding: "base64"): string };
}

/** Undefined on runtimes that are not Node, Bun or Deno. */
export const nodeBuffer: NodeBuffer | undefined = globalThis.Buffer;

const utf8 = new TextEncoder();

export const encodeUtf8: (text: string) => Uint8Array =
  nodeBuffer === undefined ? (text) => utf8.encode(text) : (text) => nodeBuffer.from(text);

export function joinBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
