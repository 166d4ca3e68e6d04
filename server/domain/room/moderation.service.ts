import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { InvalidInputError, NotAllowedError, NotFoundError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Append, Log, Transaction } from "../../log/log.ts";
import type { MembershipRecord, RoomRecord, UserRecord } from "../../log/records.ts";
import type { ConversationService, Role } from "../conversation/conversation.service.ts";
import type { MessageService } from "../message/message.service.ts";
import type { UserService } from "../user/user.service.ts";
import { endProblems, toReason } from "./ban-fields.ts";
import type { EntryService, Inside } from "./entry.service.ts";
import type { AgePage } from "./keyset.ts";
import type { BanRecord, ModerationStore } from "./moderation.store.ts";
import {
  canActOn,
  canModerate,
  canSetRole,
  canTransferOwnership,
  type Standing,
} from "./room.policy.ts";

export type { AgeKey } from "./keyset.ts";
export type { BanRecord } from "./moderation.store.ts";

export interface MembershipAt {
  membership: MembershipRecord;
  position: Position;
}

/** Somebody who is out, and as of when. */
export interface OutAt {
  room: RoomRecord;
  user: UserRecord;
  position: Position;
}

export type BannedAt = OutAt & { ban: BanRecord };

/** Whom to ban, until when, and why. */
export interface BanRequest {
  roomId: string;
  userId: string;
  until: Date | null;
  reason: string | null;
}

/**
 * Who is what in a room, and who may not be in it. Everything is decided with the log's head locked, so
 * what was decided before holds. All throw NotFoundError, BannedError, NotAMemberError, NotAllowedError.
 */
export interface ModerationService {
  /** Giving the same role again changes nothing. */
  setRole(viewer: UserRecord, roomId: string, userId: string, role: Role): Promise<MembershipAt>;
  /** The former owner stays as a moderator. Answers the new owner's membership. */
  transferOwnership(viewer: UserRecord, roomId: string, userId: string): Promise<MembershipAt>;
  remove(viewer: UserRecord, roomId: string, userId: string): Promise<OutAt>;
  /** Also people who are not in the room. Banning again replaces time and reason. @throws InvalidInputError */
  ban(viewer: UserRecord, request: BanRequest): Promise<BannedAt>;
  /** Where there is no ban, nothing changes. */
  unban(viewer: UserRecord, roomId: string, userId: string): Promise<OutAt>;
  /** Null ends it. @throws InvalidInputError */
  mute(
    viewer: UserRecord,
    roomId: string,
    userId: string,
    until: Date | null,
  ): Promise<MembershipAt>;
  /** Bans in force, the latest first. */
  bans(viewerId: string, roomId: string, page: AgePage): Promise<BanRecord[]>;
  /** In the order of `ids`; null for what does not exist, is over, or may not be seen. */
  visibleBans(viewerId: string, ids: readonly string[]): Promise<(BanRecord | null)[]>;
  /** A person's own bans in force, by room. */
  bansOf(userId: string, roomIds: readonly string[]): Promise<Map<string, BanRecord>>;
}

export interface ModerationServiceOptions {
  store: ModerationStore;
  entry: EntryService;
  conversations: ConversationService;
  messages: MessageService;
  users: UserService;
  log: Log;
  clock: Clock;
}

/** An act of somebody in a room towards somebody. */
interface Act extends Inside {
  tx: Transaction;
  append: Append;
  /** To whom it is done. */
  user: UserRecord;
  /** Their place in the room; null when they have none. */
  target: MembershipRecord | null;
}

