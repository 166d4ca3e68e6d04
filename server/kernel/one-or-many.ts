/**
 * None, one or several of something, where most have one and there are very many: an array for one would be
 * as large as what it holds. What there are few of must not be arrays.
 */
export type OneOrMany<T> = T | readonly T[];

/** To be held by all that have none. */
export const EMPTY_LIST: readonly never[] = [];

export function toList<T>(few: OneOrMany<T>): readonly T[] {
  return isList(few) ? few : [few];
}

export function toOneOrMany<T>(list: readonly T[]): OneOrMany<T> {
  const [only] = list;
  if (only === undefined) return EMPTY_LIST;
  return list.length === 1 ? only : list;
}

function isList<T>(few: OneOrMany<T>): few is readonly T[] {
  return Array.isArray(few);
}
