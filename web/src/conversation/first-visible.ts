/**
 * Finds the row at the top edge of a scrolling box.
 *
 * @param box what scrolls
 * @param content holds the rows, which carry `data-key`
 * @returns a function that tells where that same row stands now, in pixels from the content's
 *   start, or undefined once it is gone
 */
export function firstVisible(box: HTMLElement, content: HTMLElement): () => number | undefined {
  const edge = box.getBoundingClientRect().top;
  const rows = content.querySelectorAll<HTMLElement>("[data-key]");
  const row = rows[lowestBelow(rows, edge)];
  return () => (row?.isConnected ? row.offsetTop : undefined);
}

/** Rows stand in order, so the first whose lower edge is below a line is found by halving. */
function lowestBelow(rows: NodeListOf<HTMLElement>, edge: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const bottom = rows[middle]?.getBoundingClientRect().bottom ?? 0;
    if (bottom > edge) high = middle;
    else low = middle + 1;
  }
  return low;
}
