// Group commit: runs all acts that came together in one transaction with one fsync. When one of them fails, the others
// are run again without it, so that a poisoned act fails alone.
import { StoreError } from "../errors.ts";
import { acts, type PostedAct } from "./acts.ts";
import { concernsOneAct, endsWriting, translateFailure } from "./failures.ts";
import type { Writing } from "./writing.ts";

export type GroupAnswer =
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "failure"; readonly failure: StoreError };

/** Answers each act, in order. All that is answered is on disk. */
export type RunGroup = (group: readonly PostedAct[]) => readonly GroupAnswer[];

export function createRunGroup(writing: Writing): RunGroup {
  /** Set for good by the first failure after which no write can be trusted. */
  let ended: StoreError | null = null;

  return (group) => {
    if (ended !== null) return failAll(group, ended);
    const together = attempt(writing, () => group.map((act) => answer(runAct(writing, act))));
    if (!(together instanceof StoreError)) return together;
    const failure = concernsOneAct(together) ? runApart(writing, group) : together;
    if (!(failure instanceof StoreError)) return failure;
    if (endsWriting(failure)) ended = new StoreError("store_unavailable", `${failure.message}; restart to go on`);
    return failAll(group, failure);
  };
}

/** One transaction, with a savepoint around each act. */
function runApart(writing: Writing, group: readonly PostedAct[]): readonly GroupAnswer[] | StoreError {
  return attempt(writing, () =>
    group.map((act) => {
      writing.db.execute("SAVEPOINT act");
      try {
        const done = answer(runAct(writing, act));
        // What an act noted counts only once the act has succeeded.
        writing.writeTallies();
        writing.db.execute("RELEASE act");
        return done;
      } catch (error) {
        const failure = translateFailure(error);
        if (!concernsOneAct(failure)) throw failure;
        writing.dropTallies();
        writing.db.execute("ROLLBACK TO act; RELEASE act");
        return { kind: "failure", failure };
      }
    }),
  );
}

/** Runs `work` in a transaction; whatever goes wrong is rolled back and answered. */
function attempt<T>(writing: Writing, work: () => T): T | StoreError {
  const { db } = writing;
  try {
    db.execute("BEGIN IMMEDIATE");
    const result = work();
    writing.writeTallies();
    db.execute("COMMIT");
    return result;
  } catch (error) {
    writing.dropTallies();
    if (db.isInTransaction()) db.execute("ROLLBACK");
    return translateFailure(error);
  }
}

function runAct(writing: Writing, { name, request }: PostedAct): unknown {
  // `line.ts` posts a name only together with that act's own request; the compiler cannot follow the pair across threads.
  const run = acts[name] as (writing: Writing, request: unknown) => unknown;
  return run(writing, request);
}

function answer(value: unknown): GroupAnswer {
  return { kind: "answer", value };
}

function failAll(group: readonly PostedAct[], failure: StoreError): readonly GroupAnswer[] {
  return group.map(() => ({ kind: "failure", failure }));
}
