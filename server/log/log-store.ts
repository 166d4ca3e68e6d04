import type { Database, Db } from "../infra/database/database.ts";
import type { Position } from "../kernel/cursor.ts";
import { NIL_UUID } from "../kernel/ids.ts";
import { reviveDates } from "../kernel/json.ts";
import { isEventType, namedPost, storedPayload } from "./codec.ts";
import type { AuthorityChange, LogEvent, NewEvent, Place, PlacedEvent } from "./event.ts";
import { peopleNamedIn, withPeople } from "./people.ts";
import type { MessageRecord } from "../domain/message/message.record.ts";
import type { PostRecord } from "../domain/post/post.record.ts";
import type { UserRecord } from "../domain/user/user.record.ts";

interface EventRow {
  position: string;
  at: Date;
  type: string;
  topic: string;
  messageId: string | null;
  payload: unknown;
  authority: AuthorityChange | null;
}

/** A position as node-postgres returns it. */
type PlaceRow = Omit<Place, "position"> & { position: string };

/** Loads the messages that events name; ids that are gone are missing from the answer. */
export type LoadMessages = (ids: readonly string[]) => Promise<ReadonlyMap<string, MessageRecord>>;

/** Loads the people that events name; ids that are gone are missing from the answer. */
export type LoadPeople = (ids: readonly string[]) => Promise<ReadonlyMap<string, UserRecord>>;
/** The same for posts; those that are deleted are missing as well. */
export type LoadPosts = (ids: readonly string[]) => Promise<ReadonlyMap<string, PostRecord>>;

/** Where the log reads what events only name. */
export interface Loading {
  loadMessages: LoadMessages;
  loadPosts: LoadPosts;
  loadPeople: LoadPeople;
}

/** What events name, by id. */
interface Named {
  messages: ReadonlyMap<string, MessageRecord>;
  posts: ReadonlyMap<string, PostRecord>;
}

const HEAD = `SELECT position FROM "LogHead" WHERE id = 1`;
const NO_USERS: ReadonlyMap<string, UserRecord> = new Map();

export interface LogStore {
  /** Position of the newest event. */
  head(): Promise<Position>;
  /** Position of the newest event that `db` sees. */
  headIn(db: Db): Promise<Position>;
  /** Position of the oldest event still kept; null when the log is empty. */
  oldest(): Promise<Position | null>;
  /** All events after `after`, oldest first. A place that cannot be shown keeps its position with a null event. */
  readAll(
    after: Position,
    limit: number,
  ): Promise<{ position: Position; event: LogEvent | null }[]>;
  /** Events of the given topics after `after` up to and including `until`, oldest first. */
  readTopics(
    topics: readonly string[],
    after: Position,
    until: Position,
    limit: number,
  ): Promise<{ position: Position; event: LogEvent | null }[]>;
  /** Locks the head until the transaction ends. */
  lock(tx: Db): Promise<void>;
  /** Locks the head until the transaction ends and appends. Returns the events with their positions. */
  append(tx: Db, events: readonly NewEvent[]): Promise<PlacedEvent[]>;
  /** Adds the messages and posts that events name, as they are now; null where one is gone. */
  complete(events: readonly PlacedEvent[]): Promise<(LogEvent | null)[]>;
  /** Deletes events that happened before `before`, at most `limit`; answers how many. */
  prune(before: Date, limit: number): Promise<number>;
}

export interface LogStoreOptions {
  database: Database;
  loading: Loading;
}

