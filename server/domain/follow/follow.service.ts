import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Position } from "../../kernel/cursor.ts";
import { InvalidInputError, LimitReachedError, NotFoundError } from "../../kernel/errors.ts";
import { BlockedError } from "../block/block.errors.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { AuthorityChange } from "../../log/event.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { BlockService } from "../block/block.service.ts";
import { isDeleted, type UserService } from "../user/user.service.ts";
import { personMuted, personUnmuted, userFollowed, userUnfollowed } from "./follow.events.ts";
import { feedTopicOf } from "./feed.ts";
import { canFollow, canMute, receivesFeed, type Relationship } from "./follow.policy.ts";
import type { FollowCounts, FollowStore, FollowPage, FollowedUserRow } from "./follow.store.ts";

export { feedTopicOf } from "./feed.ts";
export type { FollowCounts, FollowKey, FollowPage, FollowedUserRow } from "./follow.store.ts";

/** Maximum number of followed users; a timeline query reads each of them. */
export const FOLLOW_LIMIT = 5_000;

/** The other user, and the log position of the change. */
export interface FollowResult {
  person: UserRecord;
  position: Position;
}

export interface FollowService {
  /** Repeating it has no effect. @throws InvalidInputError NotFoundError BlockedError LimitReachedError */
  follow(viewer: UserRecord, userId: string): Promise<FollowResult>;
  /** Repeating it has no effect. @throws NotFoundError */
  unfollow(viewer: UserRecord, userId: string): Promise<FollowResult>;
  /**
   * Excludes a user's posts from the viewer's feed, without notifying the user. @throws InvalidInputError
   * NotFoundError
   */
  mute(viewer: UserRecord, userId: string): Promise<FollowResult>;
  /** @throws NotFoundError */
  unmute(viewer: UserRecord, userId: string): Promise<FollowResult>;
  followers(userId: string, page: FollowPage): Promise<FollowedUserRow[]>;
  following(userId: string, page: FollowPage): Promise<FollowedUserRow[]>;
  mutes(userId: string, page: FollowPage): Promise<FollowedUserRow[]>;
  counts(ids: readonly string[]): Promise<Map<string, FollowCounts>>;
  /** Whether the user follows each of `ids`; absent for no. */
  followed(userId: string, ids: readonly string[]): Promise<Map<string, boolean>>;
  /** Whether the user has muted each of `ids`; absent for no. */
  muted(userId: string, ids: readonly string[]): Promise<Map<string, boolean>>;
  /** Users whom a user follows and has muted, for the user's export. */
  readonly exportSections: readonly ExportSection[];
  /**
   * Removes all follows by and of a user. Requires that the unit has locked the log. Appends no events,
   * because clients receive `UserDeleted`.
   */
  eraseUser(unit: Unit, userId: string): Promise<void>;
}

export interface FollowServiceOptions {
  store: FollowStore;
  users: UserService;
  blocks: BlockService;
  log: Log;
  rates: RateLimits;
}

