/** Pseudo-random choices from a seed. */
export interface Random {
  readonly seed: number;
  /** An integer from 0 to `limit` (exclusive). */
  below(limit: number): number;
  /** An element of the list. @throws for an empty list */
  pick<T>(items: readonly T[]): T;
}

/**
 * Returns choices from the seed in PARLEY_TEST_SEED, or from a new seed, which is printed so that a
 * failure can be repeated.
 */
export function makeRandom(purpose: string): Random {
  const wanted = process.env["PARLEY_TEST_SEED"];
  const seed = wanted === undefined ? (Date.now() ^ process.pid) >>> 0 : Number(wanted) >>> 0;
  console.info(`${purpose}: PARLEY_TEST_SEED=${seed}`);
  let state = seed;
  // Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    seed,
    below,
    pick: <T>(items: readonly T[]): T => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
  };
}
