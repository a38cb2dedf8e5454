// Everything that the reader can be asked, by name. A reading of one project looks first whether the project is there:
// what a deleted one held is nobody's any more, although prune has not erased it yet.
import type { Database } from "./database.ts";
import { findDelivery, listAttempts, listDeliveries } from "./deliveries.ts";
import { emptyPage, findEvents, listEvents } from "./events.ts";
import { listKeys } from "./keys.ts";
import { listProjects } from "./projects.ts";
import { noStats, stats } from "./stats.ts";

export const readings = {
  listProjects,
  listKeys: ofLiving((db, { projectId }: { readonly projectId: number }) => listKeys(db, projectId), []),
  listEvents: ofLiving(listEvents, emptyPage),
  findEvents: ofLiving(findEvents, []),
  listDeliveries: ofLiving(listDeliveries, emptyPage),
  findDelivery: ofLiving(findDelivery, null),
  listAttempts: ofLiving(listAttempts, null),
  stats: ofLiving((db, { projectId }: { readonly projectId: number }) => stats(db, projectId), noStats),
} as const;

export type Readings = typeof readings;
export type ReadingName = keyof Readings;
export type ReadingRequest<Name extends ReadingName> = Parameters<Readings[Name]>[1];
export type ReadingAnswer<Name extends ReadingName> = ReturnType<Readings[Name]>;

function ofLiving<Request extends { readonly projectId: number }, Answer>(
  read: (db: Database, request: Request) => Answer,
  absent: Answer,
): (db: Database, request: Request) => Answer {
  return (db, request) => {
    const found = db.query("SELECT 1 FROM projects WHERE id = ? AND deleted_at IS NULL").get(request.projectId);
    return found === undefined ? absent : read(db, request);
  };
}
