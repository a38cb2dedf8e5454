// API keys of a project.
import { type Call, type CallOptions, segment } from "./request.ts";

export type Scope =
  | "events:write"
  | "events:read"
  | "triggers:write"
  | "triggers:read"
  | "functions:write"
  | "hooks:run"
  | "users:write"
  | "admin";

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
}

/** A new key; `key` is never shown again. */
export interface CreatedKey extends Key {
  readonly key: string;
}

export interface Keys {
  create(
    wish: { readonly name: string; readonly scopes: readonly Scope[] },
    options?: CallOptions,
  ): Promise<CreatedKey>;
  list(options?: CallOptions): Promise<readonly Key[]>;
  delete(id: string, options?: CallOptions): Promise<void>;
}

export function createKeys(call: Call): Keys {
  // Every answer below is what its path promises in the OpenAPI document.
  return {
    create: async (wish, options) => {
      const body = JSON.stringify(wish);
      return (await call({ ...options, method: "POST", path: "/keys", body, isRepeatable: false })) as CreatedKey;
    },
    list: async (options) => {
      const answer = await call({ ...options, method: "GET", path: "/keys", isRepeatable: true });
      return (answer as { readonly data: readonly Key[] }).data;
    },
    delete: async (id, options) => {
      await call({ ...options, method: "DELETE", path: `/keys/${segment(id)}`, isRepeatable: true });
    },
  };
}
