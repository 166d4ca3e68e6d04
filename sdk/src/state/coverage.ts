/** Numbers from `first` to `last`, both included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/**
 * Adds a range to ranges that are sorted, apart, and not even adjacent; the answer is so again.
 */
export function cover(ranges: readonly Range[], added: Range): Range[] {
  let { first, last } = added;
  const before: Range[] = [];
  const after: Range[] = [];
  for (const range of ranges) {
    if (range.last < first - 1) before.push(range);
    else if (range.first > last + 1) after.push(range);
    else {
      first = Math.min(first, range.first);
      last = Math.max(last, range.last);
    }
  }
  return [...before, { first, last }, ...after];
}

/** What lies between ranges, and between the last of them and `end`. */
export function gaps(ranges: readonly Range[], end: number): Range[] {
  const found: Range[] = [];
  ranges.forEach((range, index) => {
    const last = (ranges[index + 1]?.first ?? end + 1) - 1;
    if (last > range.last) found.push({ first: range.last + 1, last });
  });
  return found;
}
