// Base64 as RFC 4648 §4 writes it: Buffer reads much that is not, and two texts for the same bytes are one too many.
import { Buffer } from "node:buffer";

/** The bytes of padded, canonical base64 in the standard alphabet; undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
