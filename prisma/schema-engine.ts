import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";

import { catalogReader } from "./catalog-reader.ts";

/** Prisma's models: path and text of each schema file. */
export type SchemaFiles = { path: string; content: string }[];

let loaded: Promise<void> | undefined;

/** Loads the engine's WebAssembly, which its package offers only to bundlers. */
function load(): Promise<void> {
  loaded ??= (async () => {
    const require = createRequire(import.meta.url);
    const entry = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
    const { instance } = await WebAssembly.instantiate(
      await readFile(entry.replace(/\.js$/, ".wasm")),
      { "./schema_engine_bg.js": { ...bindings } as unknown as WebAssembly.ModuleImports },
    );
    bindings.__wbg_set_wasm(instance.exports);
    const start = instance.exports["__wbindgen_start"];
    if (typeof start !== "function") throw new Error("The schema engine has no start function");
    (start as () => void)();
  })();
  return loaded;
}

/**
 * Runs `work` with Prisma's schema engine, which needs no download in this form.
 *
 * @param databaseUrl the database for the engine
 * @param schema the models
 * @param work receives the engine, which ends afterwards
 */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  schema: SchemaFiles,
  work: (engine: bindings.SchemaEngine) => Promise<T>,
): Promise<T> {
  await load();
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
    max: 2,
  });
  try {
    const engine = await bindings.SchemaEngine.new(
      { datamodels: schema.map(({ path, content }) => [path, content]) },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(catalogReader(pool)),
    );
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}

/** No tables or types are managed by other tools. */
export const NO_FILTERS = { externalTables: [], externalEnums: [] };

/**
 * Returns the SQL that a database lacks to match the models.
 *
 * @param databaseUrl the database, with all migrations applied
 * @param schema the models
 * @returns empty if they agree
 */
export function diffToModels(databaseUrl: string, schema: SchemaFiles): Promise<string> {
  return withSchemaEngine(databaseUrl, schema, async (engine) => {
    const { stdout } = await engine.diff({
      from: { tag: "schemaDatasource", files: schema, configDir: "." },
      to: { tag: "schemaDatamodel", files: schema },
      script: true,
      exitCode: null,
      filters: NO_FILTERS,
    });
    const sql = stdout ?? "";
    // The engine describes an empty difference in a comment.
    const isSilent = sql.split("\n").every((line) => line.trim() === "" || line.startsWith("--"));
    return isSilent ? "" : `${sql.trim()}\n`;
  });
}
