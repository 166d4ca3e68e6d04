/** One value of each input. */
export type Combination<T extends Record<string, readonly unknown[]>> = {
  -readonly [K in keyof T]: T[K][number];
};

/** Returns all combinations of the values of each input. */
export function product<T extends Record<string, readonly unknown[]>>(values: T): Combination<T>[] {
  let all: object[] = [{}];
  for (const [key, list] of Object.entries(values))
    all = all.flatMap((one) => list.map((value) => ({ ...one, [key]: value })));
  return all as Combination<T>[];
}
