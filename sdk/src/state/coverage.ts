/** A range of integers, both ends inclusive. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** Adds a range to sorted, non-adjacent ranges. The result is again sorted and non-adjacent. */
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

/** Returns the gaps between ranges, and between the last range and `end`. */
export function gaps(ranges: readonly Range[], end: number): Range[] {
  const found: Range[] = [];
  ranges.forEach((range, index) => {
    const last = (ranges[index + 1]?.first ?? end + 1) - 1;
    if (last > range.last) found.push({ first: range.last + 1, last });
  });
  return found;
}