export function makeModerationService(options: ModerationServiceOptions): ModerationService {
  const { store, entry, conversations, messages, users, log, clock } = options;

  const act = <T>(
    viewer: UserRecord,
    roomId: string,
    userId: string,
    work: (act: Act) => Promise<T>,
  ): Promise<T> =>
    log.write(async (tx, append) => {
      // Takes the head's lock: nobody joins, leaves or changes roles from here to COMMIT.
      await append([]);
      const inside = await entry.requireInside(viewer.id, roomId);
      const user = await users.byId(userId);
      if (user === null) throw new NotFoundError("person");
      const target = (await conversations.memberships(userId, [roomId])).get(roomId) ?? null;
      return work({ ...inside, tx, append, user, target });
    });

  const requireTarget = ({ target }: Act): MembershipRecord => {
    if (target === null) throw new NotFoundError("member of this room");
    return target;
  };

  const change = async (
    { tx, append }: Act,
    ...memberships: readonly [MembershipRecord, ...MembershipRecord[]]
  ): Promise<MembershipAt> => {
    const places = await conversations.change(tx, append, ...memberships);
    return { membership: memberships[0], position: places.at(-1) ?? log.position };
  };

  const setMute = (
    viewer: UserRecord,
    roomId: string,
    userId: string,
    until: Date | null,
  ): Promise<MembershipAt> =>
    act(viewer, roomId, userId, async (own) => {
      const target = requireTarget(own);
      if (!canActOn(standing(own.membership), standing(target))) throw new NotAllowedError();
      if (target.mutedUntil?.getTime() === until?.getTime())
        return { membership: target, position: await log.headInSnapshot() };
      return change(own, { ...target, mutedUntil: until });
    });

  return {
    setRole: (viewer, roomId, userId, role) =>
      act(viewer, roomId, userId, async (own) => {
        const target = requireTarget(own);
        if (!canSetRole(standing(own.membership), standing(target), role))
          throw new NotAllowedError();
        if (target.role === role)
          return { membership: target, position: await log.headInSnapshot() };
        const changed = await change(own, { ...target, role });
        await messages.announce(own.tx, own.append, {
          conversationId: roomId,
          actorId: viewer.id,
          type: "ROLE_CHANGED",
          targetId: userId,
          value: role,
        });
        return changed;
      }),
    transferOwnership: (viewer, roomId, userId) =>
      act(viewer, roomId, userId, async (own) => {
        const target = requireTarget(own);
        if (!canTransferOwnership(standing(own.membership), standing(target)))
          throw new NotAllowedError();
        const [owner, former] = [
          { ...target, role: "OWNER" as const },
          { ...own.membership, role: "MODERATOR" as const },
        ];
        const changed = await change(own, owner, former);
        await messages.announce(own.tx, own.append, {
          conversationId: roomId,
          actorId: viewer.id,
          type: "OWNERSHIP_TRANSFERRED",
          targetId: userId,
        });
        return changed;
      }),
    remove: (viewer, roomId, userId) =>
      act(viewer, roomId, userId, async (own) => {
        const target = requireTarget(own);
        const { tx, append, room, user } = own;
        if (!canActOn(standing(own.membership), standing(target))) throw new NotAllowedError();
        const leaving = { membership: target, reason: "REMOVED", actor: viewer } as const;
        const [position] = await conversations.dismiss(tx, append, leaving);
        await messages.announce(tx, append, {
          conversationId: roomId,
          actorId: viewer.id,
          type: "MEMBER_REMOVED",
          targetId: userId,
        });
        return { room, user, position: position ?? log.position };
      }),
    ban: async (viewer, { roomId, userId, until, reason }) => {
      const problems = endProblems(until, clock.now());
      const text = toReason(reason);
      if (problems.length + text.problems.length > 0)
        throw new InvalidInputError([...problems, ...text.problems]);
      return act(viewer, roomId, userId, async ({ tx, append, room, membership, user, target }) => {
        const banned = { userId, role: target?.role ?? null };
        if (!canActOn(standing(membership), banned)) throw new NotAllowedError();
        const now = clock.now();
        const ban = {
          id: newId(now),
          conversationId: roomId,
          reason: text.reason,
          createdAt: new Date(now),
          until,
        };
        await store.ban(tx, { ...ban, userId, bannedById: viewer.id });
        await entry.endInvites(tx, append, [roomId], userId);
        const answer = { room, user, ban: { ...ban, user, bannedBy: viewer } };
        if (target === null) return { ...answer, position: await log.headInSnapshot() };
        const leaving = { membership: target, reason: "BANNED", actor: viewer } as const;
        const [position] = await conversations.dismiss(tx, append, leaving);
        await messages.announce(tx, append, {
          conversationId: roomId,
          actorId: viewer.id,
          type: "MEMBER_BANNED",
          targetId: userId,
          value: until?.toISOString() ?? null,
        });
        return { ...answer, position: position ?? log.position };
      });
    },
    unban: (viewer, roomId, userId) =>
      act(viewer, roomId, userId, async ({ tx, room, membership, user }) => {
        if (!canActOn(standing(membership), { userId, role: null })) throw new NotAllowedError();
        await store.unban(tx, roomId, userId);
        return { room, user, position: await log.headInSnapshot() };
      }),
    mute: async (viewer, roomId, userId, until) => {
      const problems = endProblems(until, clock.now());
      if (problems.length > 0) throw new InvalidInputError(problems);
      return setMute(viewer, roomId, userId, until);
    },
    bans: async (viewerId, roomId, page) => {
      const { membership } = await entry.requireInside(viewerId, roomId);
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

function standing({ user, role }: MembershipRecord): Standing {
  return { userId: user.id, role };
}
