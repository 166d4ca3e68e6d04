import { PrismaPg } from "@prisma/adapter-pg";
import type {
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
} from "@prisma/driver-adapter-utils";
import { ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import type pg from "pg";

/** Object ids of PostgreSQL types: the one-byte `"char"` of its catalog, and `text`. */
const CATALOG_CHAR = 18;
const TEXT = 25;

/**
 * Adapts Prisma's PostgreSQL adapter to read the catalog, whose columns of type `"char"` it does not know
 * and the schema engine needs as single characters.
 *
 * @param pool connections; the caller ends them
 */
export function catalogReader(pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const charColumns = new WeakMap<readonly unknown[], number[]>();
  const query = pool.query.bind(pool) as (...args: unknown[]) => Promise<pg.QueryArrayResult>;
  pool.query = (async (...args: unknown[]) => {
    const result = await query(...args);
    const columns = result.fields.flatMap((field, index) =>
      field.dataTypeID === CATALOG_CHAR ? [index] : [],
    );
    charColumns.set(result.rows, columns);
    for (const field of result.fields) {
      if (field.dataTypeID === CATALOG_CHAR) field.dataTypeID = TEXT;
    }
    return result;
  }) as typeof pool.query;

  const present = (adapter: SqlDriverAdapter): SqlDriverAdapter => {
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (statement) => {
      const result = await queryRaw(statement);
      for (const column of charColumns.get(result.rows) ?? []) {
        result.columnTypes[column] = ColumnTypeEnum.Character;
      }
      return result;
    };
    return adapter;
  };
  const factory = new PrismaPg(pool);
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => present(await factory.connect()),
    connectToShadowDb: async () => present(await factory.connectToShadowDb()),
  };
}
