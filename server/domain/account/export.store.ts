import type { Database, Db } from "../../infra/database/database.ts";

export interface ExportStore {
  addTicket(ticket: { tokenHash: Buffer; userId: string; expiresAt: Date }): Promise<void>;
  /** Uses a ticket up; answers whose it was, or null when it is no good. Removes what has expired. */
  takeTicket(tx: Db, tokenHash: Buffer, now: Date): Promise<string | null>;
  removeTickets(tx: Db, userId: string): Promise<void>;
  /** Runs `work` so that all it reads comes from one moment, for at most `timeoutMs`. */
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
