import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import {
  InvalidInputError,
  LimitReachedError,
  NotAllowedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import { ArchivedError } from "../conversation/conversation.errors.ts";
import { InviteEndedError } from "./room.errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Log } from "../../log/log.ts";
import type { Db, Unit } from "../../log/unit.ts";
import { inviteReceived } from "./room.events.ts";
import type { InviteRecord } from "./invite.record.ts";
import type { RoomRecord } from "./room.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import { isDeleted, type UserService } from "../user/user.service.ts";
import type { RoomMembershipService, RoomMembership, Joined } from "./room-membership.service.ts";
import { linkProblems } from "./invite-fields.ts";
import type { InviteRow, InviteStore, LinkRow } from "./invite.store.ts";
import type { AgePage } from "./age-keyset.ts";
import { canModerate, canRevokeInvite, isLinkExpired } from "./room.policy.ts";
import type { RoomStore } from "./room.store.ts";

export type { LinkRow } from "./invite.store.ts";

/** Maximum number of unanswered invites of one room. */
export const INVITE_LIMIT = 1_000;
/** Maximum number of valid links of one room. */
export const LINK_LIMIT = 50;
const TOKEN_BYTES = 24;

export interface InvitedAt {
  invite: InviteRecord;
  position: Position;
}

/** The facts that a link reveals before it is used. */
export interface InviteInfo {
  room: RoomRecord;
  creator: UserRecord;
  expiresAt: Date;
}

export interface LinkRequest {
  roomId: string;
  expiresInSeconds: number;
  maxUses: number | null;
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
  /**
   * The same by a link's token. For a member, it does not count as a use. @throws NotFoundError
   * BannedError ArchivedError InviteEndedError
   */
  acceptLink(viewer: UserRecord, token: string): Promise<Joined>;
  /** @throws NotFoundError */
  decline(viewer: UserRecord, inviteId: string): Promise<InvitedAt>;
  /** Withdraws an invite. @throws NotFoundError NotAllowedError */
  revoke(viewer: UserRecord, inviteId: string): Promise<InvitedAt>;
  /**
   * Creates a link. Only this call returns its token, because the server stores only a hash.
   *
   * @throws InvalidInputError NotFoundError BannedError NotAMemberError NotAllowedError ArchivedError
   *   LimitReachedError RateLimitedError
   */
  createLink(viewer: UserRecord, request: LinkRequest): Promise<{ link: LinkRow; token: string }>;
  /** @throws NotFoundError */
  revokeLink(viewer: UserRecord, linkId: string): Promise<{ link: LinkRow }>;
  /** Null for an invalid or expired link. */
  info(token: string): Promise<InviteInfo | null>;
  /** A user's unanswered invites, latest first. */
  ofViewer(viewerId: string, page: AgePage): Promise<InviteRecord[]>;
  /** A room's unanswered invites. @throws NotFoundError BannedError NotAMemberError NotAllowedError */
  ofRoom(viewerId: string, roomId: string, page: AgePage): Promise<InviteRecord[]>;
  /** @throws NotFoundError BannedError NotAMemberError NotAllowedError */
  links(viewerId: string, roomId: string, page: AgePage): Promise<LinkRow[]>;
  /** In the order of `ids`; null for invites that do not exist or that the viewer may not see. */
  visibleByIds(viewerId: string, ids: readonly string[]): Promise<(InviteRecord | null)[]>;
  /** The same for links. */
  visibleLinks(viewerId: string, ids: readonly string[]): Promise<(LinkRow | null)[]>;
}

export interface InviteServiceOptions {
  store: InviteStore;
  rooms: RoomStore;
  entry: RoomMembershipService;
  conversations: ConversationService;
  users: UserService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
}

export function makeInviteService(options: InviteServiceOptions): InviteService {
  const { store, rooms, entry, conversations, users, log, clock, rates } = options;

  const requireModerator = async (
    viewerId: string,
    roomId: string,
    db?: Db,
  ): Promise<RoomMembership> => {
    const inside = await entry.requireMembership(viewerId, roomId, db);
    if (!canModerate(inside.membership.role)) throw new NotAllowedError();
    return inside;
  };

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
    return { invite, standing: { userId: viewerId, role: access?.role ?? null } };
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
      await entry.endInvites(unit, [invite.room.id], invite.user.id);
      return { invite, position: await log.head(unit.tx) };
    });

  return {
    invite: async (viewer, roomId, userId) => {
      await rates.take("INVITE", viewer.id);
      return log.write(async (unit) => {
        await unit.lockLog();
        const { room } = await requireModerator(viewer.id, roomId, unit.tx);
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
        return entry.enter(unit, invite.room, viewer);
      }),
    acceptLink: (viewer, token) =>
      log.write(async (unit) => {
        // Counts the uses of a link one after the other.
        await unit.lockLog();
        const link = await store.findLink(hashToken(token), unit.tx);
        if (link === null) throw new NotFoundError("invite");
        const room = await entry.requireRoom(link.conversationId, unit.tx);
        const access = (await conversations.access(viewer.id, [room.id], unit.tx)).get(room.id);
        const isInside = access?.isMember === true;
        if (!isInside && isLinkExpired(link, clock.now())) throw new InviteEndedError();
        const joined = await entry.enter(unit, room, viewer);
        if (!isInside) await store.useLink(unit.tx, link.id);
        return joined;
      }),
    decline: (viewer, inviteId) =>
      end(viewer, inviteId, ({ invite }) => {
        if (invite.user.id !== viewer.id) throw new NotFoundError("invite");
      }),
    revoke: (viewer, inviteId) =>
      end(viewer, inviteId, ({ invite, standing }) => {
        if (canRevokeInvite(standing, invite.inviter.id)) return;
        // Users who may not know of the invite get the same error as for a missing one.
        throw invite.user.id === viewer.id ? new NotAllowedError() : new NotFoundError("invite");
      }),
    createLink: async (viewer, { roomId, expiresInSeconds, maxUses }) => {
      const problems = linkProblems(expiresInSeconds, maxUses);
      if (problems.length > 0) throw new InvalidInputError(problems);
      await rates.take("INVITE", viewer.id);
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      const link = await log.write(async (unit) => {
        await unit.lockLog();
        const { room } = await requireModerator(viewer.id, roomId, unit.tx);
        if (room.archivedAt !== null) throw new ArchivedError();
        const now = clock.now();
        await store.removeEndedLinks(unit.tx, roomId, new Date(now));
        if ((await store.countLinks(unit.tx, roomId)) >= LINK_LIMIT)
          throw new LimitReachedError(`A room can have at most ${String(LINK_LIMIT)} links.`);
        const made = {
          id: newId(now),
          conversationId: roomId,
          createdAt: new Date(now),
          expiresAt: new Date(now + expiresInSeconds * 1_000),
          maxUses,
        };
        const tokenHash = hashToken(token);
        await store.createLink(unit.tx, { ...made, creatorId: viewer.id, tokenHash });
        return { ...made, creator: viewer, uses: 0 };
      });
      return { link, token };
    },
    revokeLink: (viewer, linkId) =>
      log.write(async (unit) => {
        await unit.lockLog();
        const [link] = await store.linksByIds([linkId], unit.tx);
        if (link === undefined) throw new NotFoundError("invite link");
        const roomId = link.conversationId;
        const access = (await conversations.access(viewer.id, [roomId], unit.tx)).get(roomId);
        if (!canModerate(access?.role ?? null)) throw new NotFoundError("invite link");
        await store.removeLink(unit.tx, linkId);
        return { link };
      }),
    info: async (token) => {
      const link = await store.findLink(hashToken(token));
      if (link === null || isLinkExpired(link, clock.now())) return null;
      const [room] = await rooms.findByIds([link.conversationId]);
      if (room === undefined || room.archivedAt !== null) return null;
      return { room, creator: link.creator, expiresAt: link.expiresAt };
    },
    ofViewer: async (viewerId, page) => withRooms(await store.ofUser(viewerId, page)),
    ofRoom: async (viewerId, roomId, page) => {
      await requireModerator(viewerId, roomId);
      return withRooms(await store.ofRoom(roomId, page));
    },
    links: async (viewerId, roomId, page) => {
      await requireModerator(viewerId, roomId);
      return store.links(roomId, new Date(clock.now()), page);
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
    visibleLinks: async (viewerId, ids) => {
      const links = await store.linksByIds(ids);
      const roomIds = links.map(({ conversationId }) => conversationId);
      const access = await conversations.access(viewerId, roomIds);
      const visible = links.filter(({ conversationId }) =>
        canModerate(access.get(conversationId)?.role ?? null),
      );
      const byId = new Map(visible.map((link) => [link.id, link]));
      return ids.map((id) => byId.get(id) ?? null);
    },
  };
}

/** A token has 192 random bits, so a fast hash protects the stored form. */
function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
