// Secrets at rest: what a database holds of them is sealed with the platform's own key (AES-256-GCM, a fresh nonce each).
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { Randomness } from "./randomness.ts";

export interface Vault {
  seal(plain: string): string;
  /** Throws when the text was sealed with another key or changed since. */
  open(sealed: string): string;
}

const version = "v1";
const nonceBytes = 12;
const tagBytes = 16;

/** `key` is 32 bytes. A sealed text reads `v1.` and base64url of nonce, tag and cipher text. */
export function createVault(key: Uint8Array, randomness: Randomness): Vault {
  return {
    seal(plain) {
      const nonce = randomness.bytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", key, nonce);
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return `${version}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url")}`;
    },
    open(sealed) {
      if (!sealed.startsWith(`${version}.`)) throw new Error("a sealed text of an unknown version");
      const bytes = Buffer.from(sealed.slice(version.length + 1), "base64url");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, "utf8") + decipher.final("utf8");
    },
  };
}
