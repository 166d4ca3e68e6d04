/**
 * Finds the row at the top edge of a scroll container.
 *
 * @param box the scroll container
 * @param content the element with the rows, which have `data-key`
 * @returns a function that returns the row's current offset from the content's start, in pixels;
 *   undefined if the row is gone
 */
export function firstVisible(box: HTMLElement, content: HTMLElement): () => number | undefined {
  const edge = box.getBoundingClientRect().top;
  const rows = content.querySelectorAll<HTMLElement>("[data-key]");
  const row = rows[lowestBelow(rows, edge)];
  return () => (row?.isConnected ? row.offsetTop : undefined);
}

/** Binary search: rows are in order, so it finds the first whose bottom is below the edge. */
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
