import { isTimeout, type Database } from "../../infra/database/database.ts";
import { SearchTimeoutError } from "./search.errors.ts";
import { toIndexEntry, INDEXED_COLUMNS, type IndexEntry, type IndexedRow } from "./index-entry.ts";
import { quoted } from "./query.ts";
import { toPositionWindows, type PositionWindow } from "./position-windows.ts";

/** Maximum number of unindexed messages that a search includes, most recently changed first. */
const UNINDEXED_LIMIT = 2_000;
/** Number of newest matches among which the best are ranked. */
const RANKED = 500;
/**
 * With no more messages than this in the searched conversations, PostgreSQL chooses the plan; with more,
 * the newest messages are searched first.
 */
const SMALL_SCOPE = 20_000;
/**
 * With no more messages than this, and no more than this share of all, only the very newest are searched
 * first: matches are rare in a small part of the log, so the search would read every message with the
 * word, mostly from other conversations.
 */
const SPARSE_SCOPE = 50_000;
const SPARSE_SHARE = 0.05;

/** The conversations and the condition of a search. */
export interface SearchScope {
  conversationIds: readonly string[];
  /** Approximate number of messages in them. */
  size: number;
}

export interface SearchRequest {
  scope: SearchScope;
  /** The text of a tsquery that must match, without the words of windows; empty for any message. */
  condition: string;
  /** The tsquery by which matches are ranked; null to sort by time. */
  ranking: string | null;
  /** Searched positions of the index (exclusive end). */
  from: number;
  to: number;
  /** The newest position to return, indexed or not. */
  newest: number;
  createdBefore: Date | null;
  createdAfter: Date | null;
  fresh: FreshEntries;
  after: FoundMessage | null;
  limit: number;
}

/** Sort key of a result: by rank, then by position, highest first. */
export interface FoundMessage {
  messageId: string;
  position: number;
  rank: number;
}

/** Changes since the index was last updated. */
export interface FreshEntries {
  /** All changed messages; their index entries are outdated. */
  changed: readonly string[];
  /** The changed messages that search can find, in their current state. */
  entries: readonly IndexEntry[];
}

export interface Progress {
  /** Position of the newest event. */
  head: number;
  /** First position after the messages before `createdBefore`; null without that filter. */
  before: number | null;
  /** Position of the first message after `createdAfter`; null without that filter. */
  after: number | null;
  fresh: FreshEntries;
}

export interface SearchStore {
  /** Positions of log and index. @throws SearchTimeoutError */
  progress(createdBefore: Date | null, createdAfter: Date | null): Promise<Progress>;
  /** @throws SearchTimeoutError */
  find(request: SearchRequest): Promise<FoundMessage[]>;
}

type ProgressRow = Pick<Progress, "head" | "before" | "after"> & IndexedRow;

const PROGRESS = `
  WITH changed AS (
    SELECT DISTINCT event."messageId" FROM (
      SELECT e."messageId" FROM "Event" e
      WHERE e.position > (SELECT s.position FROM "SearchIndex" s WHERE s.id = 1) AND e."messageId" IS NOT NULL
      ORDER BY e.position DESC LIMIT ${String(UNINDEXED_LIMIT)}
    ) event
  )
  SELECT place.*, message.*
  FROM (
    SELECT h.position::float8 AS head,
           (SELECT b.position + 1 FROM "MessageSearch" b WHERE b."createdAt" < $1::timestamptz
            ORDER BY b."createdAt" DESC, b.position DESC LIMIT 1)::float8 AS before,
           (SELECT a.position FROM "MessageSearch" a WHERE a."createdAt" > $2::timestamptz
            ORDER BY a."createdAt", a.position LIMIT 1)::float8 AS after
    FROM "LogHead" h WHERE h.id = 1
  ) place
  LEFT JOIN (
    SELECT ${INDEXED_COLUMNS} FROM "Message" m WHERE m.id IN (SELECT c."messageId" FROM changed c)
  ) message ON true`;

export function makeSearchStore(database: Database): SearchStore {
  const { bounded } = database;

  const inTime = async <Rows>(rows: Promise<Rows>): Promise<Rows> => {
    try {
      return await rows;
    } catch (error) {
      throw isTimeout(error) ? new SearchTimeoutError() : error;
    }
  };

  return {
    progress: async (createdBefore, createdAfter) => {
      const rows = await inTime(
        bounded.query<ProgressRow>(PROGRESS, [createdBefore, createdAfter]),
      );
      const messages = rows.filter((row) => (row.id as string | null) !== null);
      const { head = 0, before = null, after = null } = rows[0] ?? {};
      return {
        head,
        before,
        after,
        fresh: {
          changed: messages.map(({ id }) => id),
          entries: messages.filter(({ isSearched }) => isSearched).map(toIndexEntry),
        },
      };
    },
    find: (request) => {
      const { text, values } = statementOf(request);
      return inTime(bounded.queryUnprepared<FoundMessage>(text, values));
    },
  };
}

