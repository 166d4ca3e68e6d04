interface Connection {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

/**
 * Inserts rows with one statement, bypassing the server.
 *
 * @param rows objects with the same keys, which are columns of the table
 */
export async function insertRows(
  connection: Connection,
  table: string,
  rows: readonly object[],
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).map((name) => `"${name}"`);
  await connection.query(
    `INSERT INTO "${table}" (${columns.join()})
     SELECT ${columns.join()} FROM jsonb_populate_recordset(NULL::"${table}", $1)`,
    [JSON.stringify(rows)],
  );
}
