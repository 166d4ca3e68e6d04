import { InvalidInputError, type FieldProblem } from "../../kernel/errors.ts";
import type { MessageRecord } from "../message/message.record.ts";
import type { MessageService } from "../message/message.service.ts";
import { authorMark, featureMark, type Feature } from "./index-entry.ts";
import {
  highlightsOf,
  parseQuery,
  QUERY_LENGTH,
  quoted,
  tsqueryOf,
  type Query,
  type Span,
} from "./query.ts";
import type { FoundMessage, SearchStore } from "./search.store.ts";

export type { Feature } from "./index-entry.ts";
export type { Span } from "./query.ts";

export type SearchSort = "RELEVANCE" | "NEWEST";

/** Maximum number of conversations, users or features in one search. */
const FILTER_LENGTH = 100;

/** The filters of a search; null for no filter. */
export interface MessageFilter {
  /** Only in these conversations. */
  in: readonly string[] | null;
  /** Only by these users. */
  from: readonly string[] | null;
  /** Only with all of these features. */
  has: readonly Feature[] | null;
  before: Date | null;
  after: Date | null;
}

/** Sort key of a result, and the log position of the search. */
export interface SearchKey {
  newest: number;
  rank: number;
  position: number;
}

export interface MessageSearch {
  query: string;
  filter: MessageFilter;
  sort: SearchSort;
  after: SearchKey | null;
  limit: number;
}

export interface SearchResult {
  key: SearchKey;
  message: MessageRecord;
  highlights: Span[];
}

export interface SearchPage {
  rows: SearchResult[];
  hasMore: boolean;
}

export interface SearchService {
  /**
   * Finds messages that the viewer may read now.
   *
   * @throws InvalidInputError if a filter has too many values
   * @throws SearchTimeoutError
   */
  messages(viewerId: string, search: MessageSearch): Promise<SearchPage>;
}

export interface SearchServiceOptions {
  store: SearchStore;
  messages: MessageService;
}

export function makeSearchService({ store, messages }: SearchServiceOptions): SearchService {
  return {
    messages: async (viewerId, { query: text, filter, sort, after, limit }) => {
      const problems = searchProblems(text, filter);
      if (problems.length > 0) throw new InvalidInputError(problems);
      const query = parseQuery(text);
      if (query.matchesNothing) return { rows: [], hasMore: false };
      const [readable, { head, before, after: from, fresh }] = await Promise.all([
        messages.readable(viewerId, filter.in),
        store.progress(filter.before, filter.after),
      ]);
      const newest = after?.newest ?? head;
      const wanted = query.clauses.filter(({ isExcluded }) => !isExcluded);
      const isRanked = sort === "RELEVANCE" && wanted.length > 0;
      const end = isRanked ? newest + 1 : (after?.position ?? newest + 1);
      const found = await store.find({
        scope: {
          conversationIds: readable.map(({ conversationId }) => conversationId),
          size: readable.reduce((sum, { lastSeq }) => sum + lastSeq, 0),
        },
        condition: conditionOf(query, filter),
        ranking: isRanked ? tsqueryOf(wanted) : null,
        from: filter.after === null ? 0 : (from ?? end),
        to: filter.before === null ? end : Math.min(end, before ?? 0),
        newest,
        createdBefore: filter.before,
        createdAfter: filter.after,
        fresh,
        after: after === null ? null : { ...after, messageId: "" },
        limit: limit + 1,
      });
      const rows = await complete(viewerId, found.slice(0, limit), newest, query);
      return { rows, hasMore: found.length > limit };
    },
  };

  /**
   * Reads the found messages. Permissions are checked last, so that messages deleted or hidden meanwhile
   * are excluded.
   */
  async function complete(
    viewerId: string,
    found: readonly FoundMessage[],
    newest: number,
    query: Query,
  ): Promise<SearchResult[]> {
    const records = await messages.visibleByIds(
      viewerId,
      found.map(({ messageId }) => messageId),
    );
    return found.flatMap(({ rank, position }, index) => {
      const message = records[index] ?? null;
      if (message === null || message.deletedAt !== null) return [];
      const highlights = highlightsOf(message.body, query.clauses);
      return [{ key: { newest, rank, position }, message, highlights }];
    });
  }
}

/** Builds the tsquery of everything that a message must match. */
function conditionOf({ clauses }: Query, { from, has }: MessageFilter): string {
  const parts = [
    tsqueryOf(clauses),
    ...(has ?? []).map((feature) => quoted(featureMark(feature))),
    (from ?? []).map((authorId) => quoted(authorMark(authorId))).join(" | "),
  ];
  return parts
    .filter((part) => part !== "")
    .map((part) => `(${part})`)
    .join(" & ");
}

function searchProblems(query: string, filter: MessageFilter): FieldProblem[] {
  const tooLong = (field: string, message: string): FieldProblem => ({
    field,
    code: "TOO_LONG",
    message,
  });
  return [
    ...(query.length <= QUERY_LENGTH
      ? []
      : [tooLong("query", `A search may have at most ${String(QUERY_LENGTH)} characters.`)]),
    ...(["in", "from", "has"] as const).flatMap((field) =>
      (filter[field] ?? []).length <= FILTER_LENGTH
        ? []
        : [tooLong(`filter.${field}`, `At most ${String(FILTER_LENGTH)} are allowed.`)],
    ),
  ];
}
