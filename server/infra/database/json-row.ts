/**
 * A row that PostgreSQL answered as JSON (`to_jsonb(u)`), with its times made times again: by
 * convention, the names of columns with a time end in "At".
 */
export function fromJsonRow<T>(row: object): T {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]: [string, unknown]) => [
      column,
      column.endsWith("At") && typeof value === "string" ? new Date(value) : value,
    ]),
  ) as T;
}
