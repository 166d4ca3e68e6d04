import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, inject, it } from "vitest";
import { applyMigrations } from "../../prisma/migrate.ts";
import { missingSql, writeMigration, type Sources } from "../../prisma/new-migration.ts";
import { NO_FILTERS, withSchemaEngine } from "../../prisma/schema-engine.ts";
import { StartupError } from "../../server/kernel/startup-error.ts";
import { createDatabase } from "../kit/database.ts";
import { onRelease } from "../kit/resources.ts";

const OURS = join(import.meta.dirname, "../../prisma");
const SCHEMA = join(OURS, "schema.prisma");
const MIGRATIONS = join(OURS, "migrations");
const FUNCTIONS = join(OURS, "functions");
const SLOW = 60_000;

/** Creates an empty database. */
async function emptyDatabase(): Promise<{ url: string; ask: (sql: string) => Promise<unknown[]> }> {
  const made = await createDatabase();
  await made.query("DROP SCHEMA public CASCADE");
  await made.query("CREATE SCHEMA public");
  return { url: made.url, ask: (sql) => made.query(sql) };
}

/** Copies the project's migrations and models into a folder of the test. */
async function copyOfOurs(): Promise<Sources> {
  const folder = await mkdtemp(join(tmpdir(), "parley-migrations-"));
  onRelease(() => rm(folder, { recursive: true, force: true }));
  await cp(OURS, folder, { recursive: true });
  return {
    schema: join(folder, "schema.prisma"),
    migrationsDir: join(folder, "migrations"),
    functionsDir: join(folder, "functions"),
  };
}

async function addMigration(migrationsDir: string, name: string, sql: string): Promise<void> {
  await mkdir(join(migrationsDir, name));
  await writeFile(join(migrationsDir, name, "migration.sql"), sql);
}

async function names(): Promise<string[]> {
  return (await readdir(MIGRATIONS)).filter((name) => /^\d/.test(name)).sort();
}

const quiet = { migrationsDir: MIGRATIONS, log: () => undefined };

describe("applying migrations", () => {
  it("brings an empty database to the models, as Prisma confirms", async () => {
    const { url } = await emptyDatabase();
    expect(await applyMigrations(url, quiet)).toEqual({ applied: await names() });
    const migrationDirectories = await Promise.all(
      (await names()).map(async (path) => ({
        path,
        migrationFile: {
          path: "migration.sql",
          content: {
            tag: "ok" as const,
            value: await readFile(join(MIGRATIONS, path, "migration.sql"), "utf8"),
          },
        },
      })),
    );
    const files = [{ path: SCHEMA, content: await readFile(SCHEMA, "utf8") }];
    const verdict = await withSchemaEngine(url, files, (engine) =>
      engine.diagnoseMigrationHistory({
        migrationsList: {
          baseDir: MIGRATIONS,
          lockfile: { path: "./migration_lock.toml", content: 'provider = "postgresql"' },
          shadowDbInitScript: "",
          migrationDirectories,
        },
        optInToShadowDatabase: false,
        filters: NO_FILTERS,
      }),
    );
    expect(verdict).toEqual({
      editedMigrationNames: [],
      failedMigrationNames: [],
      hasMigrationsTable: true,
      history: null,
    });
  });

  it("has no effect the second time", async () => {
    const { url, ask } = await emptyDatabase();
    await applyMigrations(url, quiet);
    const before = await ask(`SELECT * FROM "_prisma_migrations" ORDER BY id`);
    expect(await applyMigrations(url, quiet)).toEqual({ applied: [] });
    expect(await ask(`SELECT * FROM "_prisma_migrations" ORDER BY id`)).toEqual(before);
  });

  it("applies each once in parallel starts", async () => {
    const { url, ask } = await emptyDatabase();
    const results = await Promise.all(Array.from({ length: 5 }, () => applyMigrations(url, quiet)));
    expect(results.flatMap(({ applied }) => applied)).toEqual(await names());
    expect(await ask(`SELECT migration_name FROM "_prisma_migrations"`)).toHaveLength(
      (await names()).length,
    );
  });

  it("rolls back a failing one and names the line", async () => {
    const { url, ask } = await emptyDatabase();
    const { migrationsDir } = await copyOfOurs();
    const name = "29990101000000_broken";
    await addMigration(migrationsDir, name, "CREATE TABLE half (id int);\n\nSELECT nonsense;\n");
    await expect(applyMigrations(url, { ...quiet, migrationsDir })).rejects.toMatchObject({
      name: "StartupError",
      message: expect.stringContaining(`Migration ${name} failed at line 3`),
    });
    expect(await ask(`SELECT to_regclass('half') AS half`)).toEqual([{ half: null }]);

    await addMigrationText(migrationsDir, name, "CREATE TABLE whole (id int);");
    expect(await applyMigrations(url, { ...quiet, migrationsDir })).toEqual({ applied: [name] });
  });

  it("rejects a database whose migration differs from the file", async () => {
    const { url } = await emptyDatabase();
    const { migrationsDir } = await copyOfOurs();
    await applyMigrations(url, { ...quiet, migrationsDir });
    const [first = ""] = await names();
    await addMigrationText(migrationsDir, first, "SELECT 1;");
    await expect(applyMigrations(url, { ...quiet, migrationsDir })).rejects.toThrow(
      `Migration ${first} was changed`,
    );
  });

  it("accepts a database that a newer Parley has migrated further", async () => {
    const { url } = await emptyDatabase();
    const { migrationsDir } = await copyOfOurs();
    await addMigration(migrationsDir, "29990101000000_newer", "CREATE TABLE newer (id int);");
    await applyMigrations(url, { ...quiet, migrationsDir });
    expect(await applyMigrations(url, quiet)).toEqual({ applied: [] });
  });

  it.each([
    ["does not exist", (url: URL) => void (url.pathname = "/nowhere"), "createdb nowhere"],
    ["rejects the password", (url: URL) => void (url.password = "guess"), "DATABASE_URL"],
    ["refuses connections", (url: URL) => void (url.port = "1"), "Start PostgreSQL"],
  ])(
    "reports in one line, without the password, that the database %s",
    async (cause, spoil, what) => {
      const url = new URL(inject("postgres").url);
      const { password } = url;
      spoil(url);
      const refused = await applyMigrations(url.href, quiet).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StartupError);
      const { message, remedy } = refused as StartupError;
      expect(message).toContain(cause);
      expect(remedy).toContain(what);
      expect(`${message}${remedy}`).not.toContain("\n");
      expect(`${message}${remedy}`).not.toContain(password);
      expect(`${message}${remedy}`).not.toContain("guess");
    },
  );

  it("waits for another process that migrates", async () => {
    const { url, ask } = await emptyDatabase();
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query("SELECT pg_advisory_lock(72707369)");
    const waiting = applyMigrations(url, quiet);
    await expect
      .poll(() => ask("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"))
      .toHaveLength(1);
    await other.end();
    expect(await waiting).toEqual({ applied: await names() });
  });
});

