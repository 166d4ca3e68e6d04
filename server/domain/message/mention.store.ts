import type { Database, Db } from "../../infra/database/database.ts";
import { isMembershipOf, JOIN_OWN } from "../conversation/conversation.sql.ts";
import type { MessageRecord } from "./message.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import { NIL_UUID } from "../../kernel/ids.ts";
import type { MentionRights } from "./mention.ts";
import { makeMessageReader, userJson, toUser, type UserJson } from "./message-reader.store.ts";

/** A user named in a text. */
export interface Named {
  user: UserRecord;
  isMember: boolean;
}

export interface MentionPage {
  /** Log positions; the list is sorted by them, latest first. */
  before: number | undefined;
  after: number | undefined;
  limit: number;
  inverted: boolean;
}

/** A message and its log position. */
export interface PlacedMessage {
  message: MessageRecord;
  position: number;
}

export interface MentionStore {
  /**
   * Finds the users with these names, and the author's rights; null if the conversation does not exist.
   *
   * @param keys usernames in lower case
   */
  resolve(
    authorId: string,
    conversationId: string,
    keys: readonly string[],
    db?: Db,
  ): Promise<{ rights: MentionRights; people: Named[] } | null>;
  /** Messages of other users that mention the user, in the user's conversations. */
  page(userId: string, page: MentionPage): Promise<PlacedMessage[]>;
}

interface ResolvedRow extends MentionRights {
  people: { user: UserJson; isMember: boolean }[];
}

const RESOLVE = `
  SELECT c.kind::text AS kind, own.role::text AS role, h."memberCount", coalesce(named.people, '[]') AS people
  FROM "Conversation" c
  JOIN "ConversationHead" h ON h."conversationId" = c.id
  ${JOIN_OWN}
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('isMember', m.id IS NOT NULL, 'user', ${userJson("u")})) AS people
    FROM "User" u
    LEFT JOIN "Membership" m ON ${isMembershipOf("m", "c.id", "u.id")}
    WHERE u."usernameKey" = ANY($3::text[])
  ) named
  WHERE c.id = $2::uuid`;

/** Selects mentions of a user in one conversation, by name and among all members, from one end of a page. */
const mentionsSql = (place: string, direction: "ASC" | "DESC", limit: string): string => `
  SELECT m.id, m.position
  FROM "Mention" called JOIN "Message" m ON m.id = called."messageId"
  WHERE called."userId" = ${place}.target AND called."conversationId" = ${place}."conversationId"
    AND m."authorId" <> $1::uuid
    AND (${place}.target = $1::uuid OR m.position > ${place}."joinedPosition")
    AND m.position > $2::bigint AND m.position < $3::bigint
  ORDER BY called.seq ${direction} LIMIT ${limit}`;

/**
 * Selects a page of mentions of a user. It finds the first mention in each conversation and reads more
 * only in as many conversations as the page has rows, because no others can contribute.
 */
const pageSql = (direction: "ASC" | "DESC"): string => `
  WITH place AS MATERIALIZED (
    SELECT own."conversationId", own."joinedPosition", target.id AS target
    FROM "Membership" own CROSS JOIN (VALUES ($1::uuid), ('${NIL_UUID}'::uuid)) AS target (id)
    WHERE own."userId" = $1::uuid AND own."leftPosition" IS NULL
  ), nearest AS MATERIALIZED (
    SELECT place.* FROM place CROSS JOIN LATERAL (${mentionsSql("place", direction, "1")}) first
    ORDER BY first.position ${direction} LIMIT 2 * $4::int
  )
  SELECT DISTINCT found.id, found.position
  FROM nearest CROSS JOIN LATERAL (${mentionsSql("nearest", direction, "$4::int")}) found
  ORDER BY found.position ${direction} LIMIT $4::int`;

export function makeMentionStore(database: Database): MentionStore {
  const reader = makeMessageReader(database);
  return {
    resolve: async (authorId, conversationId, keys, db = database.main) => {
      const [row] = await db.prisma.$queryRawUnsafe<ResolvedRow[]>(
        RESOLVE,
        authorId,
        conversationId,
        [...keys],
      );
      if (row === undefined) return null;
      const { people, ...rights } = row;
      return {
        rights,
        people: people.map(({ user, isMember }) => ({ user: toUser(user), isMember })),
      };
    },
    page: async (userId, { before, after, limit, inverted }) => {
      const rows = await database.main.prisma.$queryRawUnsafe<{ id: string; position: bigint }[]>(
        pageSql(inverted ? "ASC" : "DESC"),
        userId,
        before ?? 0,
        after ?? Number.MAX_SAFE_INTEGER,
        limit,
      );
      const messages = await reader.findByIds(rows.map(({ id }) => id));
      return rows.flatMap(({ id, position }) => {
        const message = messages.get(id);
        return message === undefined ? [] : [{ message, position: Number(position) }];
      });
    },
  };
}
