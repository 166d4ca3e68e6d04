/**
 * Sizes of position spans. Each message is indexed under the spans that contain it, so the newest matches
 * of a common word are found without reading all of them: search reads the newest few spans first, then
 * larger ones, until it has enough.
 */
const SIZES = [2 ** 13, 2 ** 17, 2 ** 21, 2 ** 25] as const;
/** For each size, the number of spans searched before the next size, besides the newest. */
const FIRST = [3, 1, 1, 1] as const;

/** A range of positions (exclusive end) with the spans that cover it. */
export interface PositionWindow {
  from: number;
  to: number;
  marks: readonly string[];
}

/** Returns the marks under which a message at a position is indexed. No text contains such words. */
export function spanMarks(position: number): string[] {
  return SIZES.map((size, level) => markOf(level, Math.floor(position / size)));
}

/**
 * Divides a range of positions into windows, newest and smallest first.
 *
 * @param from the oldest position
 * @param to the position after the newest
 */
export function toPositionWindows(from: number, to: number): PositionWindow[] {
  const windows: PositionWindow[] = [];
  let rest = to;
  const take = (start: number, level: number): void => {
    const bound = Math.max(start, from);
    if (bound >= rest) return;
    windows.push({ from: bound, to: rest, marks: marksOf(level, bound, rest) });
    rest = bound;
  };
  SIZES.forEach((size, level) => {
    take(floorTo(rest - 1, size) - (FIRST[level] ?? 0) * size, level);
    const next = SIZES[level + 1];
    take(next === undefined ? 0 : floorTo(rest, next), level);
  });
  return windows;
}

function marksOf(level: number, from: number, to: number): string[] {
  const size = SIZES[level] ?? 1;
  const first = Math.floor(from / size);
  const count = Math.floor((to - 1) / size) - first + 1;
  return Array.from({ length: count }, (_, index) => markOf(level, first + index));
}

function markOf(level: number, span: number): string {
  return `~${String(level)}:${String(span)}`;
}

function floorTo(position: number, size: number): number {
  return Math.floor(position / size) * size;
}
