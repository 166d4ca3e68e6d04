import { NotAuthenticatedError, NotFoundError } from "../../kernel/errors.ts";
import { BannedError } from "../room/room.errors.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { NewEvent } from "../../log/event.ts";
import type { Db, Unit } from "../../log/unit.ts";
import { memberJoined, memberLeft, membershipChanged } from "./conversation.events.ts";
import type { ConversationRecord, LeaveReason, MembershipRecord } from "./conversation.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import { canDiscover, canRead } from "./conversation.policy.ts";
import type {
  Access,
  ActivityKey,
  ConversationStats,
  KeysetPage,
  ListedConversation,
  MembershipKey,
  MembershipRow,
  ReadableConversation,
  Role,
} from "./conversation.ts";
import type { ConversationStore } from "./conversation.store.ts";

export { canDiscover, canRead } from "./conversation.policy.ts";
export type {
  Access,
  ActivityKey,
  ConversationStats,
  KeysetPage,
  ListedConversation,
  MembershipKey,
  MembershipRow,
  ReadableConversation,
  Role,
};

/** A departing member and the reason. */
export interface DepartingMember {
  membership: Pick<MembershipRecord, "conversationId" | "user">;
  reason: LeaveReason;
  /** The moderator who removed or banned the member; null if the member left. */
  actor: UserRecord | null;
}

export interface ConversationService {
  /** Finds conversations by id. The caller must have checked the permission. */
  find(ids: readonly string[], db?: Db): Promise<ConversationRecord[]>;
  /** In the order of `ids`; null for conversations that do not exist or of which the viewer may not know. */
  visibleByIds(viewerId: string, ids: readonly string[]): Promise<(ConversationRecord | null)[]>;
  /**
   * @param what name in the error. The error is the same for a conversation that does not exist, so the
   *   two are indistinguishable
   * @throws NotFoundError if the viewer may not know of the conversation
   * @throws BannedError if the viewer may know of it and is banned
   */
  requireVisible(viewerId: string, conversationId: string, what?: string, db?: Db): Promise<Access>;
  /** The same, but banned users pass, too. @throws NotFoundError */
  requireDiscoverable(
    viewerId: string,
    conversationId: string,
    what?: string,
    db?: Db,
  ): Promise<Access>;
  /** Returns the viewer's access to each conversation; absent if it does not exist. */
  access(
    viewerId: string,
    conversationIds: readonly string[],
    db?: Db,
  ): Promise<Map<string, Access>>;
  /**
   * Returns access and the newest message number of these conversations, or of all that the viewer may
   * know.
   */
  readable(
    viewerId: string,
    conversationIds: readonly string[] | null,
  ): Promise<ReadableConversation[]>;
  stats(ids: readonly string[], db?: Db): Promise<Map<string, ConversationStats>>;
  /** Ids of the members of a conversation. The calling service must check the permission. */
  memberIds(conversationId: string): Promise<string[]>;
  /** Counts how many of some users are in each conversation; absent for zero. */
  countAmong(
    conversationIds: readonly string[],
    userIds: readonly string[],
  ): Promise<Map<string, number>>;
  pageOf(
    userId: string,
    kind: "ROOM" | "DIRECT" | null,
    page: KeysetPage<ActivityKey>,
  ): Promise<ListedConversation[]>;
  /**
   * Returns no members to banned users.
   *
   * @param among only these users; null for all
   * @throws NotFoundError
   */
  members(
    viewerId: string,
    conversationId: string,
    role: Role | null,
    page: KeysetPage<MembershipKey>,
    among?: readonly string[] | null,
  ): Promise<MembershipRow[]>;
  memberships(
    userId: string,
    conversationIds: readonly string[],
    db?: Db,
  ): Promise<Map<string, MembershipRecord>>;
  /** Finds memberships by id. The caller must have checked the permission. */
  membershipsByIds(ids: readonly string[], db?: Db): Promise<MembershipRecord[]>;
  visibleMemberships(
    viewerId: string,
    ids: readonly string[],
  ): Promise<(MembershipRecord | null)[]>;
  /**
   * Adds a member and appends the event.
   *
   * @throws NotAuthenticatedError if the account is being deleted
   */
  admit(unit: Unit, conversation: ConversationRecord, newcomer: Newcomer): Promise<AdmittedMembers>;
  /**
   * Removes any number of members from any number of conversations. After the event's position they see
   * nothing of them.
   */
  dismiss(unit: Unit, ...leavings: readonly DepartingMember[]): Promise<number[]>;
  /** Stores changed roles and mutes, and appends the events. Returns their positions. */
  change(unit: Unit, ...memberships: readonly MembershipRecord[]): Promise<number[]>;
  /** End of a mute of a current or former member; leaving does not end a mute. */
  mutedUntil(unit: Unit, conversationId: string, userId: string): Promise<Date | null>;
  /** A user's memberships, including ended ones, for the user's export. */
  readonly exportSection: ExportSection;
}

/** A joining user. The initial marks are determined when the membership is stored. */
export type Newcomer = Omit<MembershipRecord, "lastReadSeq" | "lastDeliveredSeq" | "markRevision">;

