import type { Database, Db } from "../../infra/database/database.ts";
import type { UserRecord } from "../user/user.record.ts";
import { feedTopicOf } from "./feed.ts";

/** Sort key in a list of users. */
export interface FollowKey {
  position: bigint;
}

export type FollowedUserRow = FollowKey & { person: UserRecord };

export interface FollowPage {
  before: FollowKey | undefined;
  after: FollowKey | undefined;
  limit: number;
  inverted: boolean;
}

export interface FollowCounts {
  followers: number;
  following: number;
}

export interface FollowStore {
  /** The feeds that each user receives, including the user's own. */
  topicsOf(tx: Db, userIds: readonly string[]): Promise<[userId: string, topic: string][]>;
  /** Returns the users of `ids` whom the user follows. */
  followed(userId: string, ids: readonly string[], db?: Db): Promise<string[]>;
  /** Returns the users of `ids` whom the user has muted. */
  muted(userId: string, ids: readonly string[], db?: Db): Promise<string[]>;
  counts(ids: readonly string[], db?: Db): Promise<(FollowCounts & { userId: string })[]>;
  /** Followers of a user, latest first. */
  followers(userId: string, page: FollowPage): Promise<FollowedUserRow[]>;
  /** Users whom a user follows, latest first. */
  following(userId: string, page: FollowPage): Promise<FollowedUserRow[]>;
  /** Users whom a user has muted, latest first. */
  mutes(userId: string, page: FollowPage): Promise<FollowedUserRow[]>;
  /** Requires that the unit has locked the log, as do all methods below. */
  follow(
    tx: Db,
    followerId: string,
    followedId: string,
    place: { position: number; at: Date },
  ): Promise<void>;
  unfollow(tx: Db, followerId: string, followedId: string): Promise<void>;
  mute(tx: Db, userId: string, mutedId: string, position: number): Promise<void>;
  unmute(tx: Db, userId: string, mutedId: string): Promise<void>;
  /** Removes all follows by and of a user, and the user's mutes. */
  eraseUser(tx: Db, userId: string): Promise<void>;
}

export function makeFollowStore(database: Database): FollowStore {
  const { main } = database;
  const within = ({ before, after }: FollowPage) => ({
    ...(after === undefined ? {} : { lt: after.position }),
    ...(before === undefined ? {} : { gt: before.position }),
  });
  const ordered = ({ limit, inverted }: FollowPage) =>
    ({ orderBy: { position: inverted ? "asc" : "desc" }, take: limit }) as const;

  return {
    topicsOf: async (tx, userIds) => {
      const rows = await tx.query<{ followerId: string; followedId: string }>(
        `SELECT f."followerId", f."followedId" FROM "Follow" f
         WHERE f."followerId" = ANY($1::uuid[]) AND NOT EXISTS (
           SELECT 1 FROM "PersonMute" m
           WHERE m."userId" = f."followerId" AND m."mutedId" = f."followedId"
         )`,
        [userIds],
      );
      return [
        ...userIds.map((userId): [string, string] => [userId, feedTopicOf(userId)]),
        ...rows.map((row): [string, string] => [row.followerId, feedTopicOf(row.followedId)]),
      ];
    },
    followed: async (followerId, ids, db = main) => {
      const rows = await db.prisma.follow.findMany({
        where: { followerId, followedId: { in: [...ids] } },
        select: { followedId: true },
      });
      return rows.map(({ followedId }) => followedId);
    },
    muted: async (userId, ids, db = main) => {
      const rows = await db.prisma.personMute.findMany({
        where: { userId, mutedId: { in: [...ids] } },
        select: { mutedId: true },
      });
      return rows.map(({ mutedId }) => mutedId);
    },
    counts: (ids, db = main) =>
      db.prisma.followCounts.findMany({ where: { userId: { in: [...ids] } } }),
    followers: async (followedId, page) => {
      const rows = await main.prisma.follow.findMany({
        where: { followedId, position: within(page) },
        ...ordered(page),
        select: { position: true, follower: true },
      });
      return rows.map(({ position, follower }) => ({ position, person: follower }));
    },
    following: async (followerId, page) => {
      const rows = await main.prisma.follow.findMany({
        where: { followerId, position: within(page) },
        ...ordered(page),
        select: { position: true, followed: true },
      });
      return rows.map(({ position, followed }) => ({ position, person: followed }));
    },
    mutes: async (userId, page) => {
      const rows = await main.prisma.personMute.findMany({
        where: { userId, position: within(page) },
        ...ordered(page),
        select: { position: true, muted: true },
      });
      return rows.map(({ position, muted }) => ({ position, person: muted }));
    },
    follow: async (tx, followerId, followedId, { position, at }) => {
      await tx.prisma.follow.create({ data: { followerId, followedId, position, createdAt: at } });
      await tx.prisma.$executeRaw`
        INSERT INTO "FollowCounts" AS c ("userId", followers, following)
        VALUES (${followerId}::uuid, 0, 1), (${followedId}::uuid, 1, 0)
        ON CONFLICT ("userId") DO UPDATE
        SET followers = c.followers + EXCLUDED.followers, following = c.following + EXCLUDED.following`;
    },
    unfollow: async (tx, followerId, followedId) => {
      await tx.prisma.$executeRaw`
        WITH gone AS (
          DELETE FROM "Follow"
          WHERE "followerId" = ${followerId}::uuid AND "followedId" = ${followedId}::uuid
          RETURNING "followerId", "followedId"
        )
        UPDATE "FollowCounts" c
        SET following = c.following - (c."userId" = gone."followerId")::int,
            followers = c.followers - (c."userId" = gone."followedId")::int
        FROM gone WHERE c."userId" IN (gone."followerId", gone."followedId")`;
    },
    mute: async (tx, userId, mutedId, position) => {
      await tx.prisma.personMute.create({ data: { userId, mutedId, position } });
    },
    unmute: async (tx, userId, mutedId) => {
      await tx.prisma.personMute.deleteMany({ where: { userId, mutedId } });
    },
    eraseUser: async (tx, userId) => {
      await tx.prisma.$executeRaw`
        WITH gone AS (
          DELETE FROM "Follow"
          WHERE "followerId" = ${userId}::uuid OR "followedId" = ${userId}::uuid
          RETURNING "followerId", "followedId"
        ), others AS (
          SELECT other.id, sum(other.followers)::int AS followers, sum(other.following)::int AS following
          FROM gone CROSS JOIN LATERAL (
            SELECT gone."followedId" AS id, 1 AS followers, 0 AS following
            WHERE gone."followerId" = ${userId}::uuid
            UNION ALL
            SELECT gone."followerId", 0, 1 WHERE gone."followedId" = ${userId}::uuid
          ) other
          GROUP BY other.id
        )
        UPDATE "FollowCounts" c
        SET followers = c.followers - others.followers, following = c.following - others.following
        FROM others WHERE c."userId" = others.id`;
      await tx.prisma.followCounts.deleteMany({ where: { userId } });
      await tx.prisma.personMute.deleteMany({ where: { userId } });
    },
  };
}
