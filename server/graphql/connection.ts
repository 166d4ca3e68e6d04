import { resolveCursorConnection, type PageInfoShape } from "@pothos/plugin-relay";
import { GraphQLError } from "graphql";
import { isUuid } from "../kernel/ids.ts";

/** What the relay plugin hands to the function that reads a page. */
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
  /** Items of a page when neither `first` nor `last` is given. */
  defaultSize: number;
  /** Most items of a page; a larger wish is cut to it. */
  maxSize: number;
  toCursor: (row: Row) => string;
  toNode: (row: Row) => Node;
}

/**
 * One page of a list, by Relay's rules.
 *
 * @param read reads the rows between two cursors, in reverse order when `inverted`
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
 * One page of a list that is only read from its beginning on; its edges are the rows themselves.
 *
 * @param read reads at most `limit` rows after a cursor, and tells whether there are more
 * @throws GraphQLError with code BAD_USER_INPUT when `first` is negative
 */
export async function paginateForward<Row>(
  { args, defaultSize, maxSize, toCursor }: ForwardOptions<Row>,
  read: (page: {
    after: string | undefined;
    limit: number;
  }) => Promise<{ rows: Row[]; hasMore: boolean }>,
): Promise<{ edges: (Row & { cursor: string })[]; pageInfo: PageInfoShape }> {
  const first = args.first ?? defaultSize;
  if (first < 0) throw badInput("`first` is a number from 0 up.");
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

/** A connection cursor of a list that is sorted by the given parts. Opaque to clients. */
export function toListCursor(...parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/**
 * The parts of a list cursor.
 *
 * @param count how many parts a cursor of this list has
 * @throws GraphQLError with code BAD_USER_INPUT when it is not one
 */
export function fromListCursor(cursor: string, count: number): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length === count) return parts.map(String);
  } catch {
    // Falls through to the error below: what a client sends need not be JSON.
  }
  throw notACursor();
}

/** A date within a list cursor. @throws GraphQLError as `fromListCursor` does */
export function dateOf(part: string | undefined): Date {
  const date = new Date(part ?? "");
  // Years of another length are written in a way that PostgreSQL does not read, and no item is from one.
  if (!/^[1-9]\d{3}-/.test(isoOf(date))) throw notACursor();
  return date;
}

function isoOf(date: Date): string {
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

/** A UUID within a list cursor. @throws GraphQLError as `fromListCursor` does */
export function uuidOf(part: string | undefined): string {
  if (part === undefined || !isUuid(part)) throw notACursor();
  return part;
}

/**
 * A number from 0 up within a list cursor.
 *
 * @param max the largest that the database's type holds
 * @throws GraphQLError as `fromListCursor` does
 */
export function countOf(part: string | undefined, max: number): number {
  const count = /^\d{1,16}$/.test(part ?? "") ? Number(part) : Number.NaN;
  if (!(count <= max)) throw notACursor();
  return count;
}

/** A text within a list cursor. @throws GraphQLError as `fromListCursor` does */
export function textOf(part: string | undefined): string {
  // PostgreSQL's text has no NUL, so no item of any list has one either.
  if (part === undefined || part.includes("\u0000")) throw notACursor();
  return part;
}

/** A number from 0 up, with or without a fraction, within a list cursor. @throws GraphQLError as `fromListCursor` does */
export function numberOf(part: string | undefined): number {
  const number = /^\d{1,16}(\.\d{1,24})?(e-\d{1,3})?$/.test(part ?? "") ? Number(part) : Number.NaN;
  if (Number.isNaN(number)) throw notACursor();
  return number;
}

function notACursor(): GraphQLError {
  return badInput("This is not a cursor of this list.");
}

function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_USER_INPUT" } });
}
