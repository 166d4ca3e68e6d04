import type pg from "pg";
import type { Sql } from "./db.ts";

/** Makes the configuration of a statement that a connection prepares. */
export type Prepare = (text: string, values: readonly unknown[]) => pg.QueryConfig;

/** Gives each text one name, under which all connections prepare it. */
export function makePrepare(): Prepare {
  const names = new Map<string, string>();
  return (text, values) => {
    let name = names.get(text);
    if (name === undefined) names.set(text, (name = `statement-${String(names.size)}`));
    return { name, text, values: [...values] };
  };
}

/** Runs prepared statements on any connection of a pool. */
export function preparedOn(pool: pg.Pool, prepare: Prepare): Sql {
  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) =>
      (await pool.query<Row>(prepare(text, values))).rows,
  };
}
