// Pages of any list: finds the sequence numbers of a page by an index alone, and says what lies to either side of it.
import type { PageRequest } from "../store.ts";
import type { Database } from "./database.ts";
import { type FlatValue, readFlat } from "./flat.ts";

/** Strictly above and strictly below these sequence numbers. */
export interface Range {
  readonly above: number;
  readonly below: number;
}
export const wholeRange: Range = { above: -1, below: Number.MAX_SAFE_INTEGER };

export type Direction = "ASC" | "DESC";

/**
 * One list: SQL whose rows are a sequence number, in the order of `direction`, and 1 or 0 for whether the row fits, where
 * the index alone does not decide that.
 */
export type Listing = (
  range: Range,
  direction: Direction,
) => { readonly sql: string; readonly values: readonly FlatValue[] };

export interface FoundPage {
  /** Newest first. */
  readonly sequences: readonly number[];
  readonly hasOlder: boolean;
  readonly hasNewer: boolean;
  /** See `Page.stoppedAt`. */
  readonly stoppedAt?: number;
}

/**
 * Rows of an index that one page may look at: some 20 ms. Only combinations of filters that no index serves alone
 * (a type and a status, say) ever come to it.
 */
export const maxLooks = 20_000;

/** `within` is what the list is cut to, a range of time for instance; the page's cursors lie inside it or not. */
export function findPage(db: Database, listing: Listing, within: Range, page: PageRequest): FoundPage {
  const { limit, before, after } = page;
  const range = { above: Math.max(within.above, after ?? -1), below: Math.min(within.below, before ?? within.below) };
  const isBackwards = pagesBackwards(page);
  const walk = walkIndex(db, listing(range, isBackwards ? "ASC" : "DESC"), limit);
  const hasRow = (rest: Range): boolean => walkIndex(db, listing(rest, "DESC"), 0).hasMore;
  return {
    sequences: isBackwards ? walk.sequences.toReversed() : walk.sequences,
    hasOlder:
      (!isBackwards && walk.hasMore) || (after !== undefined && hasRow({ above: within.above, below: after + 1 })),
    hasNewer:
      (isBackwards && walk.hasMore) || (before !== undefined && hasRow({ above: before - 1, below: within.below })),
    ...(walk.stoppedAt === undefined ? {} : { stoppedAt: walk.stoppedAt }),
  };
}

/** Towards newer rows: only `after` is given. */
export function pagesBackwards(page: PageRequest): boolean {
  return page.after !== undefined && page.before === undefined;
}

interface Walk {
  readonly sequences: readonly number[];
  readonly hasMore: boolean;
  readonly stoppedAt?: number;
}

function walkIndex(
  db: Database,
  { sql, values }: { readonly sql: string; readonly values: readonly FlatValue[] },
  limit: number,
): Walk {
  const sequences: number[] = [];
  let looks = 0;
  for (const found of db.query(sql).iterate(...values)) {
    const row = readFlat(found);
    const sequence = row.number();
    const fits = row.number() === 1;
    if (fits && sequences.length === limit) return { sequences, hasMore: true };
    if (fits) sequences.push(sequence);
    looks += 1;
    if (looks === maxLooks + limit) return { sequences, hasMore: true, stoppedAt: sequence };
  }
  return { sequences, hasMore: false };
}
