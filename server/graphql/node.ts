import { brandWithType } from "@pothos/core";
import { decodeGlobalID, encodeGlobalID } from "@pothos/plugin-relay";
import DataLoader from "dataloader";
import { InvalidInputError } from "../kernel/errors.ts";
import { isUuid } from "../kernel/ids.ts";
import { builder } from "./builder.ts";
import type { Context } from "./context.ts";

/** The kinds of global ids with the type of a loaded node. Each slice declares its own kinds. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- members are merged in
export interface NodeKinds {}

export type IdKind = keyof NodeKinds;

interface NodeLoader {
  /**
   * Returns nodes in the order of `ids`; null for an id that does not exist or that the viewer may not
   * see.
   */
  load: (ids: readonly string[], context: Context) => Promise<readonly (object | null)[]>;
  /** Returns the name of the GraphQL type of a loaded node. */
  typeOf: (node: object) => string;
}

const loaders = new Map<string, NodeLoader>();

/**
 * Makes a kind available to `node` and `nodes`. The loader decides which nodes the viewer may see.
 *
 * @param typeOf returns the name of a node's GraphQL type; by default the kind
 */
export function registerNode<K extends IdKind>(
  kind: K,
  load: (ids: readonly string[], context: Context) => Promise<readonly (NodeKinds[K] | null)[]>,
  typeOf: (node: NodeKinds[K]) => string = () => kind,
): void {
  loaders.set(kind, { load, typeOf: (node) => typeOf(node as NodeKinds[K]) });
}

/** Encodes the global id of a node. */
export function globalId(kind: IdKind, id: string): string {
  return encodeGlobalID(kind, id);
}

/**
 * Returns the UUID in a global id.
 *
 * @param field path of the input field, for the error
 * @throws InvalidInputError if it is not a valid id of this kind
 */
export function requireId(kind: IdKind, value: string, field: string): string {
  const decoded = decode(value);
  if (decoded?.kind === kind) return decoded.id;
  const message = `This is not the id of a ${kind.toLowerCase()}.`;
  throw new InvalidInputError([{ field, code: "INVALID_ID", message }]);
}

/** As `requireId`, but returns null for a field without a value. */
export function optionalId(
  kind: IdKind,
  value: string | null | undefined,
  field: string,
): string | null {
  return typeof value === "string" ? requireId(kind, value, field) : null;
}

function decode(value: string): { kind: string; id: string } | null {
  try {
    const { typename, id } = decodeGlobalID(value);
    return isUuid(id) ? { kind: typename, id: id.toLowerCase() } : null;
  } catch {
    return null;
  }
}

/** Loads nodes of several kinds, with one read for each kind. */
async function loadNodes(values: readonly string[], context: Context): Promise<(object | null)[]> {
  const byKind = new Map<string, DataLoader<string, object | null>>();
  const loaderOf = (kind: string, loader: NodeLoader): DataLoader<string, object | null> => {
    let batch = byKind.get(kind);
    if (batch === undefined)
      byKind.set(kind, (batch = new DataLoader((ids) => loader.load(ids, context))));
    return batch;
  };
  return Promise.all(
    values.map(async (value) => {
      const decoded = decode(value);
      const loader = decoded === null ? undefined : loaders.get(decoded.kind);
      if (decoded === null || loader === undefined) return null;
      const node = await loaderOf(decoded.kind, loader).load(decoded.id);
      if (node !== null) brandWithType(node, loader.typeOf(node) as never);
      return node;
    }),
  );
}

const NODES_LIMIT = 100;

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    authScopes: { signedIn: true },
    args: { id: t.arg.id({ required: true, description: "The `id` of any node." }) },
    description: "Anything that has an `id`; null when it does not exist or you may not see it.",
    resolve: async (_parent, args, context) => (await loadNodes([args.id], context))[0] ?? null,
  }),
  nodes: t.field({
    type: t.listRef(builder.nodeInterfaceRef(), { nullable: true }),
    authScopes: { signedIn: true },
    args: {
      ids: t.arg.idList({ required: true, description: `At most ${String(NODES_LIMIT)} ids.` }),
    },
    description:
      "Several nodes, in the order of the ids; null for each that does not exist or that you may not see.",
    resolve: (_parent, args, context) => {
      if (args.ids.length > NODES_LIMIT) {
        const message = `At most ${String(NODES_LIMIT)} ids are allowed.`;
        throw new InvalidInputError([{ field: "ids", code: "TOO_LONG", message }]);
      }
      return loadNodes(args.ids, context);
    },
  }),
}));
