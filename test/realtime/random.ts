/** Pseudo-random choices that a seed repeats. */
export interface Random {
  readonly seed: number;
  /** A whole number from 0 up to but excluding `limit`. */
  below(limit: number): number;
  /** Any one of the items. @throws when there is none */
  pick<T>(items: readonly T[]): T;
}

/**
 * Choices from the seed in PARLEY_TEST_SEED, else from one that is new for every run. It is printed,
 * so that a failure can be repeated.
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
