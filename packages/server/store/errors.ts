// What can go wrong with a store itself, told in the same words by every store. What the caller did wrong is never an
// error: each act answers it as a value (store.ts).

/** `store_busy` and `store_unavailable` are worth a repeat later; the others wait for a person. */
export type StoreErrorCode =
  /** More acts wait than the store takes; nothing of this one was kept. */
  | "store_busy"
  /** The disk is full; nothing of this act was kept. */
  | "store_full"
  /** The database cannot be trusted to write any more (a failed write or fsync, a thread that died). */
  | "store_unavailable"
  /** The database's content is damaged, or it is no database of Posthorn's. */
  | "store_corrupt"
  /** After `close`. */
  | "store_closed"
  /** Another process works in the same data folder. */
  | "store_locked"
  /** The database was written by a newer version of Posthorn. */
  | "store_too_new"
  /** This act failed in a way that nobody foresaw; nothing of it was kept, and the others go on. */
  | "store_failed";

export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.name = "StoreError";
    this.code = code;
  }
}