export function makeLogStore({ database, loading }: LogStoreOptions): LogStore {
  const sql = database.log;

  const load = async (
    messageIds: readonly string[],
    postIds: readonly string[],
  ): Promise<Named> => ({
    messages: messageIds.length === 0 ? new Map() : await loading.loadMessages(messageIds),
    posts: postIds.length === 0 ? new Map() : await loading.loadPosts(postIds),
  });

  const toEvents = async (
    rows: readonly EventRow[],
  ): Promise<{ position: Position; event: LogEvent | null }[]> => {
    const people = new Set(rows.flatMap((row) => [...peopleNamedIn(row.payload)]));
    const named = await load(
      rows.flatMap((row) => row.messageId ?? []),
      rows.flatMap((row) => namedPost(row.type, row.payload) ?? []),
    );
    const known = people.size === 0 ? NO_USERS : await loading.loadPeople([...people]);
    return rows.map((row) => ({
      position: Number(row.position),
      event: toEvent(row, named, known),
    }));
  };

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
      if (row === undefined) throw new Error("A log without a head");
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
        `SELECT position, at, type, topic, "messageId", payload, authority
               FROM "Event" WHERE position > $1 ORDER BY position LIMIT $2`,
        [after, limit],
      );
      return toEvents(rows);
    },
    // One index range per topic, then merged: the cost is that of the answer, not of the log's length.
    readTopics: async (topics, after, until, limit) => {
      const rows = await sql.query<EventRow>(
        `SELECT e.* FROM unnest($1::uuid[]) AS wanted(topic)
               CROSS JOIN LATERAL (
                 SELECT position, at, type, topic, "messageId", payload, authority FROM "Event"
                 WHERE topic = wanted.topic AND position > $2 AND position <= $3
                 ORDER BY position LIMIT $4
               ) e ORDER BY e.position LIMIT $4`,
        [topics, after, until, limit],
      );
      return toEvents(rows);
    },
    lock: async (tx) => {
      await appendItems(tx, []);
    },
    append: async (tx, events) => {
      const items = events.map((event) => ({
        type: event.type,
        topic: event.topic,
        ...storedPayload(event),
        authority: event.authority ?? null,
      }));
      const places = await appendItems(tx, items);
      for (const event of events) {
        if (event.type === "ROOM_HIDDEN") await restrictToMembers(tx, event.payload.roomId);
      }
      return events.map((event, index) => {
        const place = places[index];
        if (place === undefined)
          throw new Error("The log answered fewer places than events were appended");
        return { ...event, position: Number(place.position), at: place.at };
      });
    },
    complete: async (events) => {
      const named = await load(
        events.flatMap(({ payload }) => ("messageId" in payload ? payload.messageId : [])),
        events.flatMap(({ type, payload }) => namedPost(type, payload) ?? []),
      );
      return events.map((event) => {
        const messageId = "messageId" in event.payload ? event.payload.messageId : null;
        const payload = withNamed(event.type, messageId, event.payload, named);
        return payload === null ? null : ({ ...event, payload } as LogEvent);
      });
    },
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

/** Leaves what everyone was told of a room to its members. */
async function restrictToMembers(tx: Db, roomId: string): Promise<void> {
  await tx.prisma.$executeRaw`
    UPDATE "Event" SET topic = ${roomId}::uuid
    WHERE topic = ${NIL_UUID}::uuid AND type IN ('ROOM_CREATED', 'ROOM_UPDATED')
      AND payload #>> '{room,id}' = ${roomId}`;
}

function toEvent(
  row: EventRow,
  named: Named,
  people: ReadonlyMap<string, UserRecord>,
): LogEvent | null {
  if (!isEventType(row.type)) return null;
  const stored = withPeople(reviveDates(row.payload) ?? {}, people) as object | null;
  const payload = stored === null ? null : withNamed(row.type, row.messageId, stored, named);
  if (payload === null) return null;
  const { type, topic, at, authority } = row;
  const event = { type, topic, payload, position: Number(row.position), at };
  return (authority === null ? event : { ...event, authority }) as LogEvent;
}

/** The payload with the message or post that it names in place of the id; null where that is gone. */
function withNamed(
  type: string,
  messageId: string | null,
  payload: object,
  named: Named,
): object | null {
  if (messageId !== null) {
    const { messageId: _, ...rest } = payload as { messageId?: string };
    const message = named.messages.get(messageId);
    if (message === undefined) return null;
    // Most name nothing else. To spread even that would take longer than all the rest.
    return Object.keys(rest).length === 0 ? { message } : { ...rest, message };
  }
  const postId = namedPost(type, payload);
  if (postId === null) return payload;
  const { postId: _, ...rest } = payload as { postId: string };
  const post = named.posts.get(postId);
  return post === undefined ? null : { ...rest, post };
}
