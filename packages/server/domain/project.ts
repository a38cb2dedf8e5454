// A project, the tenant: everything belongs to exactly one, and nothing crosses.

export interface Project {
  readonly id: number;
  /** In paths: a-z, 0-9 and dashes, 1 to 63 characters. */
  readonly slug: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

export const projectSlugPattern = "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$";
export const defaultProject = { slug: "default", name: "Default" } as const;
