import type { Clock } from "../../kernel/clock.ts";
import { InvalidInputError, LimitReachedError, NotFoundError } from "../../kernel/errors.ts";
import { FileTooLargeError } from "./upload.errors.ts";
import { newId } from "../../kernel/ids.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Unit } from "../../log/unit.ts";
import type { AttachmentRecord } from "./attachment.record.ts";
import { safeFileName } from "./file-name.ts";
import type { UploadPurpose, UploadStore, UseOf } from "./upload.store.ts";

export type { UploadPurpose, UseOf } from "./upload.store.ts";

/** Maximum number of files of one message. */
export const ATTACHMENT_LIMIT = 10;
/** Maximum number of unused uploads of one user. */
export const UNUSED_LIMIT = 50;
/**
 * Size of one stored blob in bytes: the memory of an upload, and the data that is sent again after a
 * crash.
 */
const PART_BYTES = 2_097_152;
const NAME_MAX_LENGTH = 1_000;
/** Time after which no request from before a file's use can still be running, in milliseconds. */
const TIDY_AFTER_MS = 900_000;

export interface UploadRequest {
  fileName: string;
  /** In bytes. */
  size: number;
  purpose: UploadPurpose;
}

export interface Ticket {
  id: string;
  fileName: string;
  size: number;
  expiresAt: Date;
}

export interface UploadLimits {
  fileBytes: number;
  pictureBytes: number;
  /** Validity of a ticket. */
  ticketMs: number;
}

export interface UploadService {
  readonly limits: UploadLimits;
  /** @throws InvalidInputError FileTooLargeError LimitReachedError RateLimitedError */
  create(ownerId: string, request: UploadRequest): Promise<Ticket>;
  /** Cancels an unused upload. @throws NotFoundError */
  discard(ownerId: string, id: string): Promise<void>;
  /**
   * The attachments of a new message. Whether they may be used is checked when the message is appended: a
   * missing file is listed under an id that never exists.
   */
  attachments(ownerId: string, ids: readonly string[]): Promise<AttachmentRecord[]>;
  /**
   * Makes an uploaded picture that of a user or a room in the unit, and releases the previous one.
   * Requires that the unit has locked the log.
   *
   * @throws NotFoundError if it is not a complete, unused picture of this owner
   */
  claimPicture(unit: Unit, ownerId: string, uploadId: string, use: UseOf): Promise<void>;
  /** Releases the picture of a user or a room. Requires that the unit has locked the log. */
  releasePicture(unit: Unit, use: UseOf): Promise<void>;
  /** A user's uploaded files, for the user's export. */
  readonly exportSection: ExportSection;
  /** Releases a user's picture and unused uploads. Requires that the unit has locked the log. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
}

const NOT_THERE: Omit<AttachmentRecord, "id"> = {
  name: "",
  mediaType: "",
  size: 0,
  picture: null,
};

export interface UploadServiceOptions {
  store: UploadStore;
  clock: Clock;
  limits: UploadLimits;
  rates: RateLimits;
}

export function makeUploadService({
  store,
  clock,
  limits,
  rates,
}: UploadServiceOptions): UploadService {
  return {
    limits,
    create: async (ownerId, { fileName, size, purpose }) => {
      requireSensible(fileName, size);
      const most = purpose === "PICTURE" ? limits.pictureBytes : limits.fileBytes;
      if (size > most) throw new FileTooLargeError(most);
      await rates.take("UPLOAD", ownerId);
      const now = clock.now();
      const expiresAt = new Date(now + limits.ticketMs);
      const name = safeFileName(fileName);
      const id = newId(now);
      const created = await store.create(
        {
          id,
          ownerId,
          purpose,
          state: "RECEIVING",
          name,
          size,
          received: 0,
          parts: [],
          partBytes: PART_BYTES,
          createdAt: new Date(now),
          sweepAt: expiresAt,
        },
        UNUSED_LIMIT,
      );
      if (!created) {
        throw new LimitReachedError(
          `You can have at most ${String(UNUSED_LIMIT)} unused files. Use or cancel some first.`,
        );
      }
      return { id, fileName: name, size, expiresAt };
    },
    discard: async (ownerId, id) => {
      if (!(await store.discard(ownerId, id, new Date(clock.now()))))
        throw new NotFoundError("upload");
    },
    attachments: async (ownerId, ids) => {
      if (ids.length === 0) return [];
      const found = await store.findComplete(ownerId, ids);
      const byId = new Map(found.map((record) => [record.id, record]));
      return ids.map((id) => byId.get(id) ?? { id: newId(), ...NOT_THERE });
    },
    claimPicture: async (unit, ownerId, uploadId, use) => {
      const now = clock.now();
      const tidyAt = new Date(now + TIDY_AFTER_MS);
      if (!(await store.claimPicture(unit.tx, ownerId, uploadId, use, tidyAt)))
        throw new NotFoundError("complete and unused picture of yours");
      await store.release(unit.tx, use, uploadId, new Date(now));
    },
    releasePicture: (unit, use) => store.release(unit.tx, use, null, new Date(clock.now())),
    exportSection: {
      type: "file",
      page: async (userId, after, limit) =>
        exportPage(
          await store.ownPage(userId, after, limit + 1),
          limit,
          ({ id }) => id,
          ({ id, createdAt, usedBy, usedById, record: { name, mediaType, size } }) => ({
            id,
            name,
            mediaType,
            size,
            createdAt,
            usedBy,
            usedById,
          }),
        ),
    },
    eraseUser: async (unit, userId) => {
      const at = new Date(clock.now());
      await store.release(unit.tx, { by: "USER", id: userId }, null, at);
      await store.discardAll(unit.tx, userId, at);
    },
  };
}

function requireSensible(fileName: string, size: number): void {
  if (fileName.length > NAME_MAX_LENGTH) {
    const message = `A file name may have at most ${String(NAME_MAX_LENGTH)} characters.`;
    throw new InvalidInputError([{ field: "fileName", code: "TOO_LONG", message }]);
  }
  if (size < 1) {
    const message = "A file needs at least one byte.";
    throw new InvalidInputError([{ field: "size", code: "INVALID_VALUE", message }]);
  }
}

/**
 * Checks the number of files of a message.
 *
 * @throws InvalidInputError
 */
export function requireAttachmentLimit(ids: readonly string[]): void {
  const problem = (code: "TOO_LONG" | "INVALID_VALUE", message: string): InvalidInputError =>
    new InvalidInputError([{ field: "attachmentIds", code, message }]);
  if (ids.length > ATTACHMENT_LIMIT) {
    throw problem("TOO_LONG", `A message may have at most ${String(ATTACHMENT_LIMIT)} files.`);
  }
  if (new Set(ids).size < ids.length)
    throw problem("INVALID_VALUE", "A file must not be attached twice.");
}
