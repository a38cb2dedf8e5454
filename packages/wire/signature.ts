// Standard Webhooks 1.0.0 signatures, both sides: v1 (HMAC-SHA256) and v1a (ed25519), over "id.timestamp.body" (STANDARDS
// §5). Several secrets sign at once, so that a receiver can change over without missing a message (SW-9).
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
import { decodeBase64, encodeBase64 } from "./base64.ts";
import type { MessageHeaders } from "./cloudevents.ts";
import { failure, type Result, success } from "./errors.ts";

export interface SignedMessage {
  /** `webhook-id`: the same for every try of one message, without a "." (SW-2). */
  readonly id: string;
  /** `webhook-timestamp`: whole seconds since 1970 of this very try. */
  readonly timestampSeconds: number;
  /** The bytes that are sent, exactly; a string stands for its UTF-8. */
  readonly body: Uint8Array | string;
}

// ── Secrets ────────────────────────────────────────────────────────────────────────────────────────────────────────

type SigningKey =
  | { readonly kind: "symmetric"; readonly key: KeyObject }
  | { readonly kind: "key pair"; readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  | { readonly kind: "public"; readonly publicKey: KeyObject };

export type SecretKind = SigningKey["kind"];

const symmetricPrefix = "whsec_";
const privatePrefix = "whsk_";
const publicPrefix = "whpk_";
const ed25519Bytes = 32;

/**
 * What a secret is: `whsec_` (or nothing) and base64 of 24 to 64 bytes; `whsk_` and base64 of an ed25519 seed and its public
 * key; `whpk_` and base64 of a public key, which can only verify.
 */
export function parseSecret(secret: string): Result<SecretKind> {
  const key = keyOf(secret);
  return key.ok ? success(key.value.kind) : key;
}

/** A `whsec_` secret of 24 to 64 random bytes. */
export function formatSecret(random: Uint8Array): string {
  if (!isSecretLength(random.length)) throw new RangeError(lengthRule);
  return symmetricPrefix + encodeBase64(random);
}

/** A `whsk_` secret from 32 random bytes; its public half is `publicKeyOf` it. */
export function formatPrivateKey(seed: Uint8Array): string {
  if (seed.length !== ed25519Bytes) throw new RangeError("an ed25519 seed is 32 bytes");
  const publicKey = publicBytes(createPublicKey(importSeed(seed)));
  return privatePrefix + encodeBase64(Buffer.concat([seed, publicKey]));
}

/** The `whpk_` key that receivers verify with, of a `whsk_` secret. */
export function publicKeyOf(secret: string): Result<string> {
  const key = keyOf(secret);
  if (!key.ok) return key;
  if (key.value.kind === "symmetric") return failure("invalid_secret", "a whsec_ secret has no public key");
  return success(publicPrefix + encodeBase64(publicBytes(key.value.publicKey)));
}

const lengthRule = "a whsec_ secret must hold 24 to 64 bytes";

function isSecretLength(length: number): boolean {
  return length >= 24 && length <= 64;
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
  const prefix = [symmetricPrefix, privatePrefix, publicPrefix].find((each) => secret.startsWith(each)) ?? "";
  const bytes = decodeBase64(secret.slice(prefix.length));
  if (bytes === undefined) return failure("invalid_secret", "after its prefix a secret must be base64 with padding");
  switch (prefix) {
    case privatePrefix:
      return importKeyPair(bytes);
    case publicPrefix:
      return importPublicKey(bytes);
    default:
      if (!isSecretLength(bytes.length)) return failure("invalid_secret", lengthRule);
      return success({ kind: "symmetric", key: createSecretKey(bytes) });
  }
}

function importKeyPair(bytes: Uint8Array): Result<SigningKey> {
  if (bytes.length !== 2 * ed25519Bytes)
    return failure("invalid_secret", "a whsk_ secret must hold 64 bytes: the seed, then the public key");
  const privateKey = importSeed(bytes.subarray(0, ed25519Bytes));
  const publicKey = createPublicKey(privateKey);
  // A foreign public half would have us publish a key that verifies nothing.
  if (!publicBytes(publicKey).equals(bytes.subarray(ed25519Bytes)))
    return failure("invalid_secret", "the two halves of a whsk_ secret must belong together");
  return success({ kind: "key pair", privateKey, publicKey });
}

function importPublicKey(bytes: Uint8Array): Result<SigningKey> {
  if (bytes.length !== ed25519Bytes) return failure("invalid_secret", "a whpk_ key must hold 32 bytes");
  const x = Buffer.from(bytes).toString("base64url");
  return success({
    kind: "public",
    publicKey: createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }),
  });
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
  if (message.id.includes(".")) throw new TypeError('the id of a signed message must not hold a "."');
  const prefix = `${message.id}.${message.timestampSeconds}.`;
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

