import type { Position } from "../kernel/cursor.ts";
import { reviveDates } from "../kernel/json.ts";
import type { EventDefinitions } from "./define-event.ts";
import type { EmbeddedRecords, LoadedRecords } from "./embedded-records.ts";
import type { AuthorityChange, LogEvent, NewEvent, PlacedEvent } from "./event.ts";
import type { LoadByIds, RowReference } from "./reference.ts";

/** A row of `Event`, with one more column for each kind of id that has its own. */
export interface EventRow {
  position: string;
  at: Date;
  type: string;
  topic: string;
  payload: unknown;
  authority: AuthorityChange | null;
}

/** A position with its event; null for an event that cannot be shown. */
export interface ReadEvent {
  position: Position;
  event: LogEvent | null;
}

type LoadedRows = ReadonlyMap<RowReference, ReadonlyMap<string, object>>;

/** Converts events to what the `Event` table stores, and back. */
export interface StoredEvents {
  /** Returns the item of an event for `log_append`. */
  toItem(event: NewEvent): object;
  /** Loads the rows and records that the stored events refer to. */
  toEvents(rows: readonly EventRow[]): Promise<ReadEvent[]>;
  /** Adds the rows that events refer to, as they are now; null where one no longer exists. */
  complete(events: readonly PlacedEvent[]): Promise<(LogEvent | null)[]>;
}

export interface StoredEventsOptions {
  definitions: EventDefinitions;
  embedded: EmbeddedRecords;
  loaderOf: (reference: RowReference) => LoadByIds;
}

export function makeStoredEvents({
  definitions,
  embedded,
  loaderOf,
}: StoredEventsOptions): StoredEvents {
  const load = async (ids: ReadonlyMap<RowReference, ReadonlySet<string>>): Promise<LoadedRows> => {
    const rows = new Map<RowReference, ReadonlyMap<string, object>>();
    for (const [reference, wanted] of ids)
      rows.set(reference, await loaderOf(reference)([...wanted]));
    return rows;
  };

  const toEvent = (row: EventRow, rows: LoadedRows, records: LoadedRecords): LogEvent | null => {
    const definition = definitions.find(row.type);
    if (definition === undefined) return null;
    const stored = embedded.hydrate(reviveDates(row.payload) ?? {}, records) as object | null;
    const payload =
      stored === null
        ? null
        : withRow(stored, definition.reference, storedIdOf(definition.reference, row), rows);
    if (payload === null) return null;
    const { type, topic, at, authority } = row;
    const event = { type, topic, payload, position: Number(row.position), at };
    return authority === null ? event : { ...event, authority };
  };

  return {
    toItem: (event) => {
      const { type, topic, payload, authority = null } = event;
      const { reference } = definitions.of(event);
      if (reference === null || reference.column === null)
        return { type, topic, payload: embedded.dehydrate(payload), authority };
      const { [reference.idField]: id, ...rest } = payload as Record<string, unknown>;
      return {
        type,
        topic,
        [reference.column]: id,
        payload: Object.keys(rest).length === 0 ? null : embedded.dehydrate(rest),
        authority,
      };
    },
    toEvents: async (stored) => {
      const ids = new IdsByReference();
      for (const row of stored) {
        const reference = definitions.find(row.type)?.reference ?? null;
        ids.add(reference, storedIdOf(reference, row));
      }
      const rows = await load(ids.all);
      const records = await embedded.load(stored.map(({ payload }) => payload));
      return stored.map((row) => ({
        position: Number(row.position),
        event: toEvent(row, rows, records),
      }));
    },
    complete: async (events) => {
      const ids = new IdsByReference();
      for (const event of events) {
        const { reference } = definitions.of(event);
        ids.add(reference, idOf(reference, event.payload));
      }
      const rows = await load(ids.all);
      return events.map((event) => {
        const { reference } = definitions.of(event);
        const payload = withRow(event.payload, reference, idOf(reference, event.payload), rows);
        return payload === null ? null : { ...event, payload };
      });
    },
  };
}

class IdsByReference {
  readonly all = new Map<RowReference, Set<string>>();

  add(reference: RowReference | null, id: string | null): void {
    if (reference === null || id === null) return;
    const ids = this.all.get(reference);
    if (ids === undefined) this.all.set(reference, new Set([id]));
    else ids.add(id);
  }
}

/** The id in a new payload. */
function idOf(reference: RowReference | null, payload: object): string | null {
  return reference === null
    ? null
    : ((payload as Record<string, string>)[reference.idField] ?? null);
}

/** The id in a row of `Event`. */
function storedIdOf(reference: RowReference | null, row: EventRow): string | null {
  if (reference === null) return null;
  return reference.column === null
    ? idOf(reference, row.payload as object)
    : ((row as unknown as Record<string, string | null>)[reference.column] ?? null);
}

/** The payload with the row in place of its id; null if the row no longer exists. */
function withRow(
  payload: object,
  reference: RowReference | null,
  id: string | null,
  rows: LoadedRows,
): object | null {
  if (reference === null) return payload;
  const row = id === null ? undefined : rows.get(reference)?.get(id);
  if (row === undefined) return null;
  const { [reference.idField]: _, ...rest } = payload as Record<string, unknown>;
  // Most payloads have no other field. Spreading an empty object would take longer than the rest of this
  // function.
  return Object.keys(rest).length === 0
    ? { [reference.field]: row }
    : { ...rest, [reference.field]: row };
}
