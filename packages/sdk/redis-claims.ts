// Claims in Redis or Valkey: for receivers on several machines. Takes a function that sends a command, which every driver has.
// Redis forgets keys by itself, and its clock decides.
import { type Claims, type ClaimsOptions, defaultKeepMs } from "./claims.ts";
import { type Outside, systemOutside } from "./outside.ts";

/** Sends one command and answers what Redis answered: `(words) => client.sendCommand(words)`, `(words) => redis.call(...words)`. */
export type RedisCommand = (words: string[]) => Promise<unknown>;

export interface RedisClaimsOptions extends ClaimsOptions {
  /** Before every key; "posthorn:" if not given. */
  readonly prefix?: string;
  readonly outside?: Pick<Outside, "uuid">;
}

/** No token looks like it. */
const done = "done";

/** Changes a key only while its token is still ours. An empty time deletes it. */
const change = `
  if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
  if ARGV[2] == "" then redis.call("DEL", KEYS[1]) else redis.call("SET", KEYS[1], "${done}", "PX", ARGV[2]) end
  return 1`;

export function redisClaims(send: RedisCommand, options: RedisClaimsOptions = {}): Claims {
  const { keepMs = defaultKeepMs, prefix = "posthorn:", outside = systemOutside } = options;
  const settle = (key: string, token: string, forMs: string): Promise<unknown> =>
    send(["EVAL", change, "1", prefix + key, token, forMs]);
  return {
    async claim(key, leaseMs) {
      const token = outside.uuid();
      const name = prefix + key;
      const set = await send(["SET", name, token, "NX", "PX", String(Math.ceil(leaseMs))]);
      if (set !== null) return { kind: "claimed", token };
      if (String(await send(["GET", name])) === done) return { kind: "done" };
      return { kind: "busy", forMs: Math.max(Number(await send(["PTTL", name])), 0) };
    },
    async confirm(key, token) {
      return Number(await settle(key, token, String(Math.ceil(keepMs)))) === 1;
    },
    async release(key, token) {
      await settle(key, token, "");
    },
  };
}
