// Claims in the memory of one process: for tests, and for receivers that run once and may forget at a restart.
import { type Claims, type ClaimsOptions, defaultKeepMs } from "./claims.ts";
import { type Outside, systemOutside } from "./outside.ts";

interface Entry {
  /** Undefined once it is confirmed. */
  readonly token: string | undefined;
  readonly expiresAt: number;
}

export interface MemoryClaimsOptions extends ClaimsOptions {
  /** The oldest keys are forgotten beyond this many; 100,000 if not given. */
  readonly maxKeys?: number;
  readonly outside?: Pick<Outside, "now" | "uuid">;
}

export function memoryClaims(options: MemoryClaimsOptions = {}): Claims {
  const { keepMs = defaultKeepMs, maxKeys = 100_000, outside = systemOutside } = options;
  const entries = new Map<string, Entry>();
  const put = (key: string, entry: Entry): void => {
    // Deleted first, so that the order of the map is that of the last change.
    entries.delete(key);
    entries.set(key, entry);
    if (entries.size > maxKeys) entries.delete(entries.keys().next().value ?? key);
  };
  return {
    async claim(key, leaseMs) {
      const now = outside.now();
      const entry = entries.get(key);
      if (entry !== undefined && entry.expiresAt > now)
        return entry.token === undefined ? { kind: "done" } : { kind: "busy", forMs: entry.expiresAt - now };
      const token = outside.uuid();
      put(key, { token, expiresAt: now + leaseMs });
      return { kind: "claimed", token };
    },
    async confirm(key, token) {
      if (entries.get(key)?.token !== token) return false;
      put(key, { token: undefined, expiresAt: outside.now() + keepMs });
      return true;
    },
    async release(key, token) {
      if (entries.get(key)?.token === token) entries.delete(key);
    },
  };
}
