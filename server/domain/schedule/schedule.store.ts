import type { Database, Db } from "../../infra/database/database.ts";

/** A message to be sent later. */
export interface ScheduledRecord {
  id: string;
  authorId: string;
  clientId: string;
  conversationId: string;
  threadRootId: string | null;
  replyToId: string | null;
  body: string;
  sendAt: Date;
  /** Time of the next attempt. */
  dueAt: Date;
  claimedAt: Date | null;
  state: "SCHEDULED" | "FAILED";
  /** Code of the error because of which it could not be sent. */
  failure: string | null;
  createdAt: Date;
}

export interface ScheduledKey {
  sendAt: Date;
  id: string;
}

export interface ScheduledPage {
  before: ScheduledKey | undefined;
  after: ScheduledKey | undefined;
  limit: number;
  inverted: boolean;
}

type Change = Partial<
  Pick<ScheduledRecord, "body" | "sendAt" | "dueAt" | "claimedAt" | "state" | "failure">
>;

export interface ScheduleStore {
  findByIds(ids: readonly string[]): Promise<ScheduledRecord[]>;
  findByClientId(tx: Db, authorId: string, clientId: string): Promise<ScheduledRecord | null>;
  /** A user's scheduled messages, next first. */
  page(authorId: string, page: ScheduledPage): Promise<ScheduledRecord[]>;
  count(tx: Db, authorId: string): Promise<number>;
  create(tx: Db, scheduled: ScheduledRecord): Promise<void>;
  /** Locks one scheduled message against other changes and claims; null if it is missing. */
  lock(tx: Db, authorId: string, id: string): Promise<ScheduledRecord | null>;
  change(tx: Db, id: string, change: Change): Promise<void>;
  /** Returns false if it was already missing. */
  remove(tx: Db, id: string): Promise<boolean>;
  removeAll(tx: Db, authorId: string): Promise<void>;
  /** All scheduled messages of a user, in a fixed order. */
  ofAuthor(authorId: string, after: string | null, limit: number): Promise<ScheduledRecord[]>;
  /**
   * Claims due messages, so that no other instance sends them for a while; longest overdue first.
   *
   * @param until time at which others may claim a remaining message
   */
  claim(now: Date, until: Date, limit: number): Promise<ScheduledRecord[]>;
  /** The next due time; null if no message waits. */
  nextDue(): Promise<Date | null>;
}

export function makeScheduleStore(database: Database): ScheduleStore {
  const table = () => database.main.prisma.scheduledMessage;
  return {
    findByIds: (ids) => table().findMany({ where: { id: { in: [...ids] } } }),
    findByClientId: (tx, authorId, clientId) =>
      tx.prisma.scheduledMessage.findUnique({
        where: { authorId_clientId: { authorId, clientId } },
      }),
    page: (authorId, { before, after, limit, inverted }) => {
      const bound = (key: ScheduledKey, side: "lt" | "gt") => ({
        OR: [{ sendAt: { [side]: key.sendAt } }, { sendAt: key.sendAt, id: { [side]: key.id } }],
      });
      const direction = inverted ? "desc" : "asc";
      return table().findMany({
        where: {
          authorId,
          AND: [
            ...(after === undefined ? [] : [bound(after, "gt")]),
            ...(before === undefined ? [] : [bound(before, "lt")]),
          ],
        },
        orderBy: [{ sendAt: direction }, { id: direction }],
        take: limit,
      });
    },
    count: (tx, authorId) => tx.prisma.scheduledMessage.count({ where: { authorId } }),
    create: async (tx, scheduled) => {
      await tx.prisma.scheduledMessage.create({ data: scheduled });
    },
    lock: async (tx, authorId, id) => {
      await tx.prisma.$queryRaw`
        SELECT id FROM "ScheduledMessage" WHERE id = ${id}::uuid AND "authorId" = ${authorId}::uuid FOR UPDATE`;
      return tx.prisma.scheduledMessage.findFirst({ where: { id, authorId } });
    },
    change: async (tx, id, change) => {
      await tx.prisma.scheduledMessage.updateMany({ where: { id }, data: change });
    },
    remove: async (tx, id) =>
      (await tx.prisma.scheduledMessage.deleteMany({ where: { id } })).count > 0,
    removeAll: async (tx, authorId) => {
      await tx.prisma.scheduledMessage.deleteMany({ where: { authorId } });
    },
    ofAuthor: (authorId, after, limit) =>
      table().findMany({
        where: { authorId, ...(after === null ? {} : { id: { gt: after } }) },
        orderBy: { id: "asc" },
        take: limit,
      }),
    claim: async (now, until, limit) => {
      const claimed = await database.main.prisma.$queryRaw<{ id: string }[]>`
        UPDATE "ScheduledMessage" s SET "claimedAt" = ${now}::timestamptz, "dueAt" = ${until}::timestamptz
        FROM (
          SELECT id FROM "ScheduledMessage"
          WHERE state = 'SCHEDULED' AND "dueAt" <= ${now}::timestamptz
          ORDER BY "dueAt" LIMIT ${limit} FOR UPDATE SKIP LOCKED
        ) due
        WHERE s.id = due.id RETURNING s.id`;
      if (claimed.length === 0) return [];
      return table().findMany({
        where: { id: { in: claimed.map(({ id }) => id) } },
        orderBy: [{ sendAt: "asc" }, { id: "asc" }],
      });
    },
    nextDue: async () => {
      const [row] = await database.main.prisma.$queryRaw<{ next: Date | null }[]>`
        SELECT min("dueAt") AS next FROM "ScheduledMessage" WHERE state = 'SCHEDULED'`;
      return row?.next ?? null;
    },
  };
}