describe("writing migrations", { timeout: SLOW }, () => {
  it("confirms that models, functions and migrations agree", async () => {
    const ours = { schema: SCHEMA, migrationsDir: MIGRATIONS, functionsDir: FUNCTIONS };
    expect(await missingSql(ours)).toBe("");
  });

  it("detects a changed model, writes the missing migration, and then finds no difference", async () => {
    const sources = await copyOfOurs();
    const text = await readFile(sources.schema, "utf8");
    await writeFile(
      sources.schema,
      text.replace(/^model User \{/m, "model User {\n  mood String? @db.VarChar(20)"),
    );
    expect(await missingSql(sources)).toContain(`ALTER TABLE "User" ADD COLUMN     "mood"`);

    const now = new Date("2999-01-02T03:04:05Z");
    const file = await writeMigration("Add the mood!", sources, now);
    expect(file).toBe(join(sources.migrationsDir, "29990102030405_add_the_mood", "migration.sql"));
    expect(await missingSql(sources)).toBe("");
    expect(await writeMigration("again", sources, now)).toBeUndefined();
  });

  it("copies a changed function into a migration, and drops a function without a file", async () => {
    const sources = await copyOfOurs();
    const changed = join(sources.functionsDir, "mark_gate.sql");
    const text = (await readFile(changed, "utf8")).replace("$function$", "$function$ -- changed");
    await writeFile(changed, text);
    await rm(join(sources.functionsDir, "discount_message.sql"));

    const file = await writeMigration("change functions", sources);
    expect(await readFile(file ?? "", "utf8")).toBe(
      `DROP FUNCTION discount_message(message uuid);\n\n${text}`,
    );
    expect(await missingSql(sources)).toBe("");
  });

  it("writes the first migration into an empty folder, with Prisma's lock file", async () => {
    const sources = await copyOfOurs();
    const { migrationsDir } = sources;
    await rm(migrationsDir, { recursive: true });
    const file = await writeMigration("foundation", sources);
    expect(await readFile(file ?? "", "utf8")).toContain(`CREATE TABLE "User"`);
    expect(await readFile(join(migrationsDir, "migration_lock.toml"), "utf8")).toContain(
      'provider = "postgresql"',
    );
  });
});

function addMigrationText(migrationsDir: string, name: string, sql: string): Promise<void> {
  return writeFile(join(migrationsDir, name, "migration.sql"), sql);
}
