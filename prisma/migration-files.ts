import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import { StartupError } from "../server/kernel/startup-error.ts";

/** One migration: a folder with a `migration.sql`, in Prisma's layout. */
export interface Migration {
  /** Name of the folder, which starts with its creation time; migrations are ordered by name. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the SQL in hexadecimal, as in `_prisma_migrations`. */
  readonly checksum: string;
}

/**
 * Reads the migrations of a folder, in order.
 *
 * @param folder such as `prisma/migrations`
 * @throws StartupError if the folder does not exist or a migration has no SQL
 */
export async function readMigrations(folder: string): Promise<Migration[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return await Promise.all(
      names.sort().map(async (name) => {
        // A checkout on Windows may have changed the line ends, which do not count.
        const text = await readFile(join(folder, name, "migration.sql"), "utf8");
        const sql = text.replaceAll("\r\n", "\n");
        return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
      }),
    );
  } catch (error) {
    throw new StartupError(
      `Cannot read the migrations in ${folder}: ${error instanceof Error ? error.message : String(error)}`,
      "Start Parley in its own folder, and check that it is complete (`git status` lists missing files)",
      { cause: error },
    );
  }
}
