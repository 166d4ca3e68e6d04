import type { Database, Db } from "../../infra/database/database.ts";

export interface ExportStore {
  addTicket(ticket: { tokenHash: Buffer; userId: string; expiresAt: Date }): Promise<void>;
  /** Consumes a ticket and returns its user, or null if it is invalid. Removes expired tickets. */
  takeTicket(tx: Db, tokenHash: Buffer, now: Date): Promise<string | null>;
  removeTickets(tx: Db, userId: string): Promise<void>;
  /** Runs `work` in one snapshot, for at most `timeoutMs`. */
  inSnapshot(work: () => Promise<void>, timeoutMs: number): Promise<void>;
}

export function makeExportStore(database: Database): ExportStore {
  return {
    addTicket: async ({ tokenHash, ...ticket }) => {
      await database.main.prisma.exportTicket.create({
        data: { ...ticket, tokenHash: new Uint8Array(tokenHash) },
      });
    },
    takeTicket: async (tx, tokenHash, now) => {
      await tx.prisma.exportTicket.deleteMany({ where: { expiresAt: { lte: now } } });
      const rows = await tx.prisma.$queryRaw<{ userId: string }[]>`
        DELETE FROM "ExportTicket" WHERE "tokenHash" = ${tokenHash} RETURNING "userId"`;
      return rows[0]?.userId ?? null;
    },
    removeTickets: async (tx, userId) => {
      await tx.prisma.exportTicket.deleteMany({ where: { userId } });
    },
    inSnapshot: (work, timeoutMs) => database.snapshot(work, timeoutMs),
  };
}
