// Lists of the API, page by page or one by one.
import type { Call, CallOptions } from "./request.ts";

export interface Page<Row> {
  readonly data: readonly Row[];
  /** For `cursor` of the next call; null at the end. */
  readonly nextCursor: string | null;
  readonly prevCursor: string | null;
}

export interface PageWish extends CallOptions {
  /** 1 to 1,000; 50 if not given. */
  readonly limit?: number;
  readonly cursor?: string;
}

export async function getPage<Row>(call: Call, path: string, { signal, ...wish }: PageWish): Promise<Page<Row>> {
  // The filters of a list are texts and numbers.
  const query = wish as Readonly<Record<string, string | number | undefined>>;
  const answer = await call({ method: "GET", path, query, isRepeatable: true, ...(signal && { signal }) });
  // The contract of every list.
  return answer as Page<Row>;
}

/** All rows, newest first, fetched as they are asked for. */
export async function* eachRow<Row>(
  getPage: (cursor: string | undefined) => Promise<Page<Row>>,
): AsyncGenerator<Row, undefined, undefined> {
  for (let cursor: string | undefined; ; ) {
    const page = await getPage(cursor);
    yield* page.data;
    if (page.nextCursor === null) return;
    cursor = page.nextCursor;
  }
}
