import { resolveCursorConnection, type PageInfoShape } from "@pothos/plugin-relay";
import { GraphQLError } from "graphql";
import { isUuid } from "../kernel/ids.ts";

/** The page arguments that the relay plugin passes to the function that reads a page. */
export interface CursorPage {
  before?: string | undefined;
  after?: string | undefined;
  limit: number;
  inverted: boolean;
}

interface PageArguments {
  first?: number | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  after?: string | null | undefined;
}

export interface Connection<Node> {
  edges: { cursor: string; node: Node }[];
  pageInfo: PageInfoShape;
}

export interface PaginateOptions<Row, Node> {
  args: PageArguments;
  /** Page size when neither `first` nor `last` is given. */
  defaultSize: number;
  /** Maximum page size; a larger value is reduced to it. */
  maxSize: number;
  toCursor: (row: Row) => string;
  toNode: (row: Row) => Node;
}

/**
 * Reads one page of a list by Relay's rules.
 *
 * @param read reads the rows between two cursors, in reverse order if `inverted`
 */
export async function paginate<Row, Node>(
  options: PaginateOptions<Row, Node>,
  read: (page: CursorPage) => Promise<Row[]>,
): Promise<Connection<Node>> {
  const { args, defaultSize, maxSize, toCursor, toNode } = options;
  const page = await resolveCursorConnection<Promise<Row[]>>(
    { args, defaultSize, maxSize, toCursor },
    read,
  );
  const edges = page.edges as unknown as { cursor: string; node: Row }[];
  const pageInfo = {
    ...page.pageInfo,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
  return { pageInfo, edges: edges.map(({ cursor, node }) => ({ cursor, node: toNode(node) })) };
}

export interface ForwardOptions<Row> {
  args: Pick<PageArguments, "first" | "after">;
  defaultSize: number;
  maxSize: number;
  toCursor: (row: Row) => string;
}

/**
 * Reads one page of a list that only pages forward; its edges are the rows themselves.
 *
 * @param read reads at most `limit` rows after a cursor and returns whether there are more
 * @throws GraphQLError with code BAD_USER_INPUT if `first` is negative
 */
export async function paginateForward<Row>(
  { args, defaultSize, maxSize, toCursor }: ForwardOptions<Row>,
  read: (page: {
    after: string | undefined;
    limit: number;
  }) => Promise<{ rows: Row[]; hasMore: boolean }>,
): Promise<{ edges: (Row & { cursor: string })[]; pageInfo: PageInfoShape }> {
  const first = args.first ?? defaultSize;
  if (first < 0) throw badInput("`first` must not be negative.");
  const { rows, hasMore } = await read({
    after: args.after ?? undefined,
    limit: Math.min(first, maxSize),
  });
  const edges = rows.map((row) => ({ ...row, cursor: toCursor(row) }));
  return {
    edges,
    pageInfo: {
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
      hasNextPage: hasMore,
      hasPreviousPage: false,
    },
  };
}

/** Encodes the sort key of a list item as an opaque connection cursor. */
export function toListCursor(...parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/**
 * Decodes a list cursor into the parts of its sort key.
 *
 * @param count number of parts in a cursor of this list
 * @throws GraphQLError with code BAD_USER_INPUT if the cursor is invalid
 */
export function fromListCursor(cursor: string, count: number): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length === count) return parts.map(String);
  } catch {
    // Falls through to the error below: what a client sends need not be JSON.
  }
  throw invalidCursor();
}

/** Parses a date in a list cursor. @throws GraphQLError as `fromListCursor` does */
export function dateOf(part: string | undefined): Date {
  const date = new Date(part ?? "");
  // PostgreSQL cannot parse years with more or fewer than four digits, and no item has one.
  if (!/^[1-9]\d{3}-/.test(isoOf(date))) throw invalidCursor();
  return date;
}

function isoOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

/** Parses a UUID in a list cursor. @throws GraphQLError as `fromListCursor` does */
export function uuidOf(part: string | undefined): string {
  if (part === undefined || !isUuid(part)) throw invalidCursor();
  return part;
}

/**
 * Parses a non-negative integer in a list cursor.
 *
 * @param max maximum of the column's type
 * @throws GraphQLError as `fromListCursor` does
 */
export function countOf(part: string | undefined, max: number): number {
  const count = /^\d{1,16}$/.test(part ?? "") ? Number(part) : Number.NaN;
  if (!(count <= max)) throw invalidCursor();
  return count;
}

/** Parses a text in a list cursor. @throws GraphQLError as `fromListCursor` does */
export function textOf(part: string | undefined): string {
  // PostgreSQL's text has no NUL, so no item has one either.
  if (part === undefined || part.includes("\u0000")) throw invalidCursor();
  return part;
}

/**
 * Parses a non-negative number in a list cursor, possibly with a fraction. @throws GraphQLError as
 * `fromListCursor` does
 */
export function numberOf(part: string | undefined): number {
  const number = /^\d{1,16}(\.\d{1,24})?(e-\d{1,3})?$/.test(part ?? "") ? Number(part) : Number.NaN;
  if (Number.isNaN(number)) throw invalidCursor();
  return number;
}

function invalidCursor(): GraphQLError {
  return badInput("This is not a cursor of this list.");
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
}
