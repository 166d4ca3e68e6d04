import { createHash, randomBytes } from "node:crypto";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import { InvalidInputError, LimitReachedError, NotFoundError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Log } from "../../log/log.ts";
import { ArchivedError } from "../conversation/conversation.errors.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { AgePage } from "./age-keyset.ts";
import { linkProblems } from "./invite-fields.ts";
import type { InviteStore, LinkRow } from "./invite.store.ts";
import type { Joined, RoomMembershipService } from "./room-membership.service.ts";
import { InviteEndedError } from "./room.errors.ts";
import { canModerate, isLinkExpired } from "./room.policy.ts";
import type { RoomRecord } from "./room.record.ts";
import type { RoomStore } from "./room.store.ts";

export type { LinkRow } from "./invite.store.ts";

/** Maximum number of valid links of one room. */
export const LINK_LIMIT = 50;
const TOKEN_BYTES = 24;

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

export interface NewInviteLink {
  link: LinkRow;
  /** The secret token; the server stores only its hash. */
  token: string;
}

/** The links through which users can join a room. */
export interface InviteLinkService {
  /**
   * Joins a room by a link's token. For a member, it does not count as a use. @throws NotFoundError
   * BannedError ArchivedError InviteEndedError
   */
  accept(viewer: UserRecord, token: string): Promise<Joined>;
  /**
   * Creates a link. Only this call returns its token.
   *
   * @throws InvalidInputError NotFoundError BannedError NotAMemberError NotAllowedError ArchivedError
   *   LimitReachedError RateLimitedError
   */
  create(viewer: UserRecord, request: LinkRequest): Promise<NewInviteLink>;
  /** @throws NotFoundError */
  revoke(viewer: UserRecord, linkId: string): Promise<{ link: LinkRow }>;
  /** Null for an invalid or expired link. */
  info(token: string): Promise<InviteInfo | null>;
  /** A room's valid links. @throws NotFoundError BannedError NotAMemberError NotAllowedError */
  ofRoom(viewerId: string, roomId: string, page: AgePage): Promise<LinkRow[]>;
  /** In the order of `ids`; null for links that do not exist or that the viewer may not see. */
  visibleByIds(viewerId: string, ids: readonly string[]): Promise<(LinkRow | null)[]>;
}

export interface InviteLinkServiceOptions {
  store: InviteStore;
  rooms: RoomStore;
  roomMemberships: RoomMembershipService;
  conversations: ConversationService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
}

export function makeInviteLinkService(options: InviteLinkServiceOptions): InviteLinkService {
  const { store, rooms, roomMemberships, conversations, log, clock, rates } = options;
  return {
    accept: (viewer, token) =>
      log.write(async (unit) => {
        // Counts the uses of a link one after the other.
        await unit.lockLog();
        const link = await store.findLink(hashToken(token), unit.tx);
        if (link === null) throw new NotFoundError("invite");
        const room = await roomMemberships.requireRoom(link.conversationId, unit.tx);
        const access = (await conversations.access(viewer.id, [room.id], unit.tx)).get(room.id);
        const isMember = access?.isMember === true;
        if (!isMember && isLinkExpired(link, clock.now())) throw new InviteEndedError();
        const joined = await roomMemberships.enter(unit, room, viewer);
        if (!isMember) await store.useLink(unit.tx, link.id);
        return joined;
      }),
    create: async (viewer, { roomId, expiresInSeconds, maxUses }) => {
      const problems = linkProblems(expiresInSeconds, maxUses);
      if (problems.length > 0) throw new InvalidInputError(problems);
      await rates.take("INVITE", viewer.id);
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      const link = await log.write(async (unit) => {
        await unit.lockLog();
        const { room } = await roomMemberships.requireModerator(viewer.id, roomId, unit.tx);
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
    revoke: (viewer, linkId) =>
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
    ofRoom: async (viewerId, roomId, page) => {
      await roomMemberships.requireModerator(viewerId, roomId);
      return store.links(roomId, new Date(clock.now()), page);
    },
    visibleByIds: async (viewerId, ids) => {
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
