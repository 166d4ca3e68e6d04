import type { BlobStore } from "../../infra/blobs/blob-store.ts";
import type { Images, MadePicture } from "../../infra/images.ts";
import type { Clock } from "../../kernel/clock.ts";
import { DomainError, NotFoundError, RetryableError } from "../../kernel/errors.ts";
import {
  FileTooLargeError,
  FileTypeError,
  UploadConflictError,
  UploadExpiredError,
} from "./upload.errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { AttachmentRecord } from "./attachment.record.ts";
import { withExtension } from "./file-name.ts";
import { PartBuffer } from "./part-buffer.ts";
import { isAllowedType, canContainMetadata } from "./upload.policy.ts";
import type { UploadRecord, UploadStore } from "./upload.store.ts";

export interface Progress {
  /** Durably received bytes. */
  offset: number;
  /** Announced bytes. */
  size: number;
}

export interface ReceiveService {
  /** Progress of an upload. @throws NotFoundError UploadExpiredError */
  progress(ownerId: string, id: string): Promise<Progress>;
  /**
   * Receives bytes from `offset` on. Received bytes are kept if the body breaks off. With the last byte,
   * the file is inspected and processed; only then does that byte count as received, so that the sender
   * retries after a crash. A new request takes over from a running one.
   *
   * @param body read no faster than it is stored
   * @param length bytes of the body; null if unknown
   * @throws NotFoundError UploadExpiredError UploadConflictError FileTooLargeError FileTypeError
   *   PictureInvalidError PictureTooLargeError OverloadedError, and the errors of `body`
   */
  receive(
    ownerId: string,
    id: string,
    offset: number,
    body: AsyncIterable<Uint8Array>,
    length: number | null,
  ): Promise<Progress>;
}

export interface ReceiveOptions {
  store: UploadStore;
  blobs: BlobStore;
  images: Images;
  /** Detects the media type from a file's first bytes. */
  detectType: (head: Uint8Array) => Promise<string>;
  clock: Clock;
  logger: Logger;
  /** Accepted media types. */
  allowedTypes: readonly string[];
  pictureBytes: number;
  /** How long a complete file is kept unused. */
  keepMs: number;
}

/** The state of one request: stored and buffered bytes. */
interface Reception {
  upload: UploadRecord;
  writer: string;
  parts: string[];
  buffer: PartBuffer;
  /** Received bytes, stored or not. */
  arrived: number;
}

