import type { EmbeddedReference, LoadByIds } from "./reference.ts";

/** Loaded records by id, for each kind of record. */
export type LoadedRecords = ReadonlyMap<EmbeddedReference, ReadonlyMap<string, object>>;

/** Replaces records in payloads by their ids for storage, and ids by records after reading. */
export interface EmbeddedRecords {
  /** Returns a copy of a payload with the id of each record. */
  dehydrate(payload: unknown): unknown;
  /** Loads the records of stored payloads. */
  load(payloads: readonly unknown[]): Promise<LoadedRecords>;
  /** Returns a copy of a stored payload with its records; null if one of them no longer exists. */
  hydrate(payload: unknown, records: LoadedRecords): unknown;
}

type Fields = Readonly<Record<string, unknown>>;

export interface EmbeddedRecordsOptions {
  references: readonly EmbeddedReference[];
  loaderOf: (reference: EmbeddedReference) => LoadByIds;
}

export function makeEmbeddedRecords(options: EmbeddedRecordsOptions): EmbeddedRecords {
  const { references, loaderOf } = options;

  return {
    dehydrate: (payload) =>
      mapObjects(payload, (fields) => {
        const { id } = fields;
        if (typeof id !== "string") return undefined;
        for (const { keyField, idField } of references)
          if (typeof fields[keyField] === "string") return { [idField]: id };
        return undefined;
      }),
    load: async (payloads) => {
      const records = new Map<EmbeddedReference, ReadonlyMap<string, object>>();
      for (const reference of references) {
        const ids = idsIn(payloads, reference);
        if (ids.size > 0) records.set(reference, await loaderOf(reference)([...ids]));
      }
      return records;
    },
    hydrate: (payload, records) => {
      let isComplete = true;
      const hydrated = mapObjects(payload, (fields) => {
        for (const reference of references) {
          const id = fields[reference.idField];
          if (typeof id !== "string") continue;
          const record = records.get(reference)?.get(id);
          isComplete &&= record !== undefined;
          return record;
        }
        return undefined;
      });
      return isComplete ? hydrated : null;
    },
  };
}

function idsIn(payloads: readonly unknown[], { idField }: EmbeddedReference): Set<string> {
  const ids = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (typeof value === "object" && value !== null) {
      const id = (value as Fields)[idField];
      if (typeof id === "string") ids.add(id);
      Object.values(value).forEach(visit);
    }
  };
  visit(payloads);
  return ids;
}

/** Returns a copy in which `replace` may replace an object; undefined keeps a copy of it. */
function mapObjects(value: unknown, replace: (fields: Fields) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, replace));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const fields = value as Fields;
  return (
    replace(fields) ??
    Object.fromEntries(
      Object.entries(fields).map(([key, item]) => [key, mapObjects(item, replace)]),
    )
  );
}
