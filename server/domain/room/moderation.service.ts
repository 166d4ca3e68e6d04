import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { InvalidInputError, NotAllowedError, NotFoundError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Origin } from "../../kernel/origin.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { MembershipRecord } from "../conversation/conversation.record.ts";
import type { RoomRecord } from "./room.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { AuditAction, AuditService } from "../audit/audit.service.ts";
import type { ConversationService, Role } from "../conversation/conversation.service.ts";
import type { MessageService, SystemMessage } from "../message/message.service.ts";
import { isDeleted, type UserService } from "../user/user.service.ts";
import { endProblems, toReason } from "./ban-fields.ts";
import type { RoomMembershipService, RoomMembership } from "./room-membership.service.ts";
import type { AgePage } from "./age-keyset.ts";
import type { BanRecord, ModerationStore } from "./moderation.store.ts";
import {
  canActOn,
  canModerate,
  canSetRole,
  canTransferOwnership,
  type Actor,
} from "./room.policy.ts";

export type { AgeKey } from "./age-keyset.ts";
export type { BanRecord } from "./moderation.store.ts";

export interface MembershipAt {
  membership: MembershipRecord;
  position: Position;
}

/** A removed user and the log position of the removal. */
export interface RemovedAt {
  room: RoomRecord;
  user: UserRecord;
  position: Position;
}

export type BannedAt = RemovedAt & { ban: BanRecord };

/** Actor, room and target of a moderation. */
export interface ModerationTarget {
  viewer: UserRecord;
  origin: Origin;
  roomId: string;
  userId: string;
}

/** End and reason of a ban. */
export interface BanRequest {
  until: Date | null;
  reason: string | null;
}

/**
 * Roles, mutes, removals and bans in rooms. Each method decides under the lock of the log, so no other change
 * invalidates the decision before COMMIT. All throw NotFoundError, BannedError, NotAMemberError, NotAllowedError.
 */
export interface ModerationService {
  /** Repeating it has no effect. */
  setRole(to: ModerationTarget, role: Role): Promise<MembershipAt>;
  /** The former owner becomes a moderator. Returns the new owner's membership. */
  transferOwnership(to: ModerationTarget): Promise<MembershipAt>;
  remove(to: ModerationTarget): Promise<RemovedAt>;
  /**
   * Also applies to users who are not members. Repeating it replaces end and reason. @throws
   * InvalidInputError
   */
  ban(to: ModerationTarget, request: BanRequest): Promise<BannedAt>;
  /** No effect without a ban. */
  unban(to: ModerationTarget): Promise<RemovedAt>;
  /** Null ends the mute. @throws InvalidInputError */
  mute(to: ModerationTarget, until: Date | null): Promise<MembershipAt>;
  /** Bans in force, latest first. */
  bans(viewerId: string, roomId: string, page: AgePage): Promise<BanRecord[]>;
  /** In the order of `ids`; null for bans that do not exist, have ended, or that the viewer may not see. */
  visibleBans(viewerId: string, ids: readonly string[]): Promise<(BanRecord | null)[]>;
  /** A user's own bans in force, by room. */
  bansOf(userId: string, roomIds: readonly string[]): Promise<Map<string, BanRecord>>;
}

export interface ModerationServiceOptions {
  store: ModerationStore;
  roomMemberships: RoomMembershipService;
  conversations: ConversationService;
  messages: MessageService;
  users: UserService;
  audit: AuditService;
  log: Log;
  clock: Clock;
}

/** A moderation of a user by a member of a room. */
interface ModerationAct extends RoomMembership {
  unit: Unit;
  /** The target. */
  user: UserRecord;
  /** The target's membership; null for a non-member. */
  target: MembershipRecord | null;
  /** Records the action in the audit log. Never with user text, because entries are permanent. */
  record: (action: AuditAction, details?: Record<string, string>) => Promise<void>;
}