export function makeReceiveService(options: ReceiveOptions): ReceiveService {
  const { store, blobs, images, clock, logger } = options;

  const find = async (ownerId: string, id: string): Promise<UploadRecord> => {
    const [upload] = await store.findOwn(ownerId, [id]);
    if (upload === undefined) throw new NotFoundError("upload");
    const { state, sweepAt } = upload;
    const isLate = state === "RECEIVING" && (sweepAt?.getTime() ?? 0) <= clock.now();
    if (state === "REMOVED" || isLate) throw new UploadExpiredError();
    return upload;
  };

  const begin = async (upload: UploadRecord, offset: number): Promise<Reception> => {
    const { id, partBytes } = upload;
    const writer = newId();
    if (upload.received !== offset || !(await store.take(id, offset, writer))) {
      throw new UploadConflictError((await find(upload.ownerId, id)).received);
    }
    const reception: Reception = {
      upload,
      writer,
      parts: [...upload.parts],
      buffer: new PartBuffer(),
      arrived: offset,
    };
    // An incomplete part is completed.
    const begun = offset % partBytes;
    const last = begun === 0 ? undefined : reception.parts.pop();
    if (last !== undefined) reception.buffer.push(await blobs.read(id, last, 0, begun));
    return reception;
  };

  /** Stores bytes under a new name, so that a superseded request never changes the data of another. */
  const put = async ({ upload }: Reception, bytes: Uint8Array): Promise<string> => {
    const name = newId();
    await blobs.put(upload.id, name, bytes);
    return name;
  };

  const drop = async ({ upload }: Reception, names: readonly string[]): Promise<void> => {
    await blobs.remove(upload.id, names).catch((error: unknown) => {
      logger.warn({ err: error }, "Bytes of an upload could not be removed; the sweep will");
    });
  };

  /** Stores one part and records it. */
  const storePart = async (reception: Reception, bytes: Uint8Array): Promise<void> => {
    const { upload, writer, parts } = reception;
    if (parts.length === 0) requireTaken(upload, await options.detectType(bytes));
    const name = await put(reception, bytes);
    const received = parts.length * upload.partBytes + bytes.length;
    if (await store.advance(upload.id, writer, { parts: [...parts, name], received })) {
      parts.push(name);
    } else {
      await drop(reception, [name]);
      throw new UploadConflictError(null);
    }
  };

  const requireTaken = ({ purpose, size }: UploadRecord, mediaType: string): void => {
    const isPicture = images.canRead(mediaType);
    if (!isAllowedType(mediaType, options.allowedTypes)) throw new FileTypeError(mediaType);
    if (isPicture && size > options.pictureBytes) throw new FileTooLargeError(options.pictureBytes);
    if (isPicture) return;
    if (purpose === "PICTURE") throw new FileTypeError(mediaType, "is not a displayable picture");
    if (canContainMetadata(mediaType)) {
      const why = "may contain its location, which the server cannot remove. Send a JPEG instead";
      throw new FileTypeError(mediaType, why);
    }
  };

  /** Detects the type of the complete file, re-encodes pictures, and marks it as ready. */
  const finish = async (reception: Reception): Promise<void> => {
    const { upload, writer, parts, buffer } = reception;
    const last = buffer.take(upload.partBytes);
    const head =
      parts[0] === undefined
        ? last
        : Buffer.from(await blobs.read(upload.id, parts[0], 0, upload.partBytes));
    const mediaType = await options.detectType(head);
    requireTaken(upload, mediaType);
    const made: string[] = [];
    const keep = async (bytes: Uint8Array): Promise<string> => {
      const name = await put(reception, bytes);
      made.push(name);
      return name;
    };
    try {
      const until = new Date(clock.now() + options.keepMs);
      if (images.canRead(mediaType)) {
        const load = async (): Promise<Uint8Array> =>
          Buffer.concat([...(await readAll(upload.id, parts, upload.partBytes)), last]);
        const make = upload.purpose === "PICTURE" ? images.makeSquare : images.make;
        const picture = await make(mediaType, load);
        const names: string[] = [];
        for (let at = 0; at < picture.bytes.length; at += upload.partBytes) {
          names.push(await keep(picture.bytes.subarray(at, at + upload.partBytes)));
        }
        const { bytes } = picture.thumbnail;
        const thumbnail = { name: await keep(bytes), bytes: bytes.length };
        const found = { record: pictureRecord(upload, picture), parts: names, thumbnail };
        if (!(await store.complete(upload.id, writer, found, until))) {
          throw new UploadConflictError(null);
        }
        // The original may contain its location.
        await drop(reception, parts);
      } else {
        const names = [...parts, await keep(last)];
        const { id, name, size } = upload;
        const record = { id, name, mediaType, size, picture: null };
        const found = { record, parts: names, thumbnail: null };
        if (!(await store.complete(upload.id, writer, found, until))) {
          throw new UploadConflictError(null);
        }
      }
    } catch (error) {
      await drop(reception, made);
      throw error;
    }
  };

  const readAll = async (
    id: string,
    parts: readonly string[],
    partBytes: number,
  ): Promise<Uint8Array[]> => {
    const bytes: Uint8Array[] = [];
    for (const name of parts) bytes.push(await blobs.read(id, name, 0, partBytes));
    return bytes;
  };

  const takeIn = async (reception: Reception, body: AsyncIterable<Uint8Array>): Promise<void> => {
    const { upload, buffer } = reception;
    const { size, partBytes } = upload;
    for await (const chunk of body) {
      if (reception.arrived + chunk.length > size) throw new FileTooLargeError(size);
      reception.arrived += chunk.length;
      buffer.push(chunk);
      // The last part is left to `finish`, even if it is complete.
      while (
        buffer.length > partBytes ||
        (buffer.length === partBytes && reception.arrived < size)
      ) {
        await storePart(reception, buffer.take(partBytes));
      }
    }
  };

  return {
    progress: async (ownerId, id) => {
      const { received, size } = await find(ownerId, id);
      return { offset: received, size };
    },
    receive: async (ownerId, id, offset, body, length) => {
      const upload = await find(ownerId, id);
      const { size } = upload;
      if (upload.state !== "RECEIVING") {
        // A repeated request after the last byte.
        if (offset === size && length === 0) return { offset: size, size };
        throw new UploadConflictError(upload.received);
      }
      if (upload.received !== offset) throw new UploadConflictError(upload.received);
      if (length !== null && offset + length > size) throw new FileTooLargeError(size);
      const reception = await begin(upload, offset);
      try {
        try {
          await takeIn(reception, body);
        } catch (error) {
          const { buffer } = reception;
          const brokeOff = !(error instanceof DomainError);
          // Not for the last byte, which counts only after the file is processed.
          if (brokeOff && buffer.length > 0 && reception.arrived < size) {
            await storePart(reception, buffer.take(buffer.length));
          }
          throw error;
        }
        const { arrived, buffer } = reception;
        if (arrived === size) await finish(reception);
        else if (buffer.length > 0) await storePart(reception, buffer.take(buffer.length));
        return { offset: arrived, size };
      } catch (error) {
        if (isVerdict(error)) await store.discard(ownerId, id, new Date(clock.now()));
        throw error;
      }
    },
  };
}

/** Whether the error is final, whatever the client sends. */
function isVerdict(error: unknown): boolean {
  return (
    error instanceof DomainError &&
    !(error instanceof RetryableError) &&
    !(error instanceof UploadConflictError) &&
    !(error instanceof UploadExpiredError)
  );
}

function pictureRecord(upload: UploadRecord, picture: MadePicture): AttachmentRecord {
  const { mediaType, bytes, width, height, isAnimated, thumbnail, preview } = picture;
  return {
    id: upload.id,
    name: withExtension(upload.name, mediaType),
    mediaType,
    size: bytes.length,
    picture: {
      width,
      height,
      isAnimated,
      thumbnail: { width: thumbnail.width, height: thumbnail.height },
      preview,
    },
  };
}
