import type { Database, Db } from "../../infra/database/database.ts";
import type { PostRecord } from "./post.record.ts";

/** Sort key in a timeline. */
export interface PostKey {
  position: bigint;
}

export type PostRow = PostRecord & PostKey;

export interface PostPage {
  before: PostKey | undefined;
  after: PostKey | undefined;
  limit: number;
  inverted: boolean;
}

/** A post to publish. */
export interface PostDraft {
  id: string;
  authorId: string;
  clientId: string;
  body: string;
}

export interface PostStore {
  /** Posts by id; deleted posts are absent. */
  findByIds(ids: readonly string[]): Promise<Map<string, PostRecord>>;
  /** The author's post with this id; null if it was deleted. */
  byClientId(authorId: string, clientId: string): Promise<PostRow | null>;
  /** The author of a post, deleted or not; null if there is none. */
  place(id: string): Promise<{ authorId: string; isDeleted: boolean } | null>;
  /** Posts of users in the viewer's feed, and the viewer's own, newest first. */
  timeline(viewerId: string, page: PostPage): Promise<PostRow[]>;
  /** One user's posts, newest first. */
  ofAuthor(authorId: string, page: PostPage): Promise<PostRow[]>;
  /** Returns false if the author has used the `clientId` before. Waits for a concurrent use. */
  add(tx: Db, draft: PostDraft): Promise<boolean>;
  /** Makes a post visible in timelines. */
  setPlace(tx: Db, id: string, place: { position: number; at: Date }): Promise<void>;
  /**
   * Permanently removes the text and hides the post from all timelines. Returns false if it was already
   * deleted.
   */
  erase(tx: Db, id: string, at: Date): Promise<boolean>;
  /** Removes all posts of a user. */
  eraseUser(tx: Db, authorId: string): Promise<void>;
}

type StoredPost = Omit<PostRow, "author"> & { authorId: string };

/**
 * Selects a page of a timeline, newest first, or oldest first for `ASC`. A page of n posts can only
 * contain authors whose newest post is among the n newest of all authors. It therefore takes one index
 * probe for each followed author and then at most n posts of n authors, however many they have published.
 */
export function timelineSql(direction: "ASC" | "DESC"): string {
  const range = `position > $2::bigint AND position < $3::bigint ORDER BY position ${direction}`;
  return `
    WITH followed AS (
      SELECT $1::uuid AS id
      UNION ALL
      SELECT f."followedId" FROM "Follow" f
      WHERE f."followerId" = $1::uuid AND NOT EXISTS (
        SELECT 1 FROM "PersonMute" m WHERE m."userId" = $1::uuid AND m."mutedId" = f."followedId"
      )
    ), ahead AS (
      SELECT followed.id FROM followed CROSS JOIN LATERAL (
        SELECT position FROM "Post" WHERE "authorId" = followed.id AND ${range} LIMIT 1
      ) nearest
      ORDER BY nearest.position ${direction} LIMIT $4::int
    )
    SELECT post.* FROM ahead CROSS JOIN LATERAL (
      SELECT id, "authorId", "clientId", body, "createdAt", position FROM "Post"
      WHERE "authorId" = ahead.id AND ${range} LIMIT $4::int
    ) post
    ORDER BY post.position ${direction} LIMIT $4::int`;
}

/** Greater than every log position, which is a safe integer. */
const NO_END = BigInt(Number.MAX_SAFE_INTEGER);

export function makePostStore(database: Database): PostStore {
  const { main } = database;

  const withAuthors = async (rows: readonly StoredPost[]): Promise<PostRow[]> => {
    if (rows.length === 0) return [];
    const authors = await main.prisma.user.findMany({
      where: { id: { in: [...new Set(rows.map(({ authorId }) => authorId))] } },
    });
    const byId = new Map(authors.map((author) => [author.id, author]));
    return rows.flatMap(({ authorId, ...post }) => {
      const author = byId.get(authorId);
      return author === undefined ? [] : [{ ...post, author }];
    });
  };

  return {
    findByIds: async (ids) => {
      const rows = await main.prisma.post.findMany({
        where: { id: { in: [...ids] }, deletedAt: null },
        select: { id: true, clientId: true, body: true, createdAt: true, author: true },
      });
      return new Map(rows.map((row) => [row.id, row]));
    },
    byClientId: async (authorId, clientId) => {
      const row = await main.prisma.post.findUnique({
        where: { authorId_clientId: { authorId, clientId } },
        include: { author: true },
      });
      if (row === null || row.position === null) return null;
      const { id, author, body, createdAt, position } = row;
      return { id, author, clientId, body, createdAt, position };
    },
    place: async (id) => {
      const row = await main.prisma.post.findUnique({
        where: { id },
        select: { authorId: true, deletedAt: true },
      });
      return row === null ? null : { authorId: row.authorId, isDeleted: row.deletedAt !== null };
    },
    timeline: async (viewerId, { before, after, limit, inverted }) => {
      const rows = await main.prisma.$queryRawUnsafe<StoredPost[]>(
        timelineSql(inverted ? "ASC" : "DESC"),
        viewerId,
        before?.position ?? 0n,
        after?.position ?? NO_END,
        limit,
      );
      return withAuthors(rows);
    },
    ofAuthor: async (authorId, { before, after, limit, inverted }) => {
      const rows = await main.prisma.post.findMany({
        where: {
          authorId,
          position: { gt: before?.position ?? 0n, lt: after?.position ?? NO_END },
        },
        orderBy: { position: inverted ? "asc" : "desc" },
        take: limit,
        include: { author: true },
      });
      return rows.flatMap(({ position, ...row }) => {
        const { id, author, clientId, body, createdAt } = row;
        return position === null ? [] : [{ id, author, clientId, body, createdAt, position }];
      });
    },
    add: async (tx, draft) => {
      const { count } = await tx.prisma.post.createMany({ data: [draft], skipDuplicates: true });
      return count > 0;
    },
    setPlace: async (tx, id, { position, at }) => {
      await tx.prisma.post.update({ where: { id }, data: { position, createdAt: at } });
    },
    erase: async (tx, id, at) => {
      const { count } = await tx.prisma.post.updateMany({
        where: { id, deletedAt: null },
        data: { body: "", position: null, deletedAt: at },
      });
      return count > 0;
    },
    eraseUser: async (tx, authorId) => {
      await tx.prisma.post.deleteMany({ where: { authorId } });
    },
  };
}
