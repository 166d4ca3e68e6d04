import DataLoader from "dataloader";
import type { Viewer } from "../kernel/viewer.ts";
import type { Services } from "./services.ts";

/**
 * Batched reads of one operation, so that a list costs a fixed number of statements. Each slice
 * declares its loaders by declaration merging and defines them in its module.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- members are merged in
export interface Loaders {}

/** The operation that loaders read for. */
export interface LoaderScope {
  readonly services: Services;
  /** The viewer's id; null without a session. */
  readonly userId: string | null;
  /** The other loaders of the operation. */
  readonly loaders: Loaders;
}

/** A function for each loader, which creates it for one operation. */
export type LoaderFactories<L> = {
  readonly [Name in keyof L]: (scope: LoaderScope) => L[Name];
};

type Found<V> = ReadonlyMap<string, V> | Promise<ReadonlyMap<string, V>>;

/** Defines a loader by a read of many ids; ids absent from the result get `missing`. */
export function batchLoader<V>(
  load: (ids: readonly string[], scope: LoaderScope) => Found<V>,
  missing: V,
): (scope: LoaderScope) => DataLoader<string, V> {
  return (scope) =>
    new DataLoader(async (ids) => {
      const found = await load(ids, scope);
      return ids.map((id) => found.get(id) ?? missing);
    });
}

/** Defines a loader of data that depends on the viewer; without a viewer every id gets `missing`. */
export function viewerLoader<V>(
  load: (userId: string, ids: readonly string[], scope: LoaderScope) => Found<V>,
  missing: V,
): (scope: LoaderScope) => DataLoader<string, V> {
  return batchLoader(
    (ids, scope) => (scope.userId === null ? new Map<string, V>() : load(scope.userId, ids, scope)),
    missing,
  );
}

/** Creates the loaders of one operation, which share no cached value with other operations. */
export type MakeLoaders = (services: Services, viewer: Viewer | null) => Loaders;

export function prepareLoaders(factories: LoaderFactories<Loaders>): MakeLoaders {
  const entries = Object.entries<(scope: LoaderScope) => unknown>(factories);
  return (services, viewer) => {
    const loaders: Record<string, unknown> = {};
    const scope: LoaderScope = {
      services,
      userId: viewer?.user.id ?? null,
      loaders: loaders as unknown as Loaders,
    };
    for (const [name, create] of entries) loaders[name] = create(scope);
    return scope.loaders;
  };
}
