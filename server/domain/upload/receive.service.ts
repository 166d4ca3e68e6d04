import type { Clock } from "../../kernel/clock.ts";
import { DomainError, NotFoundError, RetryableError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { AcceptService } from "./accept.service.ts";
import type { FinishService } from "./finish.service.ts";
import type { PartService, Reception } from "./part.service.ts";
import { FileTooLargeError, UploadConflictError, UploadExpiredError } from "./upload.errors.ts";
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
   * Receives bytes from `offset` on. Received bytes are kept if the body ends early. With the last byte, the
   * file is inspected and processed; only then does that byte count as received, so that the sender retries
   * after a crash. A new request takes over from a running one.
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

export interface ReceiveServiceOptions {
  store: UploadStore;
  parts: PartService;
  accept: AcceptService;
  finishing: FinishService;
  /** Detects the media type from a file's first bytes. */
  detectType: (head: Uint8Array) => Promise<string>;
  clock: Clock;
}

export function makeReceiveService(options: ReceiveServiceOptions): ReceiveService {
  const { store, parts, accept, finishing, detectType, clock } = options;

  const find = async (ownerId: string, id: string): Promise<UploadRecord> => {
    const [upload] = await store.findOwn(ownerId, [id]);
    if (upload === undefined) throw new NotFoundError("upload");
    const { state, sweepAt } = upload;
    const isLate = state === "RECEIVING" && (sweepAt?.getTime() ?? 0) <= clock.now();
    if (state === "REMOVED" || isLate) throw new UploadExpiredError();
    return upload;
  };

  const begin = async (upload: UploadRecord, offset: number): Promise<Reception> => {
    const { id, ownerId } = upload;
    const writer = newId();
    if (upload.received !== offset || !(await store.take(id, offset, writer))) {
      throw new UploadConflictError((await find(ownerId, id)).received);
    }
    return parts.open(upload, offset, writer);
  };

  /** Stores the first `size` buffered bytes as a part. The first part must have an accepted type. */
  const storePart = async (reception: Reception, size: number): Promise<void> => {
    const bytes = reception.buffer.take(size);
    if (reception.parts.length === 0) {
      accept.requireAccepted(reception.upload, await detectType(bytes));
    }
    await parts.append(reception, bytes);
  };

  /** Reads the body and stores each complete part, except the last one of the file. */
  const readBody = async (reception: Reception, body: AsyncIterable<Uint8Array>): Promise<void> => {
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
        await storePart(reception, partBytes);
      }
    }
  };

  /** Reads the body. If it ends early, the bytes that arrived are stored. */
  const readAndKeep = async (
    reception: Reception,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> => {
    try {
      await readBody(reception, body);
    } catch (error) {
      const { buffer, arrived, upload } = reception;
      const isInterrupted = !(error instanceof DomainError);
      // Not for the last byte, which counts only after the file is processed.
      if (isInterrupted && buffer.length > 0 && arrived < upload.size) {
        await storePart(reception, buffer.length);
      }
      throw error;
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
        await readAndKeep(reception, body);
        const { arrived, buffer } = reception;
        if (arrived === size) await finishing.finish(reception);
        else if (buffer.length > 0) await storePart(reception, buffer.length);
        return { offset: arrived, size };
      } catch (error) {
        if (isFinal(error)) await store.discard(ownerId, id, new Date(clock.now()));
        throw error;
      }
    },
  };
}

/** Whether no further request can complete this upload. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof DomainError &&
    !(error instanceof RetryableError) &&
    !(error instanceof UploadConflictError) &&
    !(error instanceof UploadExpiredError)
  );
}
