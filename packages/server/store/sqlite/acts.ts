// Everything that the writer can be asked to do, by name. The main thread knows these types and none of the code.
import { accept } from "./accept.ts";
import { agenda } from "./agenda.ts";
import { createTrigger, deleteProject, deleteTrigger, loadCatalogue, updateTrigger } from "./catalogue.ts";
import { claimDue } from "./claim.ts";
import { createKey, deleteKey, findKey } from "./keys.ts";
import { recover, renew } from "./leases.ts";
import { createProject } from "./new-project.ts";
import { prune } from "./prune.ts";
import { cancel, replay, retry } from "./repeats.ts";
import { settle } from "./settle.ts";
import type { Writing } from "./writing.ts";

export const acts = {
  accept,
  /** A reading of a millisecond or two; the reader's thread need not be there for it. */
  agenda: ({ db }: Writing, _request: null) => agenda(db),
  claimDue,
  settle,
  renew,
  recover,
  cancel,
  replay,
  retry,
  createProject,
  deleteProject,
  loadCatalogue,
  createTrigger,
  updateTrigger,
  deleteTrigger,
  createKey,
  deleteKey,
  findKey,
  prune,
  ping: ({ db }: Writing, _request: null): boolean => db.query("SELECT 1 FROM meta").get() !== undefined,
} as const;

export type Acts = typeof acts;
export type ActName = keyof Acts;
export type ActRequest<Name extends ActName> = Parameters<Acts[Name]>[1];
export type ActAnswer<Name extends ActName> = ReturnType<Acts[Name]>;

/** An act as it crosses to the writer. */
export interface PostedAct {
  readonly name: ActName;
  readonly request: unknown;
}
