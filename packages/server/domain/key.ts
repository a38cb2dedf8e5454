// API keys: who may do what in which project. A key is shown once; only its hash is kept.

export const scopes = [
  "events:write",
  "events:read",
  "triggers:write",
  "triggers:read",
  "functions:write",
  "hooks:run",
  "users:write",
  "admin",
] as const;
export type Scope = (typeof scopes)[number];

export interface Key {
  readonly id: string;
  readonly projectId: number;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** `admin` of a project may do everything in it; a write scope does not include the read scope beside it. */
export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.includes("admin") || granted.includes(needed);
}
