import { INT_MAX } from "../../kernel/int.ts";
import type { PageInfoShape } from "@pothos/plugin-relay";
import { builder } from "../../graphql/builder.ts";
import {
  countOf,
  fromListCursor,
  paginateForward,
  textOf,
  toListCursor,
} from "../../graphql/connection.ts";
import type { UserRecord } from "./user.record.ts";
import { UserType } from "./user.schema.ts";
import type { FoundUser, UserSearchKey } from "./user-search.service.ts";

interface UserEdgeShape {
  cursor: string;
  node: UserRecord;
}

const UserEdge = builder.objectRef<UserEdgeShape>("UserEdge").implement({
  description: "A user and its cursor in the list.",
  fields: (t) => ({
    cursor: t.exposeString("cursor", {
      description: "Cursor of the user in this list, for `after`.",
    }),
    node: t.expose("node", { type: UserType, description: "The user." }),
  }),
});

const UserConnection = builder
  .objectRef<{ edges: UserEdgeShape[]; pageInfo: PageInfoShape }>("UserConnection")
  .implement({
    description: "A page of users.",
    fields: (t) => ({
      edges: t.expose("edges", {
        type: [UserEdge],
        description: "The items of this page, in order.",
      }),
      pageInfo: t.expose("pageInfo", {
        type: builder.pageInfoRef(),
        description: "Start and end of the page, and whether there are more items.",
      }),
    }),
  });

function personKey(cursor: string | undefined): UserSearchKey | null {
  if (cursor === undefined) return null;
  const [score, usernameKey] = fromListCursor(cursor, 2);
  return { score: countOf(score, INT_MAX), usernameKey: textOf(usernameKey) };
}

builder.queryField("users", (t) =>
  t.field({
    type: UserConnection,
    authScopes: { signedIn: true },
    args: {
      search: t.arg.string({
        required: true,
        description:
          "Part of a username or display name, at most 100 characters; one wrong letter is tolerated.",
      }),
      first: t.arg.int({ description: "Number of items after `after`." }),
      after: t.arg.string({ description: "Only items after this cursor of the same list." }),
    },
    description:
      'Users by their names, best match first: `users(search: "ad", first: 10) { edges { node { username } } }`.',
    resolve: async (_parent, args, context) => {
      const { edges, pageInfo } = await paginateForward(
        {
          args,
          defaultSize: 20,
          maxSize: context.services.server.facts.pageSize,
          toCursor: ({ score, usernameKey }: FoundUser) => toListCursor(score, usernameKey),
        },
        ({ after, limit }) =>
          context.services.userSearch.find(args.search, personKey(after), limit),
      );
      return { pageInfo, edges: edges.map(({ cursor, ...node }) => ({ cursor, node })) };
    },
  }),
);
