import type { LoaderFactories, Loaders } from "./graphql/loaders.ts";

/**
 * One domain as a part of the server. Its file imports the slice's schema files, so that the list of
 * modules is also the list of the schema's parts.
 */
export interface Module<Name extends string, Own extends Partial<Loaders>> {
  readonly name: Name;
  readonly loaders: LoaderFactories<Own>;
}

/** Defines a module. */
export function defineModule<const Name extends string, Own extends Partial<Loaders> = object>({
  name,
  loaders = {} as LoaderFactories<Own>,
}: {
  name: Name;
  loaders?: LoaderFactories<Own>;
}): Module<Name, Own> {
  return { name, loaders };
}
