import type { Database, Db } from "../../infra/database/database.ts";
import type { UserRecord } from "../user/user.record.ts";
import { newestFirst, type AgePage } from "./age-keyset.ts";

/** An unanswered invite. */
export interface InviteRow {
  id: string;
  conversationId: string;
  user: UserRecord;
  inviter: UserRecord;
  createdAt: Date;
}

/** A link through which users can join. */
export interface LinkRow {
  id: string;
  conversationId: string;
  creator: UserRecord;
  createdAt: Date;
  expiresAt: Date;
  /** Maximum number of uses; null for no limit. */
  maxUses: number | null;
  uses: number;
}

export type NewInvite = Omit<InviteRow, "inviter" | "user"> & { userId: string; inviterId: string };
export type NewLink = Omit<LinkRow, "creator" | "uses"> & { creatorId: string; tokenHash: Buffer };

export interface InviteStore {
  findByIds(ids: readonly string[], db?: Db): Promise<InviteRow[]>;
  find(tx: Db, conversationId: string, userId: string): Promise<InviteRow | null>;
  create(tx: Db, invite: NewInvite): Promise<void>;
  remove(tx: Db, id: string): Promise<void>;
  /** Removes the unanswered invites to rooms, of one user or of all. Returns them. */
  take(
    tx: Db,
    conversationIds: readonly string[],
    userId: string | null,
  ): Promise<{ id: string; userId: string; conversationId: string }[]>;
  /** Removes all unanswered invites of a user. */
  eraseUser(tx: Db, userId: string): Promise<void>;
  count(tx: Db, conversationId: string): Promise<number>;
  ofUser(userId: string, page: AgePage): Promise<InviteRow[]>;
  ofRoom(conversationId: string, page: AgePage): Promise<InviteRow[]>;
  linksByIds(ids: readonly string[], db?: Db): Promise<LinkRow[]>;
  findLink(tokenHash: Buffer, db?: Db): Promise<LinkRow | null>;
  createLink(tx: Db, link: NewLink): Promise<void>;
  /** Counts a use. Exact only if the unit locked the log before it read the link. */
  useLink(tx: Db, id: string): Promise<void>;
  removeLink(tx: Db, id: string): Promise<void>;
  /** Removes the links into rooms, of one user or of all. */
  removeLinks(tx: Db, conversationIds: readonly string[], creatorId?: string): Promise<void>;
  /** Removes expired links. */
  removeEndedLinks(tx: Db, conversationId: string, now: Date): Promise<void>;
  countLinks(tx: Db, conversationId: string): Promise<number>;
  /** Valid links. */
  links(conversationId: string, now: Date, page: AgePage): Promise<LinkRow[]>;
}

const people = { user: true, inviter: true } as const;
const creator = { creator: true } as const;

export function makeInviteStore(database: Database): InviteStore {
  const { main } = database;
  return {
    findByIds: (ids, db = main) =>
      db.prisma.invite.findMany({ where: { id: { in: [...ids] } }, include: people }),
    find: (tx, conversationId, userId) =>
      tx.prisma.invite.findUnique({
        where: { conversationId_userId: { conversationId, userId } },
        include: people,
      }),
    create: async (tx, invite) => {
      await tx.prisma.invite.create({ data: invite });
    },
    remove: async (tx, id) => {
      await tx.prisma.invite.deleteMany({ where: { id } });
    },
    take: (tx, conversationIds, userId) =>
      tx.prisma.$queryRaw<{ id: string; userId: string; conversationId: string }[]>`
        DELETE FROM "Invite" WHERE "conversationId" = ANY(${[...conversationIds]}::uuid[])
          AND (${userId}::uuid IS NULL OR "userId" = ${userId}::uuid)
        RETURNING id, "userId", "conversationId"`,
    eraseUser: async (tx, userId) => {
      await tx.prisma.invite.deleteMany({ where: { userId } });
    },
    count: (tx, conversationId) => tx.prisma.invite.count({ where: { conversationId } }),
    ofUser: (userId, page) => {
      const { bounds, orderBy, take } = newestFirst(page);
      return main.prisma.invite.findMany({
        where: { userId, AND: bounds },
        orderBy,
        take,
        include: people,
      });
    },
    ofRoom: (conversationId, page) => {
      const { bounds, orderBy, take } = newestFirst(page);
      const where = { conversationId, AND: bounds };
      return main.prisma.invite.findMany({ where, orderBy, take, include: people });
    },
    linksByIds: (ids, db = main) =>
      db.prisma.inviteLink.findMany({ where: { id: { in: [...ids] } }, include: creator }),
    findLink: (tokenHash, db = main) =>
      db.prisma.inviteLink.findUnique({
        where: { tokenHash: Uint8Array.from(tokenHash) },
        include: creator,
      }),
    createLink: async (tx, link) => {
      await tx.prisma.inviteLink.create({
        data: { ...link, tokenHash: Uint8Array.from(link.tokenHash) },
      });
    },
    useLink: async (tx, id) => {
      await tx.prisma.inviteLink.update({ where: { id }, data: { uses: { increment: 1 } } });
    },
    removeLink: async (tx, id) => {
      await tx.prisma.inviteLink.deleteMany({ where: { id } });
    },
    removeLinks: async (tx, conversationIds, creatorId) => {
      const made = creatorId === undefined ? {} : { creatorId };
      await tx.prisma.inviteLink.deleteMany({
        where: { conversationId: { in: [...conversationIds] }, ...made },
      });
    },
    removeEndedLinks: async (tx, conversationId, now) => {
      await tx.prisma.$executeRaw`
        DELETE FROM "InviteLink" WHERE "conversationId" = ${conversationId}::uuid
          AND ("expiresAt" <= ${now} OR uses >= "maxUses")`;
    },
    countLinks: (tx, conversationId) => tx.prisma.inviteLink.count({ where: { conversationId } }),
    links: (conversationId, now, page) => {
      const { bounds, orderBy, take } = newestFirst(page);
      const usable = [
        { expiresAt: { gt: now } },
        { OR: [{ maxUses: null }, { uses: { lt: main.prisma.inviteLink.fields.maxUses } }] },
      ];
      return main.prisma.inviteLink.findMany({
        where: { conversationId, AND: [...usable, ...bounds] },
        orderBy,
        take,
        include: creator,
      });
    },
  };
}
