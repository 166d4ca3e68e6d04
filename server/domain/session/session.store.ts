import type { Database, Db } from "../../infra/database/database.ts";
import { reviveDates } from "../../kernel/json.ts";
import type { UserRecord } from "../user/user.record.ts";

export interface SessionRecord {
  id: string;
  userId: string;
  device: string;
  address: string;
  createdAt: Date;
  lastUsedAt: Date;
  expiresAt: Date;
}

/**
 * A session of a connected user. There are as many as connections, so its times are numbers until they
 * are needed: each Date is as large as everything else together.
 */
export class CachedSession implements SessionRecord {
  readonly id: string;
  readonly userId: string;
  readonly device: string;
  readonly address: string;
  /** When it expires, in milliseconds; checked for every session several times a second. */
  readonly expiresMs: number;
  /** The last use known to this instance, in milliseconds. */
  lastUsedMs: number;
  readonly #created: number;

  constructor(record: SessionRecord) {
    this.id = record.id;
    this.userId = record.userId;
    this.device = record.device;
    this.address = record.address;
    this.expiresMs = record.expiresAt.getTime();
    this.#created = record.createdAt.getTime();
    this.lastUsedMs = record.lastUsedAt.getTime();
  }

  get createdAt(): Date {
    return new Date(this.#created);
  }

  get lastUsedAt(): Date {
    return new Date(this.lastUsedMs);
  }

  get expiresAt(): Date {
    return new Date(this.expiresMs);
  }
}

export interface NewSession extends SessionRecord {
  tokenHash: Buffer;
  aliveUntil: Date;
}

/** Determines which sessions are active at a moment. */
export interface LiveAt {
  now: Date;
  /** Sessions unused since then have expired. */
  idleSince: Date;
}

export interface SessionPage {
  before?: { createdAt: Date; id: string } | undefined;
  after?: { createdAt: Date; id: string } | undefined;
  limit: number;
  inverted: boolean;
}

export interface SessionStore {
  /** The session of each token with its user; null if it does not exist or was ended. */
  findByTokenHashes(
    tokenHashes: readonly Buffer[],
  ): Promise<({ session: CachedSession; user: UserRecord } | null)[]>;
  findOwn(userId: string, id: string, at: LiveAt, db?: Db): Promise<SessionRecord | null>;
  /** Newest first. */
  page(userId: string, at: LiveAt, page: SessionPage): Promise<SessionRecord[]>;
  /** Locks a user's log-ins for the rest of the transaction. */
  lockUser(tx: Db, userId: string): Promise<void>;
  /** Active sessions, with the time until which each counts as alive. */
  active(tx: Db, userId: string, at: LiveAt): Promise<(SessionRecord & { aliveUntil: Date })[]>;
  create(tx: Db, session: NewSession): Promise<void>;
  end(tx: Db, ids: readonly string[], at: Date): Promise<void>;
  setTokenHash(tx: Db, id: string, tokenHash: Buffer): Promise<void>;
  /** Stores uses and heartbeats; never moves a time back. */
  touch(uses: readonly { id: string; lastUsedAt: Date | null; aliveUntil: Date }[]): Promise<void>;
  /** All sessions of a user, including ended ones, by id. */
  ofUser(
    userId: string,
    after: string | null,
    limit: number,
  ): Promise<(SessionRecord & { endedAt: Date | null })[]>;
  removeAll(tx: Db, userId: string): Promise<void>;
  lastUsed(ids: readonly string[]): Promise<{ id: string; lastUsedAt: Date }[]>;
}

const columns = {
  id: true,
  userId: true,
  device: true,
  address: true,
  createdAt: true,
  lastUsedAt: true,
  expiresAt: true,
} as const;

export function makeSessionStore(database: Database): SessionStore {
  const activeSessionsOf = (userId: string, at: LiveAt) => ({
    userId,
    endedAt: null,
    expiresAt: { gt: at.now },
    lastUsedAt: { gt: at.idleSince },
  });
  return {
    findByTokenHashes: async (tokenHashes) => {
      const hashes = tokenHashes.map((hash) => hash.toString("hex"));
      // Outside any transaction, because callers of different transactions share this read.
      const rows = await database.log.query<
        Omit<SessionRecord, "userId"> & { user: object; hash: string }
      >(
        `
        SELECT wanted.hash, s.id, s.device, s.address, s."createdAt", s."lastUsedAt", s."expiresAt",
               to_jsonb(u) AS "user"
        FROM unnest($1::text[]) AS wanted (hash)
        JOIN "Session" s ON s."tokenHash" = decode(wanted.hash, 'hex') AND s."endedAt" IS NULL
        JOIN "User" u ON u.id = s."userId"`,
        [hashes],
      );
      const found = new Map(
        rows.map((row) => {
          const read = reviveDates(row.user) as UserRecord;
          // Held while a connection of the session is open. Equal values are shared, and an object
          // literal takes half the memory of one built column by column.
          const user: UserRecord = {
            id: read.id,
            username: read.username,
            usernameKey: read.usernameKey === read.username ? read.username : read.usernameKey,
            displayName: read.displayName === read.username ? read.username : read.displayName,
            createdAt: read.createdAt,
            avatarId: read.avatarId,
            statusText: read.statusText,
            changedAt: read.changedAt,
          };
          return [row.hash, { session: new CachedSession({ ...row, userId: user.id }), user }];
        }),
      );
      return hashes.map((hash) => found.get(hash) ?? null);
    },
    findOwn: (userId, id, at, db = database.main) =>
      db.prisma.session.findFirst({
        where: { ...activeSessionsOf(userId, at), id },
        select: columns,
      }),
    page: (userId, at, page) => {
      const older = page.after;
      const newer = page.before;
      return database.main.prisma.session.findMany({
        where: {
          ...activeSessionsOf(userId, at),
          AND: [
            older === undefined
              ? {}
              : {
                  OR: [
                    { createdAt: { lt: older.createdAt } },
                    { createdAt: older.createdAt, id: { lt: older.id } },
                  ],
                },
            newer === undefined
              ? {}
              : {
                  OR: [
                    { createdAt: { gt: newer.createdAt } },
                    { createdAt: newer.createdAt, id: { gt: newer.id } },
                  ],
                },
          ],
        },
        orderBy: page.inverted
          ? [{ createdAt: "asc" }, { id: "asc" }]
          : [{ createdAt: "desc" }, { id: "desc" }],
        take: page.limit,
        select: columns,
      });
    },
    lockUser: async (tx, userId) => {
      await tx.prisma
        .$queryRaw`SELECT 1 FROM "Credential" WHERE "userId" = ${userId}::uuid FOR UPDATE`;
    },
    active: (tx, userId, at) =>
      tx.prisma.session.findMany({
        where: activeSessionsOf(userId, at),
        select: { ...columns, aliveUntil: true },
      }),
    create: async (tx, session) => {
      await tx.prisma.session.create({
        data: { ...session, tokenHash: new Uint8Array(session.tokenHash) },
      });
    },
    end: async (tx, ids, at) => {
      await tx.prisma.session.updateMany({
        where: { id: { in: [...ids] } },
        data: { endedAt: at },
      });
    },
    setTokenHash: async (tx, id, tokenHash) => {
      await tx.prisma.session.update({
        where: { id },
        data: { tokenHash: new Uint8Array(tokenHash) },
      });
    },
    touch: async (uses) => {
      await database.main.query(
        `
        UPDATE "Session" s
        SET "lastUsedAt" = GREATEST(s."lastUsedAt", used."lastUsedAt"),
            "aliveUntil" = GREATEST(s."aliveUntil", used."aliveUntil")
        FROM jsonb_to_recordset($1::jsonb)
          AS used (id uuid, "lastUsedAt" timestamptz, "aliveUntil" timestamptz)
        WHERE s.id = used.id`,
        [JSON.stringify(uses)],
      );
    },
    ofUser: (userId, after, limit) =>
      database.main.prisma.session.findMany({
        where: { userId, ...(after === null ? {} : { id: { gt: after } }) },
        orderBy: { id: "asc" },
        take: limit,
        select: { ...columns, endedAt: true },
      }),
    removeAll: async (tx, userId) => {
      await tx.prisma.session.deleteMany({ where: { userId } });
    },
    lastUsed: (ids) =>
      database.main.prisma.session.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, lastUsedAt: true },
      }),
  };
}