export interface AdmittedMembers {
  membership: MembershipRecord;
  /** Log position of the join. */
  position: number;
}

export function makeConversationService(store: ConversationStore): ConversationService {
  const access = async (
    viewerId: string,
    ids: readonly string[],
    db?: Db,
  ): Promise<Map<string, Access>> =>
    new Map((await store.access(viewerId, ids, db)).map((entry) => [entry.conversationId, entry]));

  const requireDiscoverable = async (
    viewerId: string,
    conversationId: string,
    what = "conversation",
    db?: Db,
  ): Promise<Access> => {
    const found = (await access(viewerId, [conversationId], db)).get(conversationId);
    if (found === undefined || !canDiscover(found)) throw new NotFoundError(what);
    return found;
  };

  const requireVisible = async (
    viewerId: string,
    conversationId: string,
    what?: string,
    db?: Db,
  ): Promise<Access> => {
    const found = await requireDiscoverable(viewerId, conversationId, what, db);
    if (!canRead(found)) throw new BannedError(found.bannedUntil);
    return found;
  };

  return {
    find: store.findByIds,
    access,
    requireDiscoverable,
    requireVisible,
    readable: async (viewerId, ids) => (await store.readable(viewerId, ids)).filter(canRead),
    visibleByIds: async (viewerId, ids) => {
      const found = await store.findWithAccess(viewerId, ids);
      const known = new Map(
        found.flatMap(({ conversation, access: right }) =>
          canDiscover(right) ? [[conversation.id, conversation] as const] : [],
        ),
      );
      return ids.map((id) => known.get(id) ?? null);
    },
    stats: async (ids, db) =>
      new Map((await store.stats(ids, db)).map(({ id, ...stats }) => [id, stats])),
    memberIds: store.memberIdsOf,
    countAmong: async (ids, userIds) =>
      userIds.length === 0
        ? new Map()
        : new Map((await store.countAmong(ids, userIds)).map(({ id, count }) => [id, count])),
    pageOf: store.pageOf,
    members: async (viewerId, conversationId, role, page, among = null) => {
      const found = await requireDiscoverable(viewerId, conversationId);
      return canRead(found) ? store.members(conversationId, role, page, among) : [];
    },
    memberships: async (userId, ids, db) =>
      new Map(
        (await store.memberships(userId, ids, db)).map((membership) => [
          membership.conversationId,
          membership,
        ]),
      ),
    membershipsByIds: store.membershipsByIds,
    visibleMemberships: async (viewerId, ids) => {
      const rows = await store.membershipsByIds(ids);
      const allowed = await access(
        viewerId,
        rows.map((row) => row.conversationId),
      );
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => {
        const row = byId.get(id);
        const right = row === undefined ? undefined : allowed.get(row.conversationId);
        return row !== undefined && right !== undefined && canRead(right) ? row : null;
      });
    },
    admit: async (unit, conversation, newcomer) => {
      const { conversationId, user } = newcomer;
      // Under the lock, exactly the messages before the join count as read.
      await unit.lockLog();
      const marks = await store.marksOfNewcomer(unit.tx, conversationId, user.id);
      const { lastSeq, markRevision } = marks;
      const membership: MembershipRecord = {
        ...newcomer,
        lastReadSeq: lastSeq,
        lastDeliveredSeq: lastSeq,
        markRevision,
      };
      const { position } = await unit.append(
        memberJoined({ conversation, membership }, { grant: [[user.id, conversationId]] }),
      );
      // Under the lock: account deletion ends all memberships, and the user must not join again.
      if (await store.isLeaving(unit.tx, user.id)) throw new NotAuthenticatedError();
      await store.admit(unit.tx, membership, marks.counted, position);
      return { membership, position };
    },
    dismiss: async (unit, ...leavings) => {
      // First the event for the departing user, who sees nothing afterwards, then the event for the
      // remaining members.
      const events = leavings.flatMap(({ membership, reason, actor }): NewEvent[] => {
        const { conversationId, user } = membership;
        const payload = { conversationId, user, reason };
        return [
          memberLeft(user.id, { ...payload, actor: null }, { revoke: [[user.id, conversationId]] }),
          memberLeft(conversationId, { ...payload, actor }),
        ];
      });
      const places = await unit.appendAll(events);
      const departures = leavings.flatMap(({ membership: { conversationId, user } }, index) => {
        const place = places[2 * index];
        if (place === undefined) throw new Error("The departure was not appended");
        return { conversationId, userId: user.id, position: place.position, at: place.at };
      });
      await store.dismiss(unit.tx, departures);
      return departures.map(({ position }) => position);
    },
    change: async (unit, ...memberships) => {
      const places = await unit.appendAll(
        memberships.map((membership) => membershipChanged({ membership })),
      );
      await store.change(unit.tx, memberships);
      return places.map(({ position }) => position);
    },
    mutedUntil: (unit, conversationId, userId) => store.mutedUntil(unit.tx, conversationId, userId),
    exportSection: {
      type: "membership",
      page: async (userId, after, limit) =>
        exportPage(
          await store.allOf(userId, after, limit + 1),
          limit,
          ({ id }) => id,
          (membership) => membership,
        ),
    },
  };
}