export function makeFollowService({
  store,
  users,
  blocks,
  log,
  rates,
}: FollowServiceOptions): FollowService {
  const requirePerson = async (unit: Unit, userId: string): Promise<UserRecord> => {
    const person = await users.byId(userId, unit.tx);
    if (person === null) throw new NotFoundError("person");
    return person;
  };

  const relationshipOf = async (
    { tx }: Unit,
    viewerId: string,
    userId: string,
  ): Promise<Relationship> => ({
    isSelf: viewerId === userId,
    follows: (await store.followed(viewerId, [userId], tx)).length > 0,
    mutes: (await store.muted(viewerId, [userId], tx)).length > 0,
    isBlocked: await blocks.isSeparated(viewerId, userId, tx),
  });

  /** Changes the relationship of two users. The lock of the log serializes such changes. */
  const change = async (
    viewer: UserRecord,
    userId: string,
    work: (change: {
      unit: Unit;
      person: UserRecord;
      ties: Relationship;
    }) => Promise<Position | null>,
  ): Promise<FollowResult> => {
    await rates.take("FOLLOW", viewer.id);
    return log.write(async (unit) => {
      await unit.lockLog();
      const person = await requirePerson(unit, userId);
      const ties = await relationshipOf(unit, viewer.id, person.id);
      const position = await work({ unit, person, ties });
      return { person, position: position ?? (await log.head(unit.tx)) };
    });
  };

  /** Appends the events of both users. The follower's event also changes the follower's topics. */
  const appendForBoth = async (
    unit: Unit,
    event: typeof userFollowed | typeof userUnfollowed,
    follower: UserRecord,
    followed: UserRecord,
    authority: AuthorityChange,
  ): Promise<{ position: Position; at: Date }> => {
    const payload = { follower, followed };
    const [own] = await unit.appendAll([
      event(follower.id, payload, authority),
      event(followed.id, payload),
    ]);
    if (own === undefined) throw new Error("The follow was not appended");
    return own;
  };

  const unfollow = async (
    unit: Unit,
    follower: UserRecord,
    followed: UserRecord,
  ): Promise<Position> => {
    const { position } = await appendForBoth(unit, userUnfollowed, follower, followed, {
      revoke: [[follower.id, feedTopicOf(followed.id)]],
    });
    await store.unfollow(unit.tx, follower.id, followed.id);
    return position;
  };

  const setMute = (viewer: UserRecord, userId: string, muted: boolean): Promise<FollowResult> =>
    change(viewer, userId, async ({ unit, person, ties }) => {
      if (ties.mutes === muted) return null;
      if (muted && isDeleted(person)) throw new NotFoundError("person");
      const feed = [[viewer.id, feedTopicOf(person.id)] as const];
      const before = receivesFeed(ties);
      const after = receivesFeed({ ...ties, mutes: muted });
      const muteEvent = muted ? personMuted : personUnmuted;
      const authority = before ? { revoke: feed } : { grant: feed };
      const { position } = await unit.append(
        muteEvent(viewer.id, { person }, before === after ? undefined : authority),
      );
      if (muted) await store.mute(unit.tx, viewer.id, person.id, position);
      else await store.unmute(unit.tx, viewer.id, person.id);
      return position;
    });

  blocks.onChange(async (unit, { blocker, person, isBlocked }) => {
    if (!isBlocked) return;
    for (const [follower, followed] of [
      [blocker, person],
      [person, blocker],
    ] as const) {
      const { follows } = await relationshipOf(unit, follower.id, followed.id);
      if (follows) await unfollow(unit, follower, followed);
    }
  });

  return {
    follow: async (viewer, userId) => {
      if (viewer.id === userId) throw selfTargetError("You cannot follow yourself.");
      return change(viewer, userId, async ({ unit, person, ties }) => {
        if (ties.follows) return null;
        if (isDeleted(person)) throw new NotFoundError("person");
        if (!canFollow(ties))
          throw new BlockedError("You cannot follow this user because of a block between you.");
        const [counts] = await store.counts([viewer.id], unit.tx);
        if ((counts?.following ?? 0) >= FOLLOW_LIMIT)
          throw new LimitReachedError(`You can follow at most ${String(FOLLOW_LIMIT)} people.`);
        const receives = receivesFeed({ ...ties, follows: true });
        const place = await appendForBoth(unit, userFollowed, viewer, person, {
          ...(receives ? { grant: [[viewer.id, feedTopicOf(person.id)]] } : {}),
        });
        await store.follow(unit.tx, viewer.id, person.id, place);
        return place.position;
      });
    },
    unfollow: (viewer, userId) =>
      change(viewer, userId, ({ unit, person, ties }) =>
        ties.follows ? unfollow(unit, viewer, person) : Promise.resolve(null),
      ),
    mute: async (viewer, userId) => {
      if (!canMute({ isSelf: viewer.id === userId }))
        throw selfTargetError("You cannot mute yourself.");
      return setMute(viewer, userId, true);
    },
    unmute: (viewer, userId) => setMute(viewer, userId, false),
    followers: store.followers,
    following: store.following,
    mutes: store.mutes,
    counts: async (ids) =>
      new Map((await store.counts(ids)).map(({ userId, ...counts }) => [userId, counts])),
    followed: async (userId, ids) =>
      new Map((await store.followed(userId, ids)).map((id) => [id, true])),
    muted: async (userId, ids) => new Map((await store.muted(userId, ids)).map((id) => [id, true])),
    exportSections: [
      { type: "following", page: userListPage(store.following) },
      { type: "mute", page: userListPage(store.mutes) },
    ],
    eraseUser: (unit, userId) => store.eraseUser(unit.tx, userId),
  };
}

/**
 * Builds an export section of a list of users. It contains only ids, because their profiles are their own
 * data.
 */
function userListPage(
  read: (userId: string, page: FollowPage) => Promise<FollowedUserRow[]>,
): ExportSection["page"] {
  return async (userId, after, limit) =>
    exportPage(
      await read(userId, {
        before: undefined,
        after: after === null ? undefined : { position: BigInt(after) },
        limit: limit + 1,
        inverted: false,
      }),
      limit,
      ({ position }) => position.toString(),
      ({ person }) => ({ userId: person.id }),
    );
}

function selfTargetError(message: string): InvalidInputError {
  return new InvalidInputError([{ field: "userId", code: "INVALID_VALUE", message }]);
}
