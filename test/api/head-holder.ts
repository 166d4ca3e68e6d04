import pg from "pg";
import type { TestDatabase } from "../kit/database.ts";
import { eventually } from "../kit/eventually.ts";
import { onRelease } from "../kit/resources.ts";

/**
 * Runs writers in a known order: each starts when the previous one waits for the log's head, which is
 * released when all of them wait. PostgreSQL serves waiting transactions in order of arrival.
 */
export async function inOrder<T extends readonly (() => Promise<unknown>)[]>(
  database: TestDatabase,
  ...writers: T
): Promise<{ [K in keyof T]: Awaited<ReturnType<T[K]>> }> {
  const holder = new pg.Client({ connectionString: database.url });
  onRelease(() => holder.end());
  await holder.connect();
  await holder.query(`BEGIN; SELECT 1 FROM "LogHead" FOR UPDATE`);
  const results: Promise<unknown>[] = [];
  for (const write of writers) {
    results.push(write());
    await eventually(async () => (await waiting(database)) === results.length);
  }
  await holder.query("COMMIT");
  return (await Promise.all(results)) as { [K in keyof T]: Awaited<ReturnType<T[K]>> };
}

async function waiting(database: TestDatabase): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return row?.count ?? 0;
}