export function makeModerationService(options: ModerationServiceOptions): ModerationService {
  const { store, roomMemberships, conversations, messages, users, audit, log, clock } = options;

  const act = <T>(
    { viewer, origin, roomId, userId }: ModerationTarget,
    work: (act: ModerationAct) => Promise<T>,
  ): Promise<T> =>
    log.write(async (unit) => {
      // From here to COMMIT, no user can join, leave or change roles.
      await unit.lockLog();
      const inside = await roomMemberships.requireMembership(viewer.id, roomId, unit.tx);
      const user = await users.byId(userId, unit.tx);
      if (user === null) throw new NotFoundError("person");
      const target =
        (await conversations.memberships(userId, [roomId], unit.tx)).get(roomId) ?? null;
      const about = { actorId: viewer.id, targetId: userId, conversationId: roomId, origin };
      const record: ModerationAct["record"] = (action, details) =>
        audit.record(unit, { ...about, action, ...(details === undefined ? {} : { details }) });
      return work({ ...inside, unit, user, target, record });
    });

  const requireTarget = ({ target }: ModerationAct): MembershipRecord => {
    if (target === null) throw new NotFoundError("member of this room");
    return target;
  };

  const change = async (
    { unit }: ModerationAct,
    ...memberships: readonly [MembershipRecord, ...MembershipRecord[]]
  ): Promise<MembershipAt> => {
    const places = await conversations.change(unit, ...memberships);
    return { membership: memberships[0], position: places.at(-1) ?? log.position };
  };

  /** Appends the action to the room's history. */
  const addSystemMessage = (
    { viewer, roomId, userId }: ModerationTarget,
    { unit }: ModerationAct,
    note: Pick<SystemMessage, "type" | "value">,
  ): Promise<void> =>
    messages.addSystemMessage(unit, {
      ...note,
      conversationId: roomId,
      actorId: viewer.id,
      targetId: userId,
    });

  const setMute = (to: ModerationTarget, until: Date | null): Promise<MembershipAt> =>
    act(to, async (own) => {
      const target = requireTarget(own);
      if (!canActOn(toActor(own.membership), toActor(target))) throw new NotAllowedError();
      if (target.mutedUntil?.getTime() === until?.getTime())
        return { membership: target, position: await log.head(own.unit.tx) };
      if (until === null) await own.record("MEMBER_UNMUTED");
      else await own.record("MEMBER_MUTED", { until: until.toISOString() });
      return change(own, { ...target, mutedUntil: until });
    });

  return {
    setRole: (to, role) =>
      act(to, async (own) => {
        const target = requireTarget(own);
        if (!canSetRole(toActor(own.membership), toActor(target), role))
          throw new NotAllowedError();
        if (target.role === role)
          return { membership: target, position: await log.head(own.unit.tx) };
        const changed = await change(own, { ...target, role });
        if (!canModerate(role)) await roomMemberships.endLinks(own.unit, to.roomId, to.userId);
        await own.record("ROLE_CHANGED", { from: target.role, to: role });
        await addSystemMessage(to, own, { type: "ROLE_CHANGED", value: role });
        return changed;
      }),
    transferOwnership: (to) =>
      act(to, async (own) => {
        const target = requireTarget(own);
        if (!canTransferOwnership(toActor(own.membership), toActor(target)))
          throw new NotAllowedError();
        const [owner, former] = [
          { ...target, role: "OWNER" as const },
          { ...own.membership, role: "MODERATOR" as const },
        ];
        const changed = await change(own, owner, former);
        await own.record("OWNERSHIP_TRANSFERRED");
        await addSystemMessage(to, own, { type: "OWNERSHIP_TRANSFERRED" });
        return changed;
      }),
    remove: (to) =>
      act(to, async (own) => {
        const target = requireTarget(own);
        const { unit, room, user } = own;
        if (!canActOn(toActor(own.membership), toActor(target))) throw new NotAllowedError();
        const leaving = { membership: target, reason: "REMOVED", actor: to.viewer } as const;
        const [position] = await conversations.dismiss(unit, leaving);
        await roomMemberships.endLinks(unit, to.roomId, to.userId);
        await own.record("MEMBER_REMOVED");
        await addSystemMessage(to, own, { type: "MEMBER_REMOVED" });
        return { room, user, position: position ?? log.position };
      }),
    ban: async (to, { until, reason }) => {
      const { viewer, roomId, userId } = to;
      const problems = endProblems(until, clock.now());
      const text = toReason(reason);
      if (problems.length + text.problems.length > 0)
        throw new InvalidInputError([...problems, ...text.problems]);
      return act(to, async (own) => {
        const { unit, room, membership, user, target } = own;
        const banned = { userId, role: target?.role ?? null };
        if (!canActOn(toActor(membership), banned)) throw new NotAllowedError();
        if (isDeleted(user)) throw new NotFoundError("person");
        const now = clock.now();
        const ban = {
          id: newId(now),
          conversationId: roomId,
          reason: text.reason,
          createdAt: new Date(now),
          until,
        };
        await store.ban(unit.tx, { ...ban, userId, bannedById: viewer.id });
        const details: Record<string, string> =
          until === null ? {} : { until: until.toISOString() };
        await own.record("MEMBER_BANNED", details);
        await roomMemberships.endInvites(unit, [roomId], userId);
        await roomMemberships.endLinks(unit, roomId, userId);
        const result = { room, user, ban: { ...ban, user, bannedBy: viewer } };
        if (target === null) return { ...result, position: await log.head(unit.tx) };
        const leaving = { membership: target, reason: "BANNED", actor: viewer } as const;
        const [position] = await conversations.dismiss(unit, leaving);
        await addSystemMessage(to, own, {
          type: "MEMBER_BANNED",
          value: until?.toISOString() ?? null,
        });
        return { ...result, position: position ?? log.position };
      });
    },
    unban: (to) =>
      act(to, async ({ unit, room, membership, user, record }) => {
        const { roomId, userId } = to;
        if (!canActOn(toActor(membership), { userId, role: null })) throw new NotAllowedError();
        if (await store.unban(unit.tx, roomId, userId)) await record("MEMBER_UNBANNED");
        return { room, user, position: await log.head(unit.tx) };
      }),
    mute: async (to, until) => {
      const problems = endProblems(until, clock.now());
      if (problems.length > 0) throw new InvalidInputError(problems);
      return setMute(to, until);
    },
    bans: async (viewerId, roomId, page) => {
      const { membership } = await roomMemberships.requireMembership(viewerId, roomId);
      if (!canModerate(membership.role)) throw new NotAllowedError();
      return store.bans(roomId, new Date(clock.now()), page);
    },
    visibleBans: async (viewerId, ids) => {
      const bans = await store.bansByIds(ids, new Date(clock.now()));
      const roomIds = [...new Set(bans.map(({ conversationId }) => conversationId))];
      const access = await conversations.access(viewerId, roomIds);
      const visible = bans.flatMap((ban) => {
        if (canModerate(access.get(ban.conversationId)?.role ?? null)) return ban;
        return ban.user.id === viewerId ? { ...ban, bannedBy: null } : [];
      });
      const byId = new Map(visible.map((ban) => [ban.id, ban]));
      return ids.map((id) => byId.get(id) ?? null);
    },
    bansOf: async (userId, roomIds) => {
      const bans = await store.bansOf(userId, roomIds, new Date(clock.now()));
      return new Map(bans.map((ban) => [ban.conversationId, { ...ban, bannedBy: null }]));
    },
  };
}

function toActor({ user, role }: MembershipRecord): Actor {
  return { userId: user.id, role };
}
