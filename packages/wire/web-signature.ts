// Standard Webhooks signatures with Web Crypto: the twin of signature.ts for runtimes without node:crypto. It answers later,
// since Web Crypto does; what it signs and what it accepts is the same.
import { encodeBase64 } from "./base64.ts";
import { encodeUtf8, joinBytes } from "./bytes.ts";
import type { MessageHeaders } from "./cloudevents.ts";
import { type Result, success } from "./errors.ts";
import { readSecret, type SecretBytes } from "./secret.ts";
import {
  noMatch,
  readSignatureClaim,
  type SignedMessage,
  signaturesOf,
  signedPrefix,
  type VerifiedMessage,
  type VerifyOptions,
} from "./signed-message.ts";

export type { SignedMessage, VerifiedMessage, VerifyOptions } from "./signed-message.ts";

type Usage = "sign" | "verify";
/** The name is not global everywhere. */
type Key = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

const hmac = { name: "HMAC", hash: "SHA-256" };
const ed25519 = { name: "Ed25519" };

/**
 * The value of `webhook-signature`, as `sign` of signature.ts answers it.
 * @throws TypeError for what is no secret, a public key, or an id with a "." in it.
 */
export async function signWithWebCrypto(message: SignedMessage, secrets: readonly string[]): Promise<string> {
  const content = signedContent(signedPrefix(message), message.body);
  const signatures = await Promise.all(secrets.map((secret) => signOne(content, secret)));
  return signatures.join(" ");
}

async function signOne(content: Uint8Array<ArrayBuffer>, secret: string): Promise<string> {
  const read = readSecret(secret);
  if (!read.ok) throw new TypeError(read.faults[0]?.detail);
  if (read.value.kind === "public") throw new TypeError("a public key cannot sign");
  const version = read.value.kind === "symmetric" ? "v1" : "v1a";
  const key = await importKey(read.value, "sign");
  const signature = await crypto.subtle.sign(key.algorithm.name, key, content);
  return `${version},${encodeBase64(new Uint8Array(signature))}`;
}

/** Checks a received message over its raw bytes, as `verify` of signature.ts does. */
export async function verifyWithWebCrypto(
  headers: MessageHeaders,
  rawBody: Uint8Array | string,
  keys: readonly string[],
  options: VerifyOptions,
): Promise<Result<VerifiedMessage>> {
  const claim = readSignatureClaim(headers, options);
  if (!claim.ok) return claim;
  const { id, timestampSeconds, prefix, candidates } = claim.value;
  const content = signedContent(prefix, rawBody);
  for (const secret of keys) {
    const read = readSecret(secret);
    if (!read.ok) return read;
    if (await hasSignatureOf(read.value, secret, candidates, content)) return success({ id, timestampSeconds });
  }
  return noMatch;
}

async function hasSignatureOf(
  bytes: SecretBytes,
  secret: string,
  candidates: readonly string[],
  content: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const given = signaturesOf(bytes.kind === "symmetric" ? "v1" : "v1a", candidates);
  if (given.length === 0) return false;
  const key = await verifyingKeyOf(bytes, secret);
  // Web Crypto compares in constant time.
  for (const signature of given)
    if (await crypto.subtle.verify(key.algorithm.name, key, joinBytes(signature), content)) return true;
  return false;
}

function signedContent(prefix: string, body: Uint8Array | string): Uint8Array<ArrayBuffer> {
  return joinBytes(encodeUtf8(prefix), typeof body === "string" ? encodeUtf8(body) : body);
}

/** Verifying keys by their secrets: a receiver has few, and asks for them with every message. */
const verifyingKeys = new Map<string, Promise<Key>>();
const maxVerifyingKeys = 100;

function verifyingKeyOf(bytes: SecretBytes, secret: string): Promise<Key> {
  const known = verifyingKeys.get(secret);
  if (known !== undefined) return known;
  if (verifyingKeys.size >= maxVerifyingKeys) verifyingKeys.clear();
  const key = importKey(bytes, "verify");
  verifyingKeys.set(secret, key);
  return key;
}

/** What PKCS #8 puts before the seed of an ed25519 key (RFC 8410 §7). */
const pkcs8Prefix = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);

function importKey(secret: SecretBytes, usage: Usage): Promise<Key> {
  if (secret.kind === "symmetric") return crypto.subtle.importKey("raw", joinBytes(secret.bytes), hmac, false, [usage]);
  if (usage === "verify") return crypto.subtle.importKey("raw", joinBytes(secret.publicKey), ed25519, false, [usage]);
  const seed = secret.kind === "key pair" ? secret.seed : new Uint8Array();
  return crypto.subtle.importKey("pkcs8", joinBytes(pkcs8Prefix, seed), ed25519, false, [usage]);
}
