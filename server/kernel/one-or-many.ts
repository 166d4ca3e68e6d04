/**
 * Zero, one or many values, for places where most have one and there are very many such places: an array
 * for one value would be as large as the value. The values themselves must not be arrays.
 */
export type OneOrMany<T> = T | readonly T[];

/** The shared empty list. */
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
