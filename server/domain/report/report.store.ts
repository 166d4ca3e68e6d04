import { isUniqueViolation, type Database, type Db } from "../../infra/database/database.ts";

export interface ReportRecord {
  id: string;
  reporterId: string;
  subject: "MESSAGE" | "USER" | "ROOM";
  subjectId: string;
  conversationId: string | null;
  accusedId: string | null;
  reason: string;
  comment: string;
  createdAt: Date;
  resolution: string | null;
  note: string | null;
  resolvedById: string | null;
  resolvedAt: Date | null;
}

export interface ReportKey {
  createdAt: Date;
  id: string;
}

export interface ReportQuery {
  isResolved: boolean | null;
  conversationId: string | null;
  before: ReportKey | undefined;
  after: ReportKey | undefined;
  limit: number;
  inverted: boolean;
}

export interface Resolution {
  resolution: string;
  note: string | null;
  resolvedById: string;
  resolvedAt: Date;
}

export interface ReportStore {
  /** The user's open report about a subject. */
  findOpen(reporterId: string, subjectId: string): Promise<ReportRecord | null>;
  findByIds(ids: readonly string[]): Promise<ReportRecord[]>;
  /** Returns false if the user has an open report about the subject. */
  create(tx: Db, report: ReportRecord): Promise<boolean>;
  /** Returns false if it is already resolved. */
  resolve(tx: Db, id: string, resolution: Resolution): Promise<boolean>;
  /** All reports, newest first. */
  page(query: ReportQuery): Promise<ReportRecord[]>;
  /** Reports about messages in rooms that the user moderates, except those about the user's own messages. */
  pageOfModerator(userId: string, query: ReportQuery): Promise<ReportRecord[]>;
  /** Owners and moderators of a room, at most 200. */
  reviewersOf(tx: Db, conversationId: string): Promise<string[]>;
  /** Reports created by a user, by id. */
  ofReporter(userId: string, after: string | null, limit: number): Promise<ReportRecord[]>;
  /** Removes a user's comments from their reports. */
  eraseComments(tx: Db, userId: string): Promise<void>;
}

const REVIEWERS_NOTIFIED = 200;

export function makeReportStore(database: Database): ReportStore {
  const page = (query: ReportQuery, userId: string | null): Promise<ReportRecord[]> => {
    const parameters: unknown[] = [];
    const bind = (value: unknown): string => `$${String(parameters.push(value))}`;
    const conditions = ["true"];
    if (query.isResolved !== null)
      conditions.push(`r."resolvedAt" IS ${query.isResolved ? "NOT NULL" : "NULL"}`);
    if (query.conversationId !== null)
      conditions.push(`r."conversationId" = ${bind(query.conversationId)}::uuid`);
    if (userId !== null) {
      const viewer = `${bind(userId)}::uuid`;
      conditions.push(
        `r.subject = 'MESSAGE' AND r."accusedId" <> ${viewer} AND r."conversationId" IN (
           SELECT m."conversationId" FROM "Membership" m JOIN "Conversation" c ON c.id = m."conversationId"
           WHERE m."userId" = ${viewer} AND m."leftPosition" IS NULL AND m.role IN ('OWNER', 'MODERATOR')
             AND c.kind = 'ROOM')`,
      );
    }
    const bound = (key: ReportKey, sign: "<" | ">"): string =>
      `(r."createdAt", r.id) ${sign} (${bind(key.createdAt)}::timestamptz, ${bind(key.id)}::uuid)`;
    if (query.after !== undefined) conditions.push(bound(query.after, "<"));
    if (query.before !== undefined) conditions.push(bound(query.before, ">"));
    const direction = query.inverted ? "ASC" : "DESC";
    return database.main.prisma.$queryRawUnsafe<ReportRecord[]>(
      `SELECT r.*, r.subject::text AS subject FROM "Report" r WHERE ${conditions.join(" AND ")}
       ORDER BY r."createdAt" ${direction}, r.id ${direction} LIMIT ${bind(query.limit)}::int`,
      ...parameters,
    );
  };
  return {
    findOpen: (reporterId, subjectId) =>
      database.main.prisma.report.findFirst({ where: { reporterId, subjectId, resolvedAt: null } }),
    findByIds: (ids) => database.main.prisma.report.findMany({ where: { id: { in: [...ids] } } }),
    create: async (tx, report) => {
      try {
        await tx.prisma.report.create({ data: report });
        return true;
      } catch (error) {
        if (isUniqueViolation(error)) return false;
        throw error;
      }
    },
    resolve: async (tx, id, resolution) =>
      (await tx.prisma.report.updateMany({ where: { id, resolvedAt: null }, data: resolution }))
        .count > 0,
    page: (query) => page(query, null),
    pageOfModerator: (userId, query) => page(query, userId),
    reviewersOf: async (tx, conversationId) => {
      const rows = await tx.prisma.membership.findMany({
        where: {
          conversationId,
          leftPosition: null,
          role: { in: ["OWNER", "MODERATOR"] },
          conversation: { kind: "ROOM" },
        },
        select: { userId: true },
        orderBy: { joinedPosition: "asc" },
        take: REVIEWERS_NOTIFIED,
      });
      return rows.map(({ userId }) => userId);
    },
    ofReporter: (reporterId, after, limit) =>
      database.main.prisma.report.findMany({
        where: { reporterId, ...(after === null ? {} : { id: { gt: after } }) },
        orderBy: { id: "asc" },
        take: limit,
      }),
    eraseComments: async (tx, reporterId) => {
      await tx.prisma.report.updateMany({ where: { reporterId }, data: { comment: "" } });
    },
  };
}
