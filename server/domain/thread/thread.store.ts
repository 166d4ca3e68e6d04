import { INT_MAX } from "../../kernel/int.ts";
import type { Database, Db } from "../../infra/database/database.ts";
import { isMembershipOf } from "../conversation/conversation.sql.ts";

/** Sort key in a list of threads: last reply first. */
export interface ThreadKey {
  rootId: string;
  lastReplyAt: Date;
}

export interface ThreadPage {
  before: ThreadKey | undefined;
  after: ThreadKey | undefined;
  limit: number;
  inverted: boolean;
}

export interface ReplyPage {
  /** Message numbers within the conversation. */
  before: number | undefined;
  after: number | undefined;
  limit: number;
  inverted: boolean;
}

export interface ThreadStore {
  /** Ids of a thread's replies, including deleted ones, by number. */
  replies(rootId: string, page: ReplyPage): Promise<string[]>;
  ofConversation(conversationId: string, page: ThreadPage): Promise<ThreadKey[]>;
  /** Threads that a user follows in the user's conversations. */
  followedBy(userId: string, page: ThreadPage): Promise<ThreadKey[]>;
  /** A user's choices about threads, by root message. */
  follows(userId: string, rootIds: readonly string[], db?: Db): Promise<Map<string, boolean>>;
  /** Removes all choices of a user about threads. */
  removeAll(tx: Db, userId: string): Promise<void>;
  setFollowing(tx: Db, userId: string, rootId: string, following: boolean): Promise<void>;
}

const FIRST_UUID = "00000000-0000-0000-0000-000000000000";
const LAST_UUID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Selects a page of the threads that `source` selects as `t`; its first four parameters are those of the
 * page.
 */
const threadsSql = (source: string, inverted: boolean): string => {
  const direction = inverted ? "ASC" : "DESC";
  return `
    SELECT t."rootId", t."lastReplyAt" FROM ${source} AND t."replyCount" > 0
      AND (t."lastReplyAt", t."rootId") < ($1::timestamptz, $2::uuid)
      AND (t."lastReplyAt", t."rootId") > ($3::timestamptz, $4::uuid)
    ORDER BY t."lastReplyAt" ${direction}, t."rootId" ${direction} LIMIT $5::int`;
};

const OF_CONVERSATION = `"Thread" t WHERE t."conversationId" = $6::uuid`;
const FOLLOWED = `"ThreadFollow" f
  JOIN "Thread" t ON t."rootId" = f."rootId"
  JOIN "Membership" own ON ${isMembershipOf("own", 't."conversationId"', 'f."userId"')}
  WHERE f."userId" = $6::uuid AND f.following`;

export function makeThreadStore(database: Database): ThreadStore {
  const page = (source: string, id: string, { before, after, limit, inverted }: ThreadPage) =>
    database.main.prisma.$queryRawUnsafe<ThreadKey[]>(
      threadsSql(source, inverted),
      after?.lastReplyAt.toISOString() ?? "infinity",
      after?.rootId ?? LAST_UUID,
      before?.lastReplyAt.toISOString() ?? "-infinity",
      before?.rootId ?? FIRST_UUID,
      limit,
      id,
    );
  return {
    replies: async (rootId, { before, after, limit, inverted }) => {
      const rows = await database.main.prisma.$queryRawUnsafe<{ id: string }[]>(
        `SELECT id FROM "Message"
         WHERE "threadRootId" = $1::uuid AND seq > $2::int AND seq < $3::int
         ORDER BY seq ${inverted ? "DESC" : "ASC"} LIMIT $4::int`,
        rootId,
        after ?? 0,
        before ?? INT_MAX,
        limit,
      );
      return rows.map(({ id }) => id);
    },
    ofConversation: (conversationId, wanted) => page(OF_CONVERSATION, conversationId, wanted),
    followedBy: (userId, wanted) => page(FOLLOWED, userId, wanted),
    follows: async (userId, rootIds, db = database.main) => {
      const rows = await db.prisma.threadFollow.findMany({
        where: { userId, rootId: { in: [...rootIds] } },
        select: { rootId: true, following: true },
      });
      return new Map(rows.map(({ rootId, following }) => [rootId, following]));
    },
    removeAll: async (tx, userId) => {
      await tx.prisma.threadFollow.deleteMany({ where: { userId } });
    },
    setFollowing: async (tx, userId, rootId, following) => {
      await tx.prisma.threadFollow.upsert({
        where: { userId_rootId: { userId, rootId } },
        create: { userId, rootId, following },
        update: { following },
      });
    },
  };
}
