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

/** The types of the schema as the classes of Pothos expect them. */
export type BuilderTypes = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

/** The Prisma client of the schema; set once when the application is composed. */
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
    nodeFieldOptions: { nullable: false, description: "The item." },
    cursorFieldOptions: {
      description: "Cursor of the item in this list, for `after` and `before`.",
    },
    pageInfoFieldOptions: {
      description: "Start and end of the page, and whether there are more items.",
    },
    pageInfoTypeOptions: { description: "Start and end of a page." },
    startCursorFieldOptions: {
      description: "Cursor of the first item: pass it as `before` to get the previous page.",
    },
    endCursorFieldOptions: {
      description: "Cursor of the last item: pass it as `after` to get the next page.",
    },
    hasNextPageFieldOptions: {
      description: "Whether there are more items after this page, when paging forward.",
    },
    hasPreviousPageFieldOptions: {
      description: "Whether there are more items before this page, when paging backward.",
    },
    firstArgOptions: { description: "Number of items from the start, or after `after`." },
    lastArgOptions: { description: "Number of items from the end, or before `before`." },
    afterArgOptions: { description: "Only items after this cursor of the same list." },
    beforeArgOptions: { description: "Only items before this cursor of the same list." },
    idFieldOptions: { description: "Global id." },
    nodeTypeOptions: { description: "An object with a global id." },
    // `node` and `nodes` are defined in node.ts, where each kind decides what the viewer may see.
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

/** Marks a field whose value depends on the viewer: its operations are executed for each viewer. */
export const viewerDependent: {
  extensions: GraphQLFieldExtensions<unknown, unknown> & { viewerDependent: true };
} = {
  extensions: { viewerDependent: true },
};

/** Marks a field that returns a log position: its operations read one snapshot of the database. */
export const needsSnapshot: {
  extensions: GraphQLFieldExtensions<unknown, unknown> & { needsSnapshot: true };
} = {
  extensions: { needsSnapshot: true },
};

builder.queryType({
  description: "All queries. Every field except `server` and `viewer` needs a session.",
});
builder.mutationType({
  description:
    "All mutations. Every mutation takes one `input` and returns a union of its payload and its possible errors.",
});
builder.subscriptionType({
  description: "All subscriptions, over WebSocket (graphql-transport-ws) or server-sent events.",
});
