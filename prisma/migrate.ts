import { randomUUID } from "node:crypto";

import pg from "pg";

import { StartupError } from "../server/kernel/startup-error.ts";
import type { Migration } from "./migration-files.ts";
import { readMigrations } from "./migration-files.ts";

/** Options for applying migrations. */
export interface ApplyMigrationsOptions {
  /** The folder of the migrations, such as `prisma/migrations`. */
  migrationsDir: string;
  /** Receives one line for each applied migration. */
  log: (line: string) => void;
}

/** The advisory lock that `prisma migrate deploy` takes, so that both exclude each other. */
const MIGRATION_LOCK = 72_707_369;
const LOCK_WAIT_SECONDS = 120;
const CONNECT_MS = 10_000;
const UNDEFINED_TABLE = "42P01";

/** Prisma's table, column for column, so that its own tools stay usable. */
const CREATE_HISTORY = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id                  VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum            VARCHAR(64) NOT NULL,
    finished_at         TIMESTAMPTZ,
    migration_name      VARCHAR(255) NOT NULL,
    logs                TEXT,
    rolled_back_at      TIMESTAMPTZ,
    started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;

/**
 * Brings a database up to date. Each migration and its row in the history are applied in one transaction,
 * so it is there as a whole or not at all. Several processes may do this in parallel.
 *
 * @param databaseUrl `postgresql://…`
 * @returns the names of the migrations that this call applied
 * @throws StartupError if the database is unreachable, a migration fails, or the database has another
 *   version of a migration
 */
export async function applyMigrations(
  databaseUrl: string,
  { migrationsDir, log }: ApplyMigrationsOptions,
): Promise<{ applied: string[] }> {
  const migrations = await readMigrations(migrationsDir);
  const client = await connect(databaseUrl);
  try {
    if ((await pending(client, migrations)).length === 0) return { applied: [] };
    await lock(client);
    await client.query(CREATE_HISTORY);
    const applied: string[] = [];
    // Read again under the lock: another instance may have applied them meanwhile.
    for (const migration of await pending(client, migrations)) {
      log(`Applying migration ${migration.name}`);
      await apply(client, migration);
      applied.push(migration.name);
    }
    return { applied };
  } finally {
    // Also releases the lock.
    await client.end().catch(() => undefined);
  }
}

async function connect(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: "parley-migrate",
  });
  // A broken connection makes the waiting query fail, which handles it.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    throw unreachable(databaseUrl, error);
  }
}

/** Explains why a database is unreachable, without its password. */
function unreachable(databaseUrl: string, error: unknown): StartupError {
  const { host, pathname, username } = URL.canParse(databaseUrl)
    ? new URL(databaseUrl)
    : { host: "?", pathname: "/?", username: "?" };
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const credentials = "Correct the user and password in DATABASE_URL";
  const reasons: Record<string, [string, string]> = {
    "28P01": ["rejects the password", credentials],
    "28000": ["rejects the user", credentials],
    "3D000": [
      "does not exist on that server",
      `Create it (createdb ${pathname.slice(1)}), or correct DATABASE_URL`,
    ],
    "53300": ["has no free connection", "Raise its max_connections, or lower DATABASE_POOL"],
    ENOTFOUND: ["has an unknown host name", "Correct the host in DATABASE_URL"],
    ECONNREFUSED: [
      "refuses connections",
      "Start PostgreSQL, correct DATABASE_URL, or unset it to use the embedded one",
    ],
  };
  const [reason, remedy] = reasons[code] ?? [
    `cannot be reached: ${error instanceof Error ? error.message : String(error)}`,
    "Check that PostgreSQL runs there and DATABASE_URL is right, or unset it to use the embedded one",
  ];
  const shown = `postgresql://${username}@${host}${pathname}`;
  return new StartupError(`The database ${shown} ${reason}`, remedy, { cause: error });
}

async function lock(client: pg.Client): Promise<void> {
  try {
    await client.query(`SET lock_timeout = '${String(LOCK_WAIT_SECONDS)}s'`);
    await client.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query("SET lock_timeout = 0");
  } catch (error) {
    throw new StartupError(
      `Another process has been migrating the database for ${String(LOCK_WAIT_SECONDS)} s`,
      "Let it finish or stop it (it holds an advisory lock in pg_locks), then start again",
      { cause: error },
    );
  }
}

/** Returns the migrations that the database lacks. */
async function pending(client: pg.Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const history = await readHistory(client);
  return migrations.filter((migration) => {
    const row = history.get(migration.name);
    if (row === undefined) return true;
    if (!row.finished) {
      throw new StartupError(
        `Migration ${migration.name} was started by another tool and failed`,
        `Repair the database, then mark it: npx prisma migrate resolve --rolled-back ${migration.name}`,
      );
    }
    if (row.checksum !== migration.checksum) {
      throw new StartupError(
        `Migration ${migration.name} was changed after it was applied to this database`,
        "Restore its file and make the change a new migration; while developing, delete the data folder instead",
      );
    }
    return false;
  });
}

async function readHistory(
  client: pg.Client,
): Promise<Map<string, { checksum: string; finished: boolean }>> {
  try {
    const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(
      `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
         FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY started_at`,
    );
    return new Map(rows.map(({ name, ...row }) => [name, row]));
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === UNDEFINED_TABLE) return new Map();
    throw error;
  }
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query("BEGIN");
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations"
         (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    const at = error instanceof pg.DatabaseError ? Number(error.position) : Number.NaN;
    const line = Number.isInteger(at)
      ? ` at line ${String(sql.slice(0, at).split("\n").length)}`
      : "";
    throw new StartupError(
      `Migration ${name} failed${line}: ${error instanceof Error ? error.message : String(error)}`,
      "It was rolled back completely. Correct the migration, or the data on which it fails, then start again",
      { cause: error },
    );
  }
}
