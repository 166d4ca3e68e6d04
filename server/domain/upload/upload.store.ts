import type { Prisma } from "../../generated/prisma/client.ts";
import type { Database, Db } from "../../infra/database/database.ts";
import type { AttachmentRecord } from "./attachment.record.ts";

export type UploadPurpose = "MESSAGE" | "PICTURE";
/** The kind of owner of a file. */
export type UploadUse = "MESSAGE" | "USER" | "ROOM";
export type UploadState = "RECEIVING" | "READY" | "USED" | "REMOVED";

export interface UploadRecord {
  id: string;
  ownerId: string;
  purpose: UploadPurpose;
  state: UploadState;
  name: string;
  /** Announced bytes. */
  size: number;
  /** Received bytes. */
  received: number;
  /** Blobs with the bytes, in order; all except the last have `partBytes` bytes. */
  parts: string[];
  partBytes: number;
  sweepAt: Date | null;
}

/** The detected content of a complete file. */
export interface Found {
  record: AttachmentRecord;
  parts: string[];
  thumbnail: { name: string; bytes: number } | null;
}

/** A file with an owner. */
export interface UsedUpload extends Found {
  id: string;
  partBytes: number;
  usedBy: UploadUse;
  usedById: string;
}

/** The owner of a file. */
export interface UseOf {
  by: UploadUse;
  id: string;
}

/** A file in its owner's export. */
export interface OwnUpload {
  id: string;
  createdAt: Date;
  usedBy: UploadUse | null;
  usedById: string | null;
  record: AttachmentRecord;
}

/** An upload that the sweep must handle. */
export interface DueUpload {
  id: string;
  state: UploadState;
  blobs: string[];
}

export interface UploadStore {
  /** Returns false if the owner already has `limit` unused uploads. */
  create(upload: UploadRecord & { createdAt: Date }, limit: number): Promise<boolean>;
  findOwn(ownerId: string, ids: readonly string[]): Promise<UploadRecord[]>;
  /** The detected content of an owner's complete files, used or not. */
  findComplete(ownerId: string, ids: readonly string[]): Promise<AttachmentRecord[]>;
  findUsed(ids: readonly string[]): Promise<UsedUpload[]>;
  /** Makes `writer` its only writer. Returns false if its offset differs or it is not expecting bytes. */
  take(id: string, offset: number, writer: string): Promise<boolean>;
  /** Records received bytes. Returns false if another request is the writer. */
  advance(
    id: string,
    writer: string,
    progress: { parts: readonly string[]; received: number },
  ): Promise<boolean>;
  /** Marks the file as complete and unused until `until`. Returns false if another request is the writer. */
  complete(id: string, writer: string, found: Found, until: Date): Promise<boolean>;
  /** Cancels an unused upload. Returns false if there is none. */
  discard(ownerId: string, id: string, at: Date): Promise<boolean>;
  /** Assigns a picture to an owner. Returns false if the user may not use it. */
  claimPicture(tx: Db, ownerId: string, id: string, use: UseOf, tidyAt: Date): Promise<boolean>;
  /** Releases the files of an owner, except one. */
  release(tx: Db, use: UseOf, except: string | null, at: Date): Promise<void>;
  /** Uploads to check, claimed until `again`. Unused ones become REMOVED. */
  due(now: Date, again: Date, limit: number): Promise<DueUpload[]>;
  /** Records that a used upload needs no further work. */
  settle(id: string): Promise<void>;
  /** Deletes a REMOVED upload. */
  delete(id: string): Promise<void>;
  /** Cancels all unused uploads of a user. */
  discardAll(tx: Db, ownerId: string, at: Date): Promise<void>;
  /** A user's used files, by id. */
  ownPage(ownerId: string, after: string | null, limit: number): Promise<OwnUpload[]>;
  /** Returns the existing ids. */
  known(ids: readonly string[]): Promise<Set<string>>;
}

const columns = {
  id: true,
  ownerId: true,
  purpose: true,
  state: true,
  name: true,
  size: true,
  received: true,
  parts: true,
  partBytes: true,
  sweepAt: true,
} as const;

