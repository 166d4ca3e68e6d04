/**
 * Positions of the log are gathered in spans of several sizes, and each message is indexed under the
 * spans that it lies in. So the newest matches of a common word are found without reading all of them:
 * first the newest few spans are searched, then ever larger ones, until there are enough.
 */
const SIZES = [2 ** 13, 2 ** 17, 2 ** 21, 2 ** 25] as const;
/** Of the spans of a size, how many are searched before the rest of them, besides the newest. */
const FIRST = [3, 1, 1, 1] as const;

/** A range of positions, the later end not included, with the spans that cover it. */
export interface PositionWindow {
  from: number;
  to: number;
  marks: readonly string[];
}

/** What a message at a position is indexed under. No text has such words. */
export function spanMarks(position: number): string[] {
  return SIZES.map((size, level) => markOf(level, Math.floor(position / size)));
}

/**
 * Cuts a range of positions into windows, the newest and smallest first.
 *
 * @param from the oldest position
 * @param to   the one behind the newest
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
