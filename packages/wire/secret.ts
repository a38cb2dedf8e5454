// Signing secrets as text (SW-7): what their prefixes say, and which bytes they hold. The same on every runtime; signature.ts
// and web-signature.ts make keys of them.
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { failure, type Result, success } from "./errors.ts";

export type SecretKind = "symmetric" | "key pair" | "public";

export type SecretBytes =
  | { readonly kind: "symmetric"; readonly bytes: Uint8Array }
  | { readonly kind: "key pair"; readonly seed: Uint8Array; readonly publicKey: Uint8Array }
  | { readonly kind: "public"; readonly publicKey: Uint8Array };

const symmetricPrefix = "whsec_";
const privatePrefix = "whsk_";
const publicPrefix = "whpk_";
export const ed25519Bytes = 32;

const lengthRule = "a whsec_ secret must hold 24 to 64 bytes";

function isSecretLength(length: number): boolean {
  return length >= 24 && length <= 64;
}

/**
 * Reads `whsec_` (or nothing) and base64 of 24 to 64 bytes; `whsk_` and base64 of an ed25519 seed and its public key, which
 * are not yet known to belong together; `whpk_` and base64 of a public key.
 */
export function readSecret(secret: string): Result<SecretBytes> {
  const prefix = [symmetricPrefix, privatePrefix, publicPrefix].find((each) => secret.startsWith(each)) ?? "";
  const bytes = decodeBase64(secret.slice(prefix.length));
  if (bytes === undefined) return failure("invalid_secret", "after its prefix a secret must be base64 with padding");
  switch (prefix) {
    case privatePrefix:
      return readKeyPair(bytes);
    case publicPrefix:
      if (bytes.length !== ed25519Bytes) return failure("invalid_secret", "a whpk_ key must hold 32 bytes");
      return success({ kind: "public", publicKey: bytes });
    default:
      if (!isSecretLength(bytes.length)) return failure("invalid_secret", lengthRule);
      return success({ kind: "symmetric", bytes });
  }
}

function readKeyPair(bytes: Uint8Array): Result<SecretBytes> {
  if (bytes.length !== 2 * ed25519Bytes)
    return failure("invalid_secret", "a whsk_ secret must hold 64 bytes: the seed, then the public key");
  return success({
    kind: "key pair",
    seed: bytes.subarray(0, ed25519Bytes),
    publicKey: bytes.subarray(ed25519Bytes),
  });
}

/** A `whsec_` secret of 24 to 64 random bytes. */
export function formatSecret(random: Uint8Array): string {
  if (!isSecretLength(random.length)) throw new RangeError(lengthRule);
  return symmetricPrefix + encodeBase64(random);
}

/** The `whsk_` text of a seed and its public key, 64 bytes together. */
export function formatKeyPair(seedAndPublicKey: Uint8Array): string {
  return privatePrefix + encodeBase64(seedAndPublicKey);
}

/** The `whpk_` text of 32 bytes. */
export function formatPublicKey(publicKey: Uint8Array): string {
  return publicPrefix + encodeBase64(publicKey);
}
