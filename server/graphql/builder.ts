import SchemaBuilder from "@pothos/core";
import ErrorsPlugin from "@pothos/plugin-errors";
import PrismaPlugin from "@pothos/plugin-prisma";
import RelayPlugin from "@pothos/plugin-relay";
import ScopeAuthPlugin from "@pothos/plugin-scope-auth";
import type { GraphQLFieldExtensions } from "graphql";
import type { PrismaClient } from "../generated/prisma/client.ts";
import type PrismaTypes from "../generated/pothos.ts";
import { getDatamodel } from "../generated/pothos.ts";
import { NotAuthenticatedError } from "../kernel/errors.ts";
import type { Context } from "./context.ts";

export interface SchemaTypes {
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  AuthScopes: { signedIn: boolean };
  Scalars: {
    ID: { Input: string; Output: string | number };
    Cursor: { Input: number; Output: number };
    DateTime: { Input: Date; Output: Date };
    UUID: { Input: string; Output: string };
  };
}

/** Where Prisma's own queries of the schema go; set once when the application is composed. */
let prisma: PrismaClient | null = null;

export function usePrisma(client: PrismaClient): void {
  prisma = client;
}

export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  errors: { directResult: true, defaultTypes: [] },
  scopeAuth: {
    authScopes: (context) => ({ signedIn: context.viewer !== null }),
    unauthorizedError: () => new NotAuthenticatedError(),
    treatErrorsAsUnauthorized: false,
  },
  relay: {
    clientMutationId: "omit",
    cursorType: "String",
    edgesFieldOptions: { nullable: false, description: "The items of this page, in order." },
    nodeFieldOptions: { nullable: false, description: "The item itself." },
    cursorFieldOptions: {
      description: "Where the item stands in this list: for `after` and `before`.",
    },
    pageInfoFieldOptions: {
      description: "Where the page begins and ends, and whether there is more.",
    },
    pageInfoTypeOptions: { description: "Where a page begins and ends." },
    startCursorFieldOptions: {
      description: "The first item's cursor: `before` it lies the previous page.",
    },
    endCursorFieldOptions: {
      description: "The last item's cursor: `after` it lies the next page.",
    },
    hasNextPageFieldOptions: {
      description: "Whether there are more items after this page, when paging forward.",
    },
    hasPreviousPageFieldOptions: {
      description: "Whether there are more items before this page, when paging backward.",
    },
    firstArgOptions: { description: "How many items, counted from the beginning or from `after`." },
    lastArgOptions: { description: "How many items, counted from the end or from `before`." },
    afterArgOptions: { description: "Only items after this cursor of the same list." },
    beforeArgOptions: { description: "Only items before this cursor of the same list." },
    idFieldOptions: { description: "Global id." },
    nodeTypeOptions: { description: "Anything that has a global id." },
    // `node` and `nodes` are our own (node.ts): every kind decides there who may see what.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
  },
  prisma: {
    client: () => {
      if (prisma === null)
        throw new Error("The schema was used before the application was composed");
      return prisma;
    },
    dmmf: getDatamodel(),
    exposeDescriptions: false,
    filterConnectionTotalCount: true,
    onUnusedQuery: "error",
  },
});

/** Marks a field whose value depends on who is looking: its operation is executed for each viewer. */
export const viewerDependent: {
  extensions: GraphQLFieldExtensions<unknown, unknown> & { viewerDependent: true };
} = {
  extensions: { viewerDependent: true },
};

/** Marks a field that names a moment: its operation is read from one snapshot of the database. */
export const needsSnapshot: {
  extensions: GraphQLFieldExtensions<unknown, unknown> & { needsSnapshot: true };
} = {
  extensions: { needsSnapshot: true },
};

builder.queryType({
  description: "What can be asked. Everything but `server` and `viewer` needs a session.",
});
builder.mutationType({
  description:
    "What can be done. Every mutation takes one `input` and answers a union of its payload and the errors that can happen.",
});
builder.subscriptionType({
  description: "What can be watched, over WebSocket (graphql-transport-ws) or server-sent events.",
});
