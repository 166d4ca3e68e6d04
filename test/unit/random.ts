/** Pseudo-random numbers that are equal for the same seed, so that a failure can be repeated. */
export interface Random {
  /** Include it in assertion messages: PARLEY_TEST_SEED=… repeats the run. */
  readonly seed: number;
  /** From 0 to `limit` (exclusive). */
  below(limit: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** An element of a non-empty list. */
  pick<T>(items: readonly T[]): T;
  /** A new list in random order. */
  shuffled<T>(items: readonly T[]): T[];
}

/** Returns the seed from PARLEY_TEST_SEED, or a new one. */
export function newSeed(): number {
  const given = Number(process.env["PARLEY_TEST_SEED"]);
  return Number.isInteger(given) && given > 0 ? given : 1 + Math.floor(Math.random() * 2 ** 31);
}

/** Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function makeRandom(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    seed,
    below,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
    shuffled: (items) =>
      items
        .map((item) => ({ item, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ item }) => item),
  };
}
