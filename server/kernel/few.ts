/**
 * None, one or several of something, where most have one and there are very many: an array for one would be
 * as large as what it holds. What there are few of must not be arrays.
 */
export type Few<T> = T | readonly T[];

/** To be held by all that have none. */
export const NONE: readonly never[] = [];

export function listOf<T>(few: Few<T>): readonly T[] {
  return isList(few) ? few : [few];
}

export function fewOf<T>(list: readonly T[]): Few<T> {
  const [only] = list;
  if (only === undefined) return NONE;
  return list.length === 1 ? only : list;
}

function isList<T>(few: Few<T>): few is readonly T[] {
  return Array.isArray(few);
}
