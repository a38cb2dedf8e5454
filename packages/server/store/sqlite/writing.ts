// What every act of the writer works with: the connection, the next sequence number and the tallies of its transaction.
import type { DeliveryState } from "../../domain/delivery.ts";
import { sequenceAt } from "../../domain/ids.ts";
import type { Database } from "./database.ts";
import { readFlat } from "./flat.ts";

type Tally = "events" | DeliveryState;

export interface Writing {
  readonly db: Database;
  /** The next place in time, for an event or a delivery. */
  nextSequence(now: number): number;
  /** Notes that a project has so many more (or fewer) of a kind; written once for the whole group. */
  tally(projectId: number, kind: Tally, change: number): void;
  /** Writes what was noted. Part of the transaction. */
  writeTallies(): void;
  /** Forgets what was noted: the transaction is rolled back. */
  dropTallies(): void;
  /** Where `prune` goes on reading: the events before it were looked at in this pass. */
  prunedTo: number;
}

const addToTally = `
  INSERT INTO tallies (project_id, kind, count) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;

export function createWriting(db: Database): Writing {
  let lastSequence = Math.max(
    newestSequence(db, "SELECT max(sequence) FROM events"),
    newestSequence(db, "SELECT max(sequence) FROM deliveries"),
  );
  const noted = new Map<number, Map<Tally, number>>();
  return {
    db,
    prunedTo: 0,
    // A clock that was set back does not put new rows before old ones, and no number is given out twice.
    nextSequence: (now) => {
      lastSequence = Math.max(lastSequence + 1, sequenceAt(now));
      return lastSequence;
    },
    tally(projectId, kind, change) {
      const ofProject = noted.get(projectId) ?? new Map<Tally, number>();
      noted.set(projectId, ofProject.set(kind, (ofProject.get(kind) ?? 0) + change));
    },
    writeTallies() {
      for (const [projectId, ofProject] of noted) {
        for (const [kind, change] of ofProject) if (change !== 0) db.query(addToTally).run(projectId, kind, change);
      }
      noted.clear();
    },
    dropTallies: () => noted.clear(),
  };
}

function newestSequence(db: Database, sql: string): number {
  const row = db.query(sql).get();
  return (row === undefined ? null : readFlat(row).maybeNumber()) ?? 0;
}
