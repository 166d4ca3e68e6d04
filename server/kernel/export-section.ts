/** One page of a section of a user's data export. */
export interface ExportPage {
  items: readonly object[];
  /** Key of the next page; null for the last page. */
  next: string | null;
}

/** One kind of data in a user's export. Each domain defines its own sections. */
export interface ExportSection {
  /** Value of `type` in each line of the export, such as `message`. */
  readonly type: string;
  /**
   * Reads the next page in a fixed order.
   *
   * @param after `next` of the previous page; null for the first
   */
  page(userId: string, after: string | null, limit: number): Promise<ExportPage>;
}

/** Builds a page of a list sorted by `key` from `limit + 1` rows. */
export function exportPage<Row>(
  rows: readonly Row[],
  limit: number,
  key: (row: Row) => string,
  show: (row: Row) => object,
): ExportPage {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(show),
    next: rows.length > limit && last !== undefined ? key(last) : null,
  };
}
