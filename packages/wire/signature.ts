// Standard Webhooks 1.0.0 signatures with node:crypto, both sides, at once: v1 (HMAC-SHA256) and v1a (ed25519), over
// "id.timestamp.body" (STANDARDS §5). Several secrets sign at once, so that a receiver can change over without missing a
// message (SW-9). web-signature.ts is its twin for runtimes without node:crypto.
import { Buffer } from "node:buffer";
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign as signBytes,
  timingSafeEqual,
  verify as verifyBytes,
} from "node:crypto";
import type { MessageHeaders } from "./cloudevents.ts";
import { failure, type Result, success } from "./errors.ts";
import { ed25519Bytes, formatKeyPair, formatPublicKey, readSecret, type SecretKind } from "./secret.ts";
import {
  noMatch,
  readSignatureClaim,
  type SignedMessage,
  signaturesOf,
  signedPrefix,
  type VerifiedMessage,
  type VerifyOptions,
} from "./signed-message.ts";

export { formatSecret, type SecretKind } from "./secret.ts";
export type { SignedMessage, VerifiedMessage, VerifyOptions } from "./signed-message.ts";

// ── Secrets ────────────────────────────────────────────────────────────────────────────────────────────────────────

type SigningKey =
  | { readonly kind: "symmetric"; readonly key: KeyObject }
  | { readonly kind: "key pair"; readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  | { readonly kind: "public"; readonly publicKey: KeyObject };

/** What a secret is, if it is one: `whsec_…`, `whsk_…` with halves that belong together, or `whpk_…`, which only verifies. */
export function parseSecret(secret: string): Result<SecretKind> {
  const key = keyOf(secret);
  return key.ok ? success(key.value.kind) : key;
}

/** A `whsk_` secret from 32 random bytes; its public half is `publicKeyOf` it. */
export function formatPrivateKey(seed: Uint8Array): string {
  if (seed.length !== ed25519Bytes) throw new RangeError("an ed25519 seed is 32 bytes");
  return formatKeyPair(Buffer.concat([seed, publicBytes(createPublicKey(importSeed(seed)))]));
}

/** The `whpk_` key that receivers verify with, of a `whsk_` secret. */
export function publicKeyOf(secret: string): Result<string> {
  const key = keyOf(secret);
  if (!key.ok) return key;
  if (key.value.kind === "symmetric") return failure("invalid_secret", "a whsec_ secret has no public key");
  return success(formatPublicKey(publicBytes(key.value.publicKey)));
}

/** Keys by their secrets: to import one costs several times a signature. */
const importedKeys = new Map<string, SigningKey>();
const maxImportedKeys = 10_000;

function keyOf(secret: string): Result<SigningKey> {
  const known = importedKeys.get(secret);
  if (known !== undefined) return success(known);
  const imported = importKey(secret);
  if (!imported.ok) return imported;
  if (importedKeys.size >= maxImportedKeys) importedKeys.clear();
  importedKeys.set(secret, imported.value);
  return imported;
}

function importKey(secret: string): Result<SigningKey> {
  const read = readSecret(secret);
  if (!read.ok) return read;
  switch (read.value.kind) {
    case "symmetric":
      return success({ kind: "symmetric", key: createSecretKey(read.value.bytes) });
    case "key pair":
      return importKeyPair(read.value.seed, read.value.publicKey);
    case "public":
      return success({ kind: "public", publicKey: importPublicKey(read.value.publicKey) });
    default:
      return read.value satisfies never;
  }
}

function importKeyPair(seed: Uint8Array, publicHalf: Uint8Array): Result<SigningKey> {
  const privateKey = importSeed(seed);
  const publicKey = createPublicKey(privateKey);
  // A foreign public half would have us publish a key that verifies nothing.
  if (!publicBytes(publicKey).equals(publicHalf))
    return failure("invalid_secret", "the two halves of a whsk_ secret must belong together");
  return success({ kind: "key pair", privateKey, publicKey });
}

function importPublicKey(bytes: Uint8Array): KeyObject {
  const x = Buffer.from(bytes).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

/** What PKCS #8 puts before the seed of an ed25519 key (RFC 8410 §7). */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");

function importSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });
}

function publicBytes(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
}

// ── Signing ────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The value of `webhook-signature`: one signature for each secret, in their order, separated by spaces.
 * @throws TypeError for a secret that `parseSecret` refuses, a public key, or an id with a "." in it: all are checked when
 * they are taken in, so here they are a mistake of the program.
 */
export function sign(message: SignedMessage, secrets: readonly string[]): string {
  const prefix = signedPrefix(message);
  const [only] = secrets;
  if (secrets.length === 1 && only !== undefined) return signOne(prefix, message.body, only);
  return secrets.map((secret) => signOne(prefix, message.body, secret)).join(" ");
}

function signOne(prefix: string, body: Uint8Array | string, secret: string): string {
  const key = keyOf(secret);
  if (!key.ok) throw new TypeError(key.faults[0]?.detail);
  switch (key.value.kind) {
    case "symmetric":
      return `v1,${createHmac("sha256", key.value.key).update(prefix).update(body).digest("base64")}`;
    case "key pair":
      return `v1a,${signBytes(null, signedContent(prefix, body), key.value.privateKey).toString("base64")}`;
    case "public":
      throw new TypeError("a public key cannot sign");
    default:
      return key.value satisfies never;
  }
}

function signedContent(prefix: string, body: Uint8Array | string): Buffer {
  return Buffer.concat([Buffer.from(prefix), typeof body === "string" ? Buffer.from(body) : body]);
}

// ── Verifying ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Checks a received message over its raw bytes, before anything parses them. One good signature by one of the keys is
 * enough; versions that are not known are passed over, and only the first 32 signatures are looked at.
 */
export function verify(
  headers: MessageHeaders,
  rawBody: Uint8Array | string,
  keys: readonly string[],
  options: VerifyOptions,
): Result<VerifiedMessage> {
  const claim = readSignatureClaim(headers, options);
  if (!claim.ok) return claim;
  const { id, timestampSeconds, prefix, candidates } = claim.value;
  for (const secret of keys) {
    const key = keyOf(secret);
    if (!key.ok) return key;
    if (hasSignatureOf(key.value, candidates, prefix, rawBody)) return success({ id, timestampSeconds });
  }
  return noMatch;
}

function hasSignatureOf(
  key: SigningKey,
  candidates: readonly string[],
  prefix: string,
  body: Uint8Array | string,
): boolean {
  if (key.kind === "symmetric") {
    const expected = createHmac("sha256", key.key).update(prefix).update(body).digest();
    return signaturesOf("v1", candidates).some((given) => isSame(given, expected));
  }
  const content = signedContent(prefix, body);
  return signaturesOf("v1a", candidates).some((given) => verifyBytes(null, content, key.publicKey, given));
}

/** In constant time for signatures of the right length; the length is no secret. */
function isSame(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
