// Base64 as RFC 4648 §4 writes it: Buffer and atob read much that is not, and two texts for the same bytes are one too many.
import { nodeBuffer } from "./bytes.ts";

/** The bytes of padded, canonical base64 in the standard alphabet; undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = nodeBuffer === undefined ? decodePlainly(text) : nodeBuffer.from(text, "base64");
  return bytes !== undefined && encodeBase64(bytes) === text ? bytes : undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  if (nodeBuffer === undefined) return encodePlainly(bytes);
  return nodeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Exported for its test: runtimes with a Buffer never come here. */
export function decodePlainly(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** A call takes only so many arguments. */
const chunkBytes = 8192;

export function encodePlainly(bytes: Uint8Array): string {
  let characters = "";
  for (let at = 0; at < bytes.length; at += chunkBytes)
    characters += String.fromCharCode(...bytes.subarray(at, at + chunkBytes));
  return btoa(characters);
}
