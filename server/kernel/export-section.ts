/** One page of a person's own data. */
export interface ExportPage {
  items: readonly object[];
  /** Where the next page begins; null when this is the last. */
  next: string | null;
}

/** A kind of things that belong to a person, as their own export shows them. Each domain has its own. */
export interface ExportSection {
  /** What each line of the export calls it, such as `message`. */
  readonly type: string;
  /**
   * Reads the next page in a fixed order.
   *
   * @param after `next` of the page before; null for the first
   */
  page(userId: string, after: string | null, limit: number): Promise<ExportPage>;
}

/** A page of a list that is sorted by `key`, from one row more than is shown. */
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
