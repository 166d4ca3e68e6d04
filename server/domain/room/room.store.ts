import { isUniqueViolation, type Database, type Db } from "../../infra/database/database.ts";
import { CAN_DISCOVER, JOIN_OWN } from "../conversation/conversation.sql.ts";
import type { RoomRecord } from "./room.record.ts";

export type RoomSort = "ACTIVITY" | "MEMBERS" | "NAME";

/** Sort key in a list of rooms; both parts as text, as cursors contain them. */
export interface RoomKey {
  value: string;
  id: string;
}

export interface RoomQuery {
  search: string | null;
  /** Whether to list archived rooms instead of the others. */
  archived: boolean;
  sort: RoomSort;
  before: RoomKey | undefined;
  after: RoomKey | undefined;
  limit: number;
  inverted: boolean;
}

export interface RoomStore {
  findBySlug(slug: string): Promise<RoomRecord | null>;
  findById(id: string, db?: Db): Promise<RoomRecord | null>;
  findByIds(ids: readonly string[], db?: Db): Promise<RoomRecord[]>;
  lobby(db?: Db): Promise<RoomRecord | null>;
  /** Public rooms and the viewer's private ones. */
  page(viewerId: string, query: RoomQuery): Promise<(RoomRecord & { key: string })[]>;
  /** Returns false if the slug is taken. */
  create(tx: Db, room: RoomRecord): Promise<boolean>;
  /**
   * Stores all fields of a room. Returns false if the slug is taken. Requires that the unit has locked
   * the log.
   */
  update(tx: Db, room: RoomRecord): Promise<boolean>;
  /** Archives rooms that are not archived yet. Requires that the unit has locked the log. */
  archive(tx: Db, roomIds: readonly string[], at: Date): Promise<void>;
}

/** For each order: SQL value, type for the comparison, and whether it is descending. */
const SORTS = {
  ACTIVITY: { value: `h."lastActivityAt"`, type: "timestamptz", descending: true },
  MEMBERS: { value: `h."memberCount"`, type: "int", descending: true },
  NAME: { value: `lower(r.name)`, type: "text", descending: false },
} as const;

const COLUMNS = `c.id, c.visibility::text AS visibility, c."createdAt", r.slug, r.name, r.topic, r."isLobby", r."pictureId", 'ROOM' AS kind, h."archivedAt", h."slowModeSeconds"`;

export function makeRoomStore(database: Database): RoomStore {
  const { main } = database;
  // Runs while the log is locked and all writers wait: one statement, where Prisma would take three.
  const read = (db: Db, condition: string, ...values: unknown[]): Promise<RoomRecord[]> =>
    db.query<RoomRecord>(
      `SELECT ${COLUMNS} FROM "Room" r
       JOIN "Conversation" c ON c.id = r."conversationId"
       JOIN "ConversationHead" h ON h."conversationId" = c.id
       WHERE ${condition}`,
      values,
    );
  const one = async (db: Db, condition: string, ...values: unknown[]): Promise<RoomRecord | null> =>
    (await read(db, condition, ...values))[0] ?? null;
  return {
    findBySlug: (slug) => one(main, `r.slug = $1`, slug),
    findById: (id, db = main) => one(db, `c.id = $1::uuid`, id),
    findByIds: (ids, db = main) => read(db, `c.id = ANY($1::uuid[])`, ids),
    lobby: (db = main) => one(db, `r."isLobby"`),
    page: (viewerId, query) => {
      const sort = SORTS[query.sort];
      const parameters: unknown[] = [viewerId];
      const bind = (value: unknown): string => `$${String(parameters.push(value))}`;
      const conditions = [
        CAN_DISCOVER,
        `h."archivedAt" IS ${query.archived ? "NOT NULL" : "NULL"}`,
      ];
      if (query.search !== null) {
        // The same expression as in the index "Room_names".
        conditions.push(
          `name_words(r.name || ' ' || r.slug || ' ' || coalesce(r.topic, '')) @@ name_query(${bind(query.search)}::text)`,
        );
      }
      const bound = (key: RoomKey, following: boolean): string =>
        `(${sort.value}, c.id) ${sort.descending === following ? "<" : ">"} (${bind(key.value)}::text::${sort.type}, ${bind(key.id)}::uuid)`;
      if (query.after !== undefined) conditions.push(bound(query.after, true));
      if (query.before !== undefined) conditions.push(bound(query.before, false));
      const direction = sort.descending === query.inverted ? "ASC" : "DESC";
      return main.prisma.$queryRawUnsafe<(RoomRecord & { key: string })[]>(
        `SELECT ${COLUMNS}, ${sort.value}::text AS key
         FROM "Room" r
         JOIN "Conversation" c ON c.id = r."conversationId"
         JOIN "ConversationHead" h ON h."conversationId" = c.id
         ${JOIN_OWN}
         WHERE ${conditions.join(" AND ")}
         ORDER BY ${sort.value} ${direction}, c.id ${direction}
         LIMIT ${bind(query.limit)}::int`,
        ...parameters,
      );
    },
    create: async (tx, room) => {
      const { id, kind, visibility, createdAt, slug, name, topic, isLobby } = room;
      try {
        await tx.prisma.conversation.create({
          data: {
            id,
            kind,
            visibility,
            createdAt,
            head: { create: { lastActivityAt: createdAt } },
            room: { create: { slug, name, topic, isLobby } },
          },
        });
        return true;
      } catch (error) {
        if (isUniqueViolation(error)) return false;
        throw error;
      }
    },
    archive: async (tx, roomIds, at) => {
      await tx.prisma.conversationHead.updateMany({
        where: { conversationId: { in: [...roomIds] }, archivedAt: null },
        data: { archivedAt: at },
      });
    },
    update: async (tx, room) => {
      const { id, visibility, slug, name, topic, pictureId, archivedAt, slowModeSeconds } = room;
      try {
        await tx.prisma.room.update({
          where: { conversationId: id },
          data: { slug, name, topic, pictureId },
        });
      } catch (error) {
        if (isUniqueViolation(error)) return false;
        throw error;
      }
      await tx.prisma.conversation.update({ where: { id }, data: { visibility } });
      await tx.prisma.conversationHead.update({
        where: { conversationId: id },
        data: { archivedAt, slowModeSeconds },
      });
      return true;
    },
  };
}