export interface VerifyOptions {
  readonly nowSeconds: number;
  /** How far the timestamp may be from now, either way; the default is 300 (SW-18). */
  readonly toleranceSeconds?: number;
}

export interface VerifiedMessage {
  readonly id: string;
  readonly timestampSeconds: number;
}

/** More than a rotation ever needs; bounds what a hostile header can cost. */
const maxSignatures = 32;

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
  const id = headerValue(headers, "webhook-id");
  const timestamp = headerValue(headers, "webhook-timestamp");
  const signatures = headerValue(headers, "webhook-signature");
  if (id === "" || timestamp === "" || signatures === "")
    return failure("missing_header", "webhook-id, webhook-timestamp and webhook-signature must all be there, once");
  const time = checkTimestamp(timestamp, options);
  if (!time.ok) return time;
  const candidates = signatures.split(" ", maxSignatures);
  const prefix = `${id}.${timestamp}.`;
  for (const secret of keys) {
    const key = keyOf(secret);
    if (!key.ok) return key;
    if (hasSignatureOf(key.value, candidates, prefix, rawBody)) return success({ id, timestampSeconds: time.value });
  }
  return failure("no_match", "webhook-signature must hold a signature of this message by a known key");
}

function checkTimestamp(timestamp: string, { nowSeconds, toleranceSeconds = 300 }: VerifyOptions): Result<number> {
  // Strict, where parseInt would read "1614265330abc" (SW-19).
  if (!/^\d{1,12}$/.test(timestamp))
    return failure("bad_timestamp", "webhook-timestamp must be whole seconds since 1970, digits only");
  const seconds = Number(timestamp);
  if (seconds < nowSeconds - toleranceSeconds)
    return failure("timestamp_too_old", `webhook-timestamp must not be older than ${toleranceSeconds} seconds`);
  if (seconds > nowSeconds + toleranceSeconds)
    return failure("timestamp_too_new", `webhook-timestamp must not be more than ${toleranceSeconds} seconds ahead`);
  return success(seconds);
}

/** The value of a header in any case; empty when it is not there, or is there more than once. */
function headerValue(headers: MessageHeaders, name: string): string {
  let value = headers[name];
  if (value === undefined) for (const each in headers) if (each.toLowerCase() === name) value = headers[each];
  if (typeof value === "string") return value;
  return value?.length === 1 ? (value[0] ?? "") : "";
}

function hasSignatureOf(
  key: SigningKey,
  candidates: readonly string[],
  prefix: string,
  body: Uint8Array | string,
): boolean {
  if (key.kind === "symmetric") {
    const expected = createHmac("sha256", key.key).update(prefix).update(body).digest();
    return signaturesOf("v1,", candidates).some((given) => isSame(given, expected));
  }
  const content = signedContent(prefix, body);
  return signaturesOf("v1a,", candidates).some((given) => verifyBytes(null, content, key.publicKey, given));
}

function signaturesOf(version: string, candidates: readonly string[]): readonly Uint8Array[] {
  return candidates.flatMap((candidate) => {
    const bytes = candidate.startsWith(version) ? decodeBase64(candidate.slice(version.length)) : undefined;
    return bytes === undefined ? [] : [bytes];
  });
}

/** In constant time for signatures of the right length; the length is no secret. */
function isSame(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
