import type { Database, Db } from "../infra/database/database.ts";
import type { Position } from "../kernel/cursor.ts";
import { NIL_UUID } from "../kernel/ids.ts";
import type { EventDefinitions, Restriction } from "./define-event.ts";
import { makeEmbeddedRecords } from "./embedded-records.ts";
import type { LogEvent, NewEvent, Place, PlacedEvent } from "./event.ts";
import type { EmbeddedReference, LoadByIds, Reference } from "./reference.ts";
import { makeStoredEvents, type EventRow, type ReadEvent } from "./stored-events.ts";

/** A position as node-postgres returns it. */
type PlaceRow = Omit<Place, "position"> & { position: string };

const HEAD = `SELECT position FROM "LogHead" WHERE id = 1`;

export interface LogStore {
  /** Position of the newest event. */
  head(): Promise<Position>;
  /** Position of the newest event that `db` sees. */
  headIn(db: Db): Promise<Position>;
  /** Position of the oldest stored event; null for an empty log. */
  oldest(): Promise<Position | null>;
  /** All events after `after`, oldest first. */
  readAll(after: Position, limit: number): Promise<ReadEvent[]>;
  /** Events of the given topics after `after` up to and including `until`, oldest first. */
  readTopics(
    topics: readonly string[],
    after: Position,
    until: Position,
    limit: number,
  ): Promise<ReadEvent[]>;
  /** Locks the head until the transaction ends. */
  lock(tx: Db): Promise<void>;
  /** Locks the head until the transaction ends and appends. Returns the events with their positions. */
  append(tx: Db, events: readonly NewEvent[]): Promise<PlacedEvent[]>;
  /** Adds the rows that events refer to, as they are now; null where one no longer exists. */
  complete(events: readonly PlacedEvent[]): Promise<(LogEvent | null)[]>;
  /** Deletes events that happened before `before`, at most `limit`. Returns the number of deleted events. */
  prune(before: Date, limit: number): Promise<number>;
}

/** The types of events, and how the log reads the rows and records that events refer to. */
export interface EventTypes {
  definitions: EventDefinitions;
  embedded: readonly EmbeddedReference[];
  loaderOf: (reference: Reference) => LoadByIds;
}

export interface LogStoreOptions extends EventTypes {
  database: Database;
}

export function makeLogStore(options: LogStoreOptions): LogStore {
  const { database, definitions, loaderOf } = options;
  const sql = database.log;
  const embedded = makeEmbeddedRecords({ references: options.embedded, loaderOf });
  const storedEvents = makeStoredEvents({ definitions, embedded, loaderOf });
  const columns = [
    "position",
    "at",
    "type",
    "topic",
    ...definitions.idColumns,
    "payload",
    "authority",
  ]
    .map((column) => `"${column}"`)
    .join(", ");

  /** Locks the head and appends. Without items, it only locks. */
  const appendItems = (tx: Db, items: readonly object[]): Promise<PlaceRow[]> =>
    tx.query<PlaceRow>(`SELECT position, at FROM log_append($1::jsonb) ORDER BY position`, [
      JSON.stringify(items),
    ]);

  return {
    head: async () => {
      const [row] = await sql.query<{ position: string }>(HEAD, []);
      return Number(row?.position ?? 0);
    },
    headIn: async (db) => {
      const [row] = await db.query<{ position: string }>(HEAD, []);
      if (row === undefined) throw new Error("The log has no head row");
      return Number(row.position);
    },
    oldest: async () => {
      const rows = await sql.query<{ oldest: string | null }>(
        `SELECT min(position) AS oldest FROM "Event"`,
        [],
      );
      const oldest = rows[0]?.oldest ?? null;
      return oldest === null ? null : Number(oldest);
    },
    readAll: async (after, limit) => {
      const rows = await sql.query<EventRow>(
        `SELECT ${columns} FROM "Event" WHERE position > $1 ORDER BY position LIMIT $2`,
        [after, limit],
      );
      return storedEvents.toEvents(rows);
    },
    // One index range for each topic, then a merge: the cost depends on the result, not on the log's length.
    readTopics: async (topics, after, until, limit) => {
      const rows = await sql.query<EventRow>(
        `SELECT e.* FROM unnest($1::uuid[]) AS wanted(topic)
               CROSS JOIN LATERAL (
                 SELECT ${columns} FROM "Event"
                 WHERE topic = wanted.topic AND position > $2 AND position <= $3
                 ORDER BY position LIMIT $4
               ) e ORDER BY e.position LIMIT $4`,
        [topics, after, until, limit],
      );
      return storedEvents.toEvents(rows);
    },
    lock: async (tx) => {
      await appendItems(tx, []);
    },
    append: async (tx, events) => {
      const places = await appendItems(tx, events.map(storedEvents.toItem));
      for (const event of events) {
        const { restriction } = definitions.of(event);
        if (restriction !== null) await restrict(tx, restriction, event.payload);
      }
      return events.map((event, index) => {
        const place = places[index];
        if (place === undefined)
          throw new Error("The log returned fewer positions than appended events");
        return { ...event, position: Number(place.position), at: place.at };
      });
    },
    complete: storedEvents.complete,
    prune: async (before, limit) => {
      // Positions rise with time, so the oldest rows are a prefix of the primary key.
      const [row] = await sql.query<{ pruned: number }>(
        `WITH pruned AS (
           DELETE FROM "Event" WHERE position IN (
             SELECT position FROM (SELECT position, at FROM "Event" ORDER BY position LIMIT ${String(limit)}) oldest WHERE at < $1
           ) RETURNING position
         ) SELECT count(*)::int AS pruned FROM pruned`,
        [before],
      );
      return row?.pruned ?? 0;
    },
  };
}

/** Restricts earlier events for all users to the subscribers of one topic. */
async function restrict(tx: Db, restriction: Restriction<object>, payload: object): Promise<void> {
  await tx.query(
    `UPDATE "Event" SET topic = $1::text::uuid
     WHERE topic = $2::uuid AND type = ANY($3::text[]) AND payload #>> $4::text[] = $1::text`,
    [
      restriction.topicOf(payload),
      NIL_UUID,
      restriction.events.map(({ type }) => type),
      restriction.path,
    ],
  );
}
