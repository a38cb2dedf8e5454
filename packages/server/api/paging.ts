// Lists, page by page: keyset cursors that say where a page ended and nothing that a client could count on (STANDARDS §6.5).
import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import type { Page, PageRequest } from "../store/store.ts";
import { Problem } from "./problems.ts";

const maxPageSize = 1000;
const defaultPageSize = 50;

/** The query parameters of every list; a list adds its filters. */
export const pageParameters = {
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: maxPageSize, description: `Rows of a page; ${defaultPageSize} if not given.` }),
  ),
  cursor: Type.Optional(
    Type.String({ maxLength: 200, description: "`nextCursor` or `prevCursor` of an earlier answer." }),
  ),
};
const pageQuery = Type.Object(pageParameters);

/** Query parameters are text; whole numbers among them become numbers before they are validated, and nothing else does. */
export async function readNumbers(request: FastifyRequest): Promise<void> {
  // The parser of query strings answers an object without prototype.
  const query = request.query as Record<string, unknown>;
  if (typeof query.limit === "string" && /^\d{1,9}$/.test(query.limit)) query.limit = Number(query.limit);
}

export interface AskedPage {
  readonly page: PageRequest;
  /** The cursors around what was found, for the answer's body; they go into its Link header too. */
  link<T>(reply: FastifyReply, found: Page<T>, keyOf: (row: T) => number): PageLinks;
}

export interface PageLinks {
  readonly nextCursor: string | null;
  readonly prevCursor: string | null;
}

/**
 * The page that the query asks for, of a list of this project (`owner`: of one thing in it). Throws where the cursor is
 * not one of this list.
 */
export function askedPage(request: FastifyRequest, projectId: number, owner = ""): AskedPage {
  // Validated against a schema that holds `pageParameters`.
  const { limit = defaultPageSize, cursor } = request.query as Static<typeof pageQuery>;
  const name = `${listName(request, projectId)} ${owner}`;
  const place = cursor === undefined ? {} : readCursor(cursor, name);
  if (place === undefined) throw new Problem("invalid_cursor", "the cursor is not one of this list with these filters");
  const page: PageRequest = { limit, ...place };
  return {
    page,
    link(reply, found, keyOf) {
      const { older, newer } = edgesOf(page, found, keyOf);
      const nextCursor = found.hasOlder && older !== undefined ? writeCursor({ before: older }, name) : null;
      const prevCursor = found.hasNewer && newer !== undefined ? writeCursor({ after: newer }, name) : null;
      const links = [linkTo(request, nextCursor, "next"), linkTo(request, prevCursor, "prev")].filter(Boolean);
      if (links.length > 0) reply.header("link", links.join(", "));
      return { nextCursor, prevCursor };
    },
  };
}

/** Where a page ends on either side. An empty page ends where it began, and a search that paused ends where it paused. */
function edgesOf<T>({ before, after }: PageRequest, { rows, stoppedAt }: Page<T>, keyOf: (row: T) => number) {
  const [newest, oldest] = [rows[0], rows.at(-1)];
  const isBackwards = after !== undefined && before === undefined;
  const newer = newest !== undefined ? keyOf(newest) : before !== undefined ? before - 1 : undefined;
  const older = oldest !== undefined ? keyOf(oldest) : after !== undefined ? after + 1 : undefined;
  if (stoppedAt === undefined) return { older, newer };
  return isBackwards ? { older, newer: stoppedAt } : { older: stoppedAt, newer };
}

/** A page of rows that are in memory already, which come in the order of their keys. */
export function pageOf<T>(
  all: readonly T[],
  { limit, before, after }: PageRequest,
  keyOf: (row: T) => number,
): Page<T> {
  const newestFirst = all.toReversed();
  const inside = newestFirst.filter((row) => keyOf(row) < (before ?? Infinity) && keyOf(row) > (after ?? -Infinity));
  const rows = after === undefined ? inside.slice(0, limit) : inside.slice(-limit);
  const [newest, oldest] = [rows[0], rows.at(-1)];
  return {
    rows,
    hasOlder: oldest !== undefined && oldest !== newestFirst.at(-1),
    hasNewer: newest !== undefined && newest !== newestFirst[0],
  };
}

// ── Cursors ────────────────────────────────────────────────────────────────────────────────────────────────────────

type Place = { readonly before: number } | { readonly after: number };

/** What a cursor belongs to: the path, the project behind it and the filters, in one order. */
function listName(request: FastifyRequest, projectId: number): string {
  // The parser of query strings answers an object.
  const filters = Object.entries(request.query as object)
    .filter(([name]) => name !== "limit" && name !== "cursor")
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([request.routeOptions.url, projectId, filters]);
}

function writeCursor(place: Place, listName: string): string {
  const text = "before" in place ? `b${place.before}` : `a${place.after}`;
  return Buffer.from(`${text}.${seal(text, listName)}`).toString("base64url");
}

function readCursor(cursor: string, listName: string): Place | undefined {
  const [text = "", tag] = Buffer.from(cursor, "base64url").toString("latin1").split(".");
  const [, direction, digits] = /^([ab])(\d{1,16})$/.exec(text) ?? [];
  if (digits === undefined || tag !== seal(text, listName)) return undefined;
  const sequence = Number(digits);
  return direction === "b" ? { before: sequence } : { after: sequence };
}

/** Not a secret: it only tells a cursor of this list from one of another, and from a guess. */
function seal(text: string, listName: string): string {
  return hash("sha256", `${text} ${listName}`, "hex").slice(0, 12);
}

function linkTo(request: FastifyRequest, cursor: string | null, relation: "next" | "prev"): string {
  if (cursor === null) return "";
  const { pathname, searchParams } = new URL(request.url, "http://node");
  searchParams.set("cursor", cursor);
  return `<${pathname}?${searchParams}>; rel="${relation}"`;
}