/** A searched range: by its spans, or by a plan of PostgreSQL's choice. */
type Part = PositionWindow & { isPlain: boolean };

/** Returns the parts to search in sequence, newest first. */
function partsOf({ scope, condition, from, to }: SearchRequest): Part[] {
  const plain = (end: number): Part => ({
    ...{ from, to: Math.max(end, from), marks: [], isPlain: true },
  });
  if (scope.size <= SMALL_SCOPE) return [plain(to)];
  const windows = toPositionWindows(from, to).map((window) => {
    // Searching the spans of nearly everything costs more than it saves.
    const isMost = condition !== "" && 2 * (window.to - window.from) > to - from;
    return { ...window, marks: isMost ? [] : window.marks, isPlain: false };
  });
  const [newest] = windows;
  if (newest === undefined) return [plain(to)];
  const isSparse = scope.size <= Math.min(SPARSE_SCOPE, SPARSE_SHARE * (to - from));
  return isSparse ? [newest, plain(newest.from)] : windows;
}

/** Builds the statement of a search. Separate, so that tests can inspect its plan. */
function statementOf(request: SearchRequest): { text: string; values: unknown[] } {
  const { scope, condition, ranking, after, limit, fresh } = request;
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${String(values.push(value))}`;
  const inScope = new Set(scope.conversationIds);
  const conversations = bind([...scope.conversationIds]);
  const changed = bind([...fresh.changed]);
  const created = [
    ...(request.createdBefore === null
      ? []
      : [`"createdAt" < ${bind(request.createdBefore)}::timestamptz`]),
    ...(request.createdAfter === null
      ? []
      : [`"createdAt" > ${bind(request.createdAfter)}::timestamptz`]),
  ];
  const wanted = bind(ranking === null ? limit : RANKED);
  const searched = partsOf(request).map(({ from, to, marks, isPlain }) => {
    const match = [condition, marks.map(quoted).join(" | ")].filter((part) => part !== "");
    const conditions = [
      ...(match.length === 0
        ? []
        : [`words @@ ${bind(match.map((part) => `(${part})`).join(" & "))}::tsquery`]),
      // With the position index, PostgreSQL would read every message in a window.
      `${isPlain ? "position" : "position + 0"} BETWEEN ${bind(from)}::bigint AND ${bind(to - 1)}::bigint`,
      // Hashed once for each searched window; as a join, it would mislead PostgreSQL's planner.
      isPlain
        ? `"conversationId" = ANY(${conversations}::uuid[])`
        : `("conversationId" IN (SELECT id FROM scope)) IS TRUE`,
      `"messageId" <> ALL(${changed}::uuid[])`,
      ...created,
    ];
    // Sorting few rows is cheap. With the position index, PostgreSQL would read the whole log to find
    // them.
    return `(SELECT "messageId", position, words FROM "MessageSearch" WHERE ${conditions.join(" AND ")}
             ORDER BY position + 0 DESC LIMIT ${wanted}::int)`;
  });

  const entries = fresh.entries.filter(
    ({ conversationId, position }) => inScope.has(conversationId) && position <= request.newest,
  );
  const freshOnes = `
    SELECT "messageId", position, words
    FROM unnest(${bind(entries.map((entry) => entry.messageId))}::uuid[], ${bind(entries.map((entry) => entry.position))}::bigint[],
                ${bind(entries.map((entry) => entry.createdAt))}::timestamptz[], ${bind(entries.map((entry) => entry.words))}::tsvector[])
      AS entry ("messageId", position, "createdAt", words)
    WHERE ${[...(condition === "" ? [] : [`words @@ ${bind(condition)}::tsquery`]), ...created, "true"].join(" AND ")}`;

  const rank = ranking === null ? "0" : `ts_rank(words, ${bind(ranking)}::tsquery)`;
  const following =
    after === null
      ? "true"
      : `(rank, position) < (${bind(after.rank)}::float8, ${bind(after.position)}::bigint)`;
  // The windows are searched in sequence until there are enough results.
  const text = `
    WITH scope AS MATERIALIZED (SELECT unnest(${conversations}::uuid[]) AS id),
    newest AS (SELECT * FROM (${searched.join(" UNION ALL ")}) searched LIMIT ${wanted}::int),
    found AS (SELECT "messageId", position, ${rank}::float8 AS rank FROM (SELECT * FROM newest UNION ALL ${freshOnes}) matching)
    SELECT "messageId", position::float8 AS position, rank FROM found
    WHERE ${following} ORDER BY found.rank DESC, found.position DESC LIMIT ${bind(limit)}::int`;
  return { text, values };
}
