import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import {
  DeletedError,
  InvalidInputError,
  NotAllowedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import { postDeleted, postPublished } from "./post.events.ts";
import type { PostRecord } from "./post.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { BlockService } from "../block/block.service.ts";
import { feedTopicOf } from "../follow/follow.service.ts";
import { bodyProblems } from "../message/message.service.ts";
import { canDeletePost, canReadPosts } from "./post.policy.ts";
import type { PostPage, PostRow, PostStore } from "./post.store.ts";

export type { PostKey, PostPage, PostRow } from "./post.store.ts";

export interface Published {
  post: PostRecord;
  position: Position;
}

export interface PostService {
  /**
   * Publishes to the viewer's followers; resolves after COMMIT. A repeated `clientId` returns the first
   * post.
   *
   * @param clientId a UUID that the author generated; null to generate one here
   * @throws InvalidInputError, DeletedError if the post of this `clientId` was deleted
   */
  publish(viewer: UserRecord, body: string, clientId: string | null): Promise<Published>;
  /** Repeating it has no effect. @throws NotFoundError NotAllowedError */
  remove(viewer: UserRecord, postId: string): Promise<Position>;
  /** Posts of users whom the viewer follows and has not muted, and the viewer's own, newest first. */
  timeline(viewerId: string, page: PostPage): Promise<PostRow[]>;
  /** A user's posts that the viewer may read, newest first. */
  ofAuthor(viewerId: string, authorId: string, page: PostPage): Promise<PostRow[]>;
  /** In the order of `ids`; null for posts that do not exist or that the viewer may not see. */
  visibleByIds(viewerId: string, ids: readonly string[]): Promise<(PostRecord | null)[]>;
  /** A user's posts, for the user's export. */
  readonly exportSection: ExportSection;
  /** Removes all posts of a user in the unit. Appends no events, because clients receive `UserDeleted`. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
}

export interface PostServiceOptions {
  store: PostStore;
  blocks: BlockService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
  /** Maximum length of a post, in UTF-16 code units. */
  bodyLength: number;
}

export function makePostService(options: PostServiceOptions): PostService {
  const { store, blocks, log, clock } = options;
  return {
    publish: async (viewer, body, clientId) => {
      const problems = bodyProblems(body, options.bodyLength, { what: "post" });
      if (problems.length > 0) throw new InvalidInputError(problems);
      await options.rates.take("PUBLISH", viewer.id);
      const draft = {
        id: newId(clock.now()),
        authorId: viewer.id,
        clientId: clientId?.toLowerCase() ?? newId(clock.now()),
        body,
      };
      const published = await log.write(async (unit) => {
        // Runs before the log is locked: of two posts with one `clientId`, the second waits here for the
        // first.
        if (!(await store.add(unit.tx, draft))) return null;
        const place = await unit.append(
          postPublished(feedTopicOf(viewer.id), { postId: draft.id }),
        );
        await store.setPlace(unit.tx, draft.id, place);
        const { authorId: _, ...post } = draft;
        return { post: { ...post, author: viewer, createdAt: place.at }, position: place.position };
      });
      if (published !== null) return published;
      const first = await store.byClientId(viewer.id, draft.clientId);
      if (first === null) throw new DeletedError("post");
      return { post: first, position: Number(first.position) };
    },
    remove: async (viewer, postId) => {
      const place = await store.place(postId);
      if (place === null) throw new NotFoundError("post");
      const isAuthor = place.authorId === viewer.id;
      if (!canDeletePost({ isAuthor })) {
        const isBlocked = await blocks.isSeparated(viewer.id, place.authorId);
        if (place.isDeleted || !canReadPosts({ isBlocked })) throw new NotFoundError("post");
        throw new NotAllowedError();
      }
      return log.write(async (unit) => {
        if (!(await store.erase(unit.tx, postId, new Date(clock.now())))) return log.head(unit.tx);
        const { position } = await unit.append(
          postDeleted(feedTopicOf(viewer.id), { postId, author: viewer }),
        );
        return position;
      });
    },
    timeline: store.timeline,
    ofAuthor: async (viewerId, authorId, page) => {
      const isBlocked = await blocks.isSeparated(viewerId, authorId);
      return canReadPosts({ isBlocked }) ? store.ofAuthor(authorId, page) : [];
    },
    exportSection: {
      type: "post",
      page: async (userId, after, limit) =>
        exportPage(
          await store.ofAuthor(userId, {
            before: undefined,
            after: after === null ? undefined : { position: BigInt(after) },
            limit: limit + 1,
            inverted: false,
          }),
          limit,
          ({ position }) => position.toString(),
          ({ id, body, createdAt }) => ({ id, body, createdAt }),
        ),
    },
    eraseUser: (unit, userId) => store.eraseUser(unit.tx, userId),
    visibleByIds: async (viewerId, ids) => {
      const posts = await store.findByIds(ids);
      const authorIds = [...new Set([...posts.values()].map(({ author }) => author.id))];
      const apart = await blocks.separated(viewerId, authorIds);
      return ids.map((id) => {
        const post = posts.get(id);
        if (post === undefined) return null;
        return canReadPosts({ isBlocked: apart.has(post.author.id) }) ? post : null;
      });
    },
  };
}
