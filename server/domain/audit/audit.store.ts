import type { Database, Db } from "../../infra/database/database.ts";
import type { Prisma } from "../../generated/prisma/client.ts";

/** An entry to store; the database adds the time. */
export interface NewAuditEntry {
  id: string;
  action: string;
  actorId: string | null;
  targetId: string | null;
  conversationId: string | null;
  messageId: string | null;
  address: string;
  device: string;
  details: Record<string, string> | null;
}

export interface AuditRow extends NewAuditEntry {
  at: Date;
}

export interface AuditFilter {
  actions?: readonly string[] | undefined;
  actorId?: string | undefined;
  targetId?: string | undefined;
  conversationId?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

export interface AuditKey {
  at: Date;
  id: string;
}

export interface AuditPage {
  before: AuditKey | undefined;
  after: AuditKey | undefined;
  limit: number;
  inverted: boolean;
}

export interface AuditStore {
  add(entry: NewAuditEntry, db?: Db): Promise<void>;
  /** Newest first. */
  page(filter: AuditFilter, page: AuditPage): Promise<AuditRow[]>;
  findByIds(ids: readonly string[]): Promise<AuditRow[]>;
  /** Entries of one actor after `after`, oldest first. */
  ofActor(actorId: string, after: AuditKey | null, limit: number): Promise<AuditRow[]>;
  /** Deletes up to `limit` entries from before a time. Returns their number. */
  prune(before: Date, limit: number): Promise<number>;
}

export function makeAuditStore(database: Database): AuditStore {
  const toRow = <Row extends { details: Prisma.JsonValue }>(
    row: Row,
  ): Omit<Row, "details"> & { details: Record<string, string> | null } => ({
    ...row,
    details: row.details as Record<string, string> | null,
  });
  return {
    add: async ({ details, ...entry }, db = database.main) => {
      await db.prisma.auditEntry.create({
        data: { ...entry, ...(details === null ? {} : { details }) },
      });
    },
    page: async (filter, { before, after, limit, inverted }) => {
      const bound = (key: AuditKey, side: "lt" | "gt") => ({
        OR: [{ at: { [side]: key.at } }, { at: key.at, id: { [side]: key.id } }],
      });
      const direction = inverted ? "asc" : "desc";
      const { actions, since, until, ...equal } = filter;
      const rows = await database.main.prisma.auditEntry.findMany({
        where: {
          ...Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined)),
          ...(actions === undefined ? {} : { action: { in: [...actions] } }),
          AND: [
            ...(since === undefined ? [] : [{ at: { gte: since } }]),
            ...(until === undefined ? [] : [{ at: { lt: until } }]),
            ...(after === undefined ? [] : [bound(after, "lt")]),
            ...(before === undefined ? [] : [bound(before, "gt")]),
          ],
        },
        orderBy: [{ at: direction }, { id: direction }],
        take: limit,
      });
      return rows.map(toRow);
    },
    findByIds: async (ids) =>
      (await database.main.prisma.auditEntry.findMany({ where: { id: { in: [...ids] } } })).map(
        toRow,
      ),
    ofActor: async (actorId, after, limit) => {
      const rows = await database.main.prisma.auditEntry.findMany({
        where: {
          actorId,
          ...(after === null
            ? {}
            : { OR: [{ at: { gt: after.at } }, { at: after.at, id: { gt: after.id } }] }),
        },
        orderBy: [{ at: "asc" }, { id: "asc" }],
        take: limit,
      });
      return rows.map(toRow);
    },
    prune: async (before, limit) => {
      const rows = await database.main.prisma.$queryRaw<{ removed: number }[]>`
        SELECT audit_prune(${before}, ${limit}::int) AS removed`;
      return rows[0]?.removed ?? 0;
    },
  };
}
