// `npm run db:functions` rewrites prisma/functions from the migrations.
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import pg from "pg";

import { applyMigrations } from "./migrate.ts";
import { withTemporaryDatabase } from "./temporary-database.ts";

/** A SQL function of a migrated database. */
interface SqlFunction {
  name: string;
  /** Types of its arguments, separated by commas. */
  arguments: string;
  /** Its definition, as PostgreSQL prints it, with an end of line after the last. */
  text: string;
}

/** Functions of extensions belong to the extensions. */
const FUNCTIONS = `
  SELECT p.proname AS name, pg_get_function_identity_arguments(p.oid) AS arguments,
         replace(pg_get_functiondef(p.oid), ' FUNCTION public.', ' FUNCTION ') AS text
  FROM pg_proc p
  WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND NOT EXISTS (
    SELECT FROM pg_depend d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
  ) ORDER BY 1, 2`;

async function readFunctions(databaseUrl: string): Promise<SqlFunction[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<SqlFunction>(FUNCTIONS);
    return rows.map((row) => ({ ...row, text: `${row.text.trimEnd()};\n` }));
  } finally {
    await client.end();
  }
}

/**
 * Returns the SQL that brings the functions of a migrated database to the texts in a folder; empty if they
 * agree.
 *
 * @param folder one file `<name>.sql` for each function
 */
export async function missingFunctionSql(databaseUrl: string, folder: string): Promise<string> {
  const functions = await readFunctions(databaseUrl);
  const files = (await readdir(folder)).filter((file) => file.endsWith(".sql")).sort();
  const current = new Map(functions.map(({ name, text }) => [`${name}.sql`, text]));
  const texts = await Promise.all(
    files.map(async (file) => {
      // A checkout on Windows may have changed the line ends, which do not count.
      const text = (await readFile(join(folder, file), "utf8")).replaceAll("\r\n", "\n");
      return text === current.get(file) ? [] : [text];
    }),
  );
  const removed = functions.filter(({ name }) => !files.includes(`${name}.sql`));
  return [
    ...removed.map((one) => `DROP FUNCTION ${one.name}(${one.arguments});\n`),
    ...texts.flat(),
  ].join("\n");
}

/** Replaces the files in a folder by the functions of a migrated database. */
export async function writeFunctions(databaseUrl: string, folder: string): Promise<void> {
  const functions = await readFunctions(databaseUrl);
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder)) if (file.endsWith(".sql")) await rm(join(folder, file));
  for (const { name, text } of functions)
    // Fails on an overloaded function, whose definitions cannot share a file.
    await writeFile(join(folder, `${name}.sql`), text, { flag: "wx" });
}

if (resolve(process.argv[1] ?? "") === fileURLToPath(import.meta.url)) {
  const here = dirname(fileURLToPath(import.meta.url));
  await withTemporaryDatabase(async (url) => {
    await applyMigrations(url, { migrationsDir: join(here, "migrations"), log: () => undefined });
    await writeFunctions(url, join(here, "functions"));
  });
}
