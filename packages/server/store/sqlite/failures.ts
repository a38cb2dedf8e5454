// Translates what SQLite says into the words of the seam, once and here (store/errors.ts).
import { StoreError, type StoreErrorCode } from "../errors.ts";

/** Primary result codes (sqlite.org/rescode.html); extended codes carry more in their higher bits. */
const codes: Readonly<Record<number, StoreErrorCode>> = {
  8: "store_unavailable", // READONLY: somebody took the right to write away
  10: "store_unavailable", // IOERR: after a failed fsync nobody knows what is on disk
  11: "store_corrupt",
  13: "store_full",
  14: "store_unavailable", // CANTOPEN
  26: "store_corrupt", // NOTADB
};

export function translateFailure(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = codes[resultCode(error) & 0xff] ?? "store_failed";
  return new StoreError(code, `the embedded store: ${error instanceof Error ? error.message : String(error)}`);
}

/** True where no later write can be trusted: the writer says no from then on, until a new start has read what is on disk. */
export function endsWriting(failure: StoreError): boolean {
  return failure.code === "store_unavailable" || failure.code === "store_corrupt";
}

/** True where the fault may lie in one act, and the others of its group deserve to be tried without it. */
export function concernsOneAct(failure: StoreError): boolean {
  return failure.code === "store_failed";
}

function resultCode(error: unknown): number {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return 0;
  return typeof error.errcode === "number" ? error.errcode : 0;
}
