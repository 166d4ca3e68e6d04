import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import {
  InvalidInputError,
  LimitReachedError,
  NotAllowedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import { ArchivedError } from "../conversation/conversation.errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Log } from "../../log/log.ts";
import type { Db, Unit } from "../../log/unit.ts";
import { inviteReceived } from "./room.events.ts";
import type { InviteRecord } from "./invite.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import { isDeleted, type UserService } from "../user/user.service.ts";
import type { RoomMembershipService, Joined } from "./room-membership.service.ts";
import type { InviteRow, InviteStore } from "./invite.store.ts";
import type { AgePage } from "./age-keyset.ts";
import { canModerate, canRevokeInvite } from "./room.policy.ts";
import type { RoomStore } from "./room.store.ts";

/** Maximum number of unanswered invites of one room. */
export const INVITE_LIMIT = 1_000;
export interface InvitedAt {
  invite: InviteRecord;
  position: Position;
}

export interface InviteService {
  /**
   * Invites a user; repeating it has no effect.
   *
   * @throws InvalidInputError NotFoundError BannedError NotAMemberError NotAllowedError ArchivedError
   *   LimitReachedError RateLimitedError
   */
  invite(viewer: UserRecord, roomId: string, userId: string): Promise<InvitedAt>;
  /** @throws NotFoundError BannedError ArchivedError */
  accept(viewer: UserRecord, inviteId: string): Promise<Joined>;
  /** @throws NotFoundError */
  decline(viewer: UserRecord, inviteId: string): Promise<InvitedAt>;
  /** Withdraws an invite. @throws NotFoundError NotAllowedError */
  revoke(viewer: UserRecord, inviteId: string): Promise<InvitedAt>;
  /** A user's unanswered invites, latest first. */
  ofViewer(viewerId: string, page: AgePage): Promise<InviteRecord[]>;
  /** A room's unanswered invites. @throws NotFoundError BannedError NotAMemberError NotAllowedError */
  ofRoom(viewerId: string, roomId: string, page: AgePage): Promise<InviteRecord[]>;
  /** In the order of `ids`; null for invites that do not exist or that the viewer may not see. */
  visibleByIds(viewerId: string, ids: readonly string[]): Promise<(InviteRecord | null)[]>;
}

export interface InviteServiceOptions {
  store: InviteStore;
  rooms: RoomStore;
  roomMemberships: RoomMembershipService;
  conversations: ConversationService;
  users: UserService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
}

export function makeInviteService(options: InviteServiceOptions): InviteService {
  const { store, rooms, roomMemberships, conversations, users, log, clock, rates } = options;

  const withRooms = async (rows: readonly InviteRow[], db?: Db): Promise<InviteRecord[]> => {
    const ids = [...new Set(rows.map(({ conversationId }) => conversationId))];
    const byId = new Map((await rooms.findByIds(ids, db)).map((room) => [room.id, room]));
    return rows.flatMap(({ conversationId, ...row }) => {
      const room = byId.get(conversationId);
      return room === undefined ? [] : { ...row, room };
    });
  };

  /** An invitation and the viewer's role in its room. @throws NotFoundError */
  const requireInvite = async ({ tx }: Unit, viewerId: string, inviteId: string) => {
    const [invite] = await withRooms(await store.findByIds([inviteId], tx), tx);
    if (invite === undefined) throw new NotFoundError("invite");
    const access = (await conversations.access(viewerId, [invite.room.id], tx)).get(invite.room.id);
    return { invite, actor: { userId: viewerId, role: access?.role ?? null } };
  };

  const end = (
    viewer: UserRecord,
    inviteId: string,
    check: (found: Awaited<ReturnType<typeof requireInvite>>) => void,
  ): Promise<InvitedAt> =>
    log.write(async (unit) => {
      // An invite can be answered only once.
      await unit.lockLog();
      const found = await requireInvite(unit, viewer.id, inviteId);
      check(found);
      const { invite } = found;
      await roomMemberships.endInvites(unit, [invite.room.id], invite.user.id);
      return { invite, position: await log.head(unit.tx) };
    });

  return {
    invite: async (viewer, roomId, userId) => {
      await rates.take("INVITE", viewer.id);
      return log.write(async (unit) => {
        await unit.lockLog();
        const { room } = await roomMemberships.requireModerator(viewer.id, roomId, unit.tx);
        const user = await users.byId(userId, unit.tx);
        if (user === null || isDeleted(user)) throw new NotFoundError("person");
        const access = (await conversations.access(userId, [roomId], unit.tx)).get(roomId);
        if (access?.isMember === true) {
          const message = "This user is already a member.";
          throw new InvalidInputError([{ field: "userId", code: "INVALID_VALUE", message }]);
        }
        if (access?.isBanned === true)
          throw new NotAllowedError("This user is banned from the room. Lift the ban first.");
        if (room.archivedAt !== null) throw new ArchivedError();
        const existing = await store.find(unit.tx, roomId, userId);
        if (existing !== null)
          return { invite: { ...existing, room }, position: await log.head(unit.tx) };
        if ((await store.count(unit.tx, roomId)) >= INVITE_LIMIT) {
          throw new LimitReachedError(
            `A room can have at most ${String(INVITE_LIMIT)} unanswered invites.`,
          );
        }
        const now = clock.now();
        const id = newId(now);
        const invite = { id, room, user, inviter: viewer, createdAt: new Date(now) };
        const { position } = await unit.append(inviteReceived({ invite }));
        await store.create(unit.tx, {
          id,
          conversationId: roomId,
          userId,
          inviterId: viewer.id,
          createdAt: invite.createdAt,
        });
        return { invite, position };
      });
    },
    accept: (viewer, inviteId) =>
      log.write(async (unit) => {
        await unit.lockLog();
        const { invite } = await requireInvite(unit, viewer.id, inviteId);
        if (invite.user.id !== viewer.id) throw new NotFoundError("invite");
        return roomMemberships.enter(unit, invite.room, viewer);
      }),
    decline: (viewer, inviteId) =>
      end(viewer, inviteId, ({ invite }) => {
        if (invite.user.id !== viewer.id) throw new NotFoundError("invite");
      }),
    revoke: (viewer, inviteId) =>
      end(viewer, inviteId, ({ invite, actor }) => {
        if (canRevokeInvite(actor, invite.inviter.id)) return;
        // Users who may not know of the invite get the same error as for a missing one.
        throw invite.user.id === viewer.id ? new NotAllowedError() : new NotFoundError("invite");
      }),
    ofViewer: async (viewerId, page) => withRooms(await store.ofUser(viewerId, page)),
    ofRoom: async (viewerId, roomId, page) => {
      await roomMemberships.requireModerator(viewerId, roomId);
      return withRooms(await store.ofRoom(roomId, page));
    },
    visibleByIds: async (viewerId, ids) => {
      const invites = await withRooms(await store.findByIds(ids));
      const access = await conversations.access(
        viewerId,
        invites.map(({ room }) => room.id),
      );
      const visible = invites.filter(
        ({ room, user }) => user.id === viewerId || canModerate(access.get(room.id)?.role ?? null),
      );
      const byId = new Map(visible.map((invite) => [invite.id, invite]));
      return ids.map((id) => byId.get(id) ?? null);
    },
  };
}