export function makeUploadStore(database: Database): UploadStore {
  const { main } = database;
  const changed = async (change: Promise<{ count: number }>): Promise<boolean> =>
    (await change).count > 0;
  return {
    create: async (upload, limit) => {
      const { id, ownerId, purpose, state, name, size, partBytes, createdAt, sweepAt } = upload;
      const count = await main.prisma.$executeRaw`
        INSERT INTO "Upload" (id, "ownerId", purpose, state, name, size, parts, "partBytes", "createdAt", "sweepAt")
        SELECT ${id}::uuid, ${ownerId}::uuid, ${purpose}::"UploadPurpose", ${state}::"UploadState", ${name},
               ${size}::int, '{}', ${partBytes}::int, ${createdAt}, ${sweepAt}
        WHERE (
          SELECT count(*) FROM "Upload" u WHERE u."ownerId" = ${ownerId}::uuid AND u.state IN ('RECEIVING', 'READY')
        ) < ${limit}::int`;
      return count > 0;
    },
    findOwn: (ownerId, ids) =>
      main.prisma.upload.findMany({ where: { ownerId, id: { in: [...ids] } }, select: columns }),
    findComplete: async (ownerId, ids) => {
      const rows = await main.prisma.upload.findMany({
        where: { ownerId, id: { in: [...ids] }, state: { in: ["READY", "USED"] } },
        select: { content: true },
      });
      return rows.map(({ content }) => toRecord(content));
    },
    findUsed: async (ids) => {
      const rows = await main.prisma.upload.findMany({
        where: { id: { in: [...ids] }, state: "USED" },
      });
      return rows.flatMap(({ id, usedBy, usedById, content, parts, partBytes, ...row }) => {
        if (usedBy === null || usedById === null) return [];
        const { thumbnail: name, thumbnailBytes: bytes } = row;
        const thumbnail = name === null || bytes === null ? null : { name, bytes };
        return [{ id, usedBy, usedById, record: toRecord(content), parts, partBytes, thumbnail }];
      });
    },
    take: (id, offset, writer) =>
      changed(
        main.prisma.upload.updateMany({
          where: { id, state: "RECEIVING", received: offset },
          data: { writer },
        }),
      ),
    advance: (id, writer, { parts, received }) =>
      changed(
        main.prisma.upload.updateMany({
          where: { id, writer, state: "RECEIVING" },
          data: { parts: [...parts], received },
        }),
      ),
    complete: async (id, writer, { record, parts, thumbnail }, until) => {
      const count = await main.prisma.$executeRaw`
        UPDATE "Upload" SET state = 'READY', received = size, parts = ${parts}::uuid[],
          content = ${JSON.stringify(record)}::jsonb, thumbnail = ${thumbnail?.name ?? null}::uuid,
          "thumbnailBytes" = ${thumbnail?.bytes ?? null}::int, "sweepAt" = ${until}
        WHERE id = ${id}::uuid AND writer = ${writer}::uuid AND state = 'RECEIVING'`;
      return count > 0;
    },
    discard: (ownerId, id, at) =>
      changed(
        main.prisma.upload.updateMany({
          where: { id, ownerId, state: { in: ["RECEIVING", "READY"] } },
          data: { state: "REMOVED", sweepAt: at },
        }),
      ),
    claimPicture: (tx, ownerId, id, use, tidyAt) =>
      changed(
        tx.prisma.upload.updateMany({
          where: { id, ownerId, state: "READY", purpose: "PICTURE" },
          data: { state: "USED", usedBy: use.by, usedById: use.id, sweepAt: tidyAt },
        }),
      ),
    release: async (tx, use, except, at) => {
      await tx.prisma.upload.updateMany({
        where: {
          usedBy: use.by,
          usedById: use.id,
          state: "USED",
          ...(except === null ? {} : { id: { not: except } }),
        },
        data: { state: "REMOVED", sweepAt: at },
      });
    },
    due: (now, again, limit) => main.prisma.$queryRaw<DueUpload[]>`
      UPDATE "Upload" u
      SET "sweepAt" = ${again}, state = CASE u.state WHEN 'USED' THEN u.state ELSE 'REMOVED' END
      FROM (
        SELECT id FROM "Upload" WHERE "sweepAt" <= ${now} ORDER BY "sweepAt" LIMIT ${limit}::int
        FOR UPDATE SKIP LOCKED
      ) due
      WHERE u.id = due.id
      RETURNING u.id, u.state::text AS state, array_remove(u.parts || u.thumbnail, NULL) AS blobs`,
    settle: async (id) => {
      await main.prisma.upload.updateMany({
        where: { id, state: "USED" },
        data: { sweepAt: null },
      });
    },
    delete: async (id) => {
      await main.prisma.upload.deleteMany({ where: { id, state: "REMOVED" } });
    },
    discardAll: async (tx, ownerId, at) => {
      await tx.prisma.upload.updateMany({
        where: { ownerId, state: { in: ["RECEIVING", "READY"] } },
        data: { state: "REMOVED", sweepAt: at },
      });
    },
    ownPage: async (ownerId, after, limit) => {
      const rows = await main.prisma.upload.findMany({
        where: { ownerId, state: "USED", ...(after === null ? {} : { id: { gt: after } }) },
        orderBy: { id: "asc" },
        take: limit,
        select: { id: true, createdAt: true, usedBy: true, usedById: true, content: true },
      });
      return rows.map(({ content, ...row }) => ({ ...row, record: toRecord(content) }));
    },
    known: async (ids) => {
      const rows = await main.prisma.upload.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true },
      });
      return new Set(rows.map(({ id }) => id));
    },
  };
}

/** Only `complete` writes this column. */
function toRecord(content: Prisma.JsonValue): AttachmentRecord {
  if (content === null) throw new Error("A complete upload has no content");
  return content as unknown as AttachmentRecord;
}
