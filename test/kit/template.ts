import { join } from "node:path";
import pg from "pg";
import { applyMigrations } from "../../prisma/migrate.ts";

/** The cluster of test databases, and the migrated template. */
export interface TestCluster {
  /** URL with a role that may create databases. */
  url: string;
  /** The template's name. */
  template: string;
}

const TEMPLATE = "parley_template";

/** Creates the template of all test databases, with all migrations applied. */
export async function makeTemplate(clusterUrl: string): Promise<TestCluster> {
  const client = new pg.Client({ connectionString: clusterUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${TEMPLATE}`);
  } finally {
    await client.end();
  }
  const url = new URL(clusterUrl);
  url.pathname = `/${TEMPLATE}`;
  await applyMigrations(url.href, {
    migrationsDir: join(import.meta.dirname, "../../prisma/migrations"),
    log: () => undefined,
  });
  return { url: clusterUrl, template: TEMPLATE };
}
