import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import {
  NotAMemberError,
  NotFoundError,
  OwnerCannotLeaveError,
  SlugTakenError,
} from "../../kernel/errors.ts";
import { newId, NIL_UUID } from "../../kernel/ids.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Append, Log, Transaction } from "../../log/log.ts";
import type { MembershipRecord, RoomRecord, UserRecord } from "../../log/records.ts";
import type { ConversationService, Newcomer, Role } from "../conversation/conversation.service.ts";
import { isSlug, toRoom, type NewRoom } from "./new-room.ts";
import { canJoinRoom, canLeaveRoom, canSeeRoom, roleOfJoining } from "./room.policy.ts";
import type { RoomQuery, RoomStore } from "./room.store.ts";

export type { NewRoom } from "./new-room.ts";
export { ROOM_NAME_MAX_LENGTH } from "./new-room.ts";
export type { RoomKey, RoomQuery, RoomSort } from "./room.store.ts";

export interface Joined {
  room: RoomRecord;
  membership: MembershipRecord;
  position: Position;
}

export interface RoomService {
  bySlug(viewerId: string, slug: string): Promise<RoomRecord | null>;
  lobby(): Promise<RoomRecord | null>;
  /** @throws RateLimitedError when it is a search */
  page(viewerId: string, query: RoomQuery): Promise<(RoomRecord & { key: string })[]>;
  /** @throws InvalidInputError SlugTakenError RateLimitedError */
  create(viewer: UserRecord, room: NewRoom): Promise<Joined>;
  /** Joining again changes nothing and answers the membership. @throws NotFoundError */
  join(viewer: UserRecord, roomId: string): Promise<Joined>;
  /** @throws NotFoundError NotAMemberError OwnerCannotLeaveError */
  leave(viewer: UserRecord, roomId: string): Promise<{ room: RoomRecord; position: Position }>;
  /**
   * Takes a person out of some of the conversations that they are in, in the transaction in progress;
   * what they own goes to whoever comes after them. Answers whether there may be more.
   */
  release(tx: Transaction, append: Append, user: UserRecord, limit: number): Promise<boolean>;
  /** Makes a new person a member of the lobby, in the transaction that creates them. */
  admitToLobby(tx: Transaction, append: Append, user: UserRecord): Promise<Position>;
}

export function makeRoomService(
  store: RoomStore,
  conversations: ConversationService,
  log: Log,
  clock: Clock,
  rates: RateLimits,
): RoomService {
  // Every sign-up needs it, and it never changes, so it is read once.
  let lobby: RoomRecord | null = null;
  const findLobby = async (): Promise<RoomRecord | null> => (lobby ??= await store.lobby());

  const newcomer = (user: UserRecord, room: RoomRecord, role: Role): Newcomer => ({
    id: newId(clock.now()),
    conversationId: room.id,
    user,
    role,
    joinedAt: new Date(clock.now()),
  });

  const requireRoom = async (roomId: string): Promise<RoomRecord> => {
    const room = await store.findById(roomId);
    if (room === null) throw new NotFoundError("room");
    return room;
  };

  const admit = async (
    tx: Transaction,
    append: Append,
    room: RoomRecord,
    who: Newcomer,
  ): Promise<Joined> => ({ room, ...(await conversations.admit(tx, append, room, who)) });

  return {
    bySlug: async (viewerId, slug) => {
      const room = isSlug(slug) ? await store.findBySlug(slug) : null;
      if (room === null) return null;
      const access = (await conversations.access(viewerId, [room.id])).get(room.id);
      return access !== undefined && canSeeRoom(access) ? room : null;
    },
    lobby: findLobby,
    page: async (viewerId, query) => {
      if (query.search !== null) await rates.take("SEARCH", viewerId);
      // PostgreSQL's text has no NUL, so no room has one either.
      return query.search?.includes("\u0000") === true ? [] : store.page(viewerId, query);
    },
    create: async (viewer, request) => {
      const room = toRoom(request, clock.now());
      await rates.take("CREATE_ROOM", viewer.id);
      return log.write(async (tx, append) => {
        if (!(await store.create(tx, room))) throw new SlugTakenError();
        const isPrivate = room.visibility === "PRIVATE";
        await append([
          {
            type: "ROOM_CREATED",
            topic: isPrivate ? room.id : NIL_UUID,
            payload: { room },
            ...(isPrivate ? { authority: { grant: [[viewer.id, room.id]] as const } } : {}),
          },
        ]);
        return admit(tx, append, room, newcomer(viewer, room, "OWNER"));
      });
    },
    join: (viewer, roomId) =>
      log.write(async (tx, append) => {
        const room = await requireRoom(roomId);
        // Takes the head's lock, so that two joins of one person take turns.
        await append([]);
        const access = await conversations.requireVisible(viewer.id, roomId, "room");
        const existing = (await conversations.memberships(viewer.id, [roomId])).get(roomId);
        if (existing !== undefined)
          return { room, membership: existing, position: await log.headInSnapshot() };
        if (!canJoinRoom(access)) throw new NotFoundError("room");
        const stats = (await conversations.stats([roomId])).get(roomId);
        const role = roleOfJoining(room.isLobby, stats?.memberCount ?? 0);
        return admit(tx, append, room, newcomer(viewer, room, role));
      }),
    leave: (viewer, roomId) =>
      log.write(async (tx, append) => {
        const room = await requireRoom(roomId);
        await append([]);
        await conversations.requireVisible(viewer.id, roomId, "room");
        const membership = (await conversations.memberships(viewer.id, [roomId])).get(roomId);
        if (membership === undefined)
          throw new NotAMemberError("You are not a member of this room.");
        const memberCount = (await conversations.stats([roomId])).get(roomId)?.memberCount ?? 0;
        if (!canLeaveRoom(membership.role, memberCount)) throw new OwnerCannotLeaveError();
        return { room, position: await conversations.dismiss(tx, append, membership) };
      }),
    release: async (tx, append, user, limit) => {
      await append([]);
      const memberships = await conversations.someOf(user.id, limit);
      for (const membership of memberships) {
        const { conversationId, role } = membership;
        const heir =
          role === "OWNER" ? await conversations.successor(conversationId, user.id) : null;
        if (heir !== null) await conversations.change(tx, append, { ...heir, role: "OWNER" });
        await conversations.dismiss(tx, append, membership);
      }
      return memberships.length === limit;
    },
    admitToLobby: async (tx, append, user) => {
      const room = await findLobby();
      if (room === null) throw new Error("The lobby is missing from the database");
      return (await admit(tx, append, room, newcomer(user, room, "MEMBER"))).position;
    },
  };
}
