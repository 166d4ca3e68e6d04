import type { PageInfoShape } from "@pothos/plugin-relay";
import { builder } from "../../graphql/builder.ts";
import {
  countOf,
  fromListCursor,
  numberOf,
  paginateForward,
  toListCursor,
} from "../../graphql/connection.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { MessageType } from "../message/message.schema.ts";
import type { MessageFilter, SearchKey, SearchResult, Span } from "./search.service.ts";

const TextSpan = builder.objectRef<Span>("TextSpan").implement({
  description: "A range of a text in UTF-16 code units, as JavaScript counts.",
  fields: (t) => ({
    start: t.exposeInt("start", { description: "Start of the range." }),
    end: t.exposeInt("end", { description: "End of the range (exclusive)." }),
  }),
});

const MessageFeatureEnum = builder.enumType("MessageFeature", {
  description: "A feature of a message.",
  values: {
    FILE: { description: "A file of any kind." },
    LINK: { description: "A URL." },
    MENTION: { description: "A mention." },
    PICTURE: { description: "A displayable picture." },
    PIN: { description: "A pin." },
    REACTION: { description: "A reaction." },
    REPLY: { description: "A reply to another message." },
  } as const,
});

const SearchSortEnum = builder.enumType("SearchSort", {
  description: "The order of results.",
  values: {
    RELEVANCE: {
      description:
        "The best match first, of the newest 500; without words to look for, the same as `NEWEST`.",
    },
    NEWEST: { description: "Newest message first." },
  } as const,
});

const MessageFilterInput = builder.inputType("MessageFilter", {
  description:
    'Filters for the searched messages: `{ has: [LINK], after: "2026-01-01T00:00:00Z" }`.',
  fields: (t) => ({
    in: t.idList({
      description:
        "Global ids of conversations to search. Conversations that you may not read are ignored.",
    }),
    from: t.idList({ description: "Global ids of the authors." }),
    has: t.field({
      type: [MessageFeatureEnum],
      description: "Only messages with all of these features.",
    }),
    before: t.field({ type: "DateTime", description: "Only messages before this time." }),
    after: t.field({ type: "DateTime", description: "Only messages after this time." }),
  }),
});

const MessageSearchEdge = builder
  .objectRef<SearchResult & { cursor: string }>("MessageSearchEdge")
  .implement({
    description: "A found message and its cursor in the list.",
    fields: (t) => ({
      cursor: t.exposeString("cursor", {
        description: "Cursor of the item in this list, for `after`.",
      }),
      node: t.expose("message", { type: MessageType, description: "The message." }),
      highlights: t.expose("highlights", {
        type: [TextSpan],
        description: "The matches in its `body`, in order; at most 100.",
      }),
    }),
  });

const MessageSearchConnection = builder
  .objectRef<{ edges: (SearchResult & { cursor: string })[]; pageInfo: PageInfoShape }>(
    "MessageSearchConnection",
  )
  .implement({
    description: "A page of found messages.",
    fields: (t) => ({
      edges: t.expose("edges", {
        type: [MessageSearchEdge],
        description: "The items of this page, in order.",
      }),
      pageInfo: t.expose("pageInfo", {
        type: builder.pageInfoRef(),
        description: "Start and end of the page, and whether there are more items.",
      }),
    }),
  });

const DEFAULT_PAGE = 20;

function searchKey(cursor: string | undefined): SearchKey | null {
  if (cursor === undefined) return null;
  const [newest, rank, position] = fromListCursor(cursor, 3);
  return {
    newest: countOf(newest, Number.MAX_SAFE_INTEGER),
    rank: numberOf(rank),
    position: countOf(position, Number.MAX_SAFE_INTEGER),
  };
}

const toCursor = ({ key }: SearchResult): string =>
  toListCursor(key.newest, key.rank, key.position);

type FilterInput = typeof MessageFilterInput.$inferInput;

function filterOf(filter: FilterInput | null | undefined): MessageFilter {
  const idsOf = (kind: "Conversation" | "User", field: "in" | "from"): string[] | null =>
    filter?.[field]?.map((id, index) => requireId(kind, id, `filter.${field}.${String(index)}`)) ??
    null;
  return {
    in: idsOf("Conversation", "in"),
    from: idsOf("User", "from"),
    has: filter?.has ?? null,
    before: filter?.before ?? null,
    after: filter?.after ?? null,
  };
}

builder.queryField("searchMessages", (t) =>
  t.field({
    type: MessageSearchConnection,
    authScopes: { signedIn: true },
    args: {
      query: t.arg.string({
        required: true,
        description:
          'The search text, at most 256 characters. A message must contain all words; case and accents do not matter. `"words in quotes"` must be in this order, `hel*` matches the start of a word, and `-word` excludes a word. An empty text finds all messages that match the filter.',
      }),
      filter: t.arg({ type: MessageFilterInput, description: "Filters for the messages." }),
      sort: t.arg({
        type: SearchSortEnum,
        defaultValue: "NEWEST",
        description: "The order of results.",
      }),
      first: t.arg.int({ description: "Number of items after `after`." }),
      after: t.arg.string({ description: "Only items after this cursor of the same list." }),
    },
    description:
      'Searches all messages that you may currently read: `searchMessages(query: "hel* -goodbye", first: 20) { edges { highlights { start end } node { body } } }`. A search that takes too long fails with `SEARCH_TIMEOUT`.',
    resolve: (_parent, args, context) => {
      const viewerId = requireViewer(context.viewer).user.id;
      const filter = filterOf(args.filter);
      return paginateForward(
        {
          args,
          defaultSize: DEFAULT_PAGE,
          maxSize: context.services.server.facts.pageSize,
          toCursor,
        },
        ({ after, limit }) =>
          context.services.search.messages(viewerId, {
            query: args.query,
            filter,
            sort: args.sort ?? "NEWEST",
            after: searchKey(after),
            limit,
          }),
      );
    },
  }),
);
