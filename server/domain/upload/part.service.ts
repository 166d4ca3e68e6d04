import type { BlobStore } from "../../infra/blobs/blob-store.ts";
import { newId } from "../../kernel/ids.ts";
import type { Logger } from "../../kernel/logger.ts";
import { PartBuffer } from "./part-buffer.ts";
import { UploadConflictError } from "./upload.errors.ts";
import type { UploadRecord, UploadStore } from "./upload.store.ts";

/** The state of one request: stored and buffered bytes. */
export interface Reception {
  upload: UploadRecord;
  writer: string;
  parts: string[];
  buffer: PartBuffer;
  /** Received bytes, stored or not. */
  arrived: number;
}

/** Reads and writes the parts of an upload in the blob store. */
export interface PartService {
  /** Continues an upload at `offset`. An incomplete part is loaded into the buffer and completed. */
  open(upload: UploadRecord, offset: number, writer: string): Promise<Reception>;
  /**
   * Stores one part and records it.
   *
   * @throws UploadConflictError if another request has taken over
   */
  append(reception: Reception, bytes: Uint8Array): Promise<void>;
  /**
   * Stores bytes under a new name, so that a superseded request never changes the data of another.
   *
   * @returns the name
   */
  put(reception: Reception, bytes: Uint8Array): Promise<string>;
  /** Removes bytes. On failure, it logs a warning, and the sweep removes them later. */
  drop(reception: Reception, names: readonly string[]): Promise<void>;
  /** Reads the stored parts in their order. */
  readAll(reception: Reception): Promise<Uint8Array[]>;
  /** Reads the first part; null if none is stored. */
  readFirst(reception: Reception): Promise<Uint8Array | null>;
}

export interface PartServiceOptions {
  store: UploadStore;
  blobs: BlobStore;
  logger: Logger;
}

export function makePartService({ store, blobs, logger }: PartServiceOptions): PartService {
  const put: PartService["put"] = async ({ upload }, bytes) => {
    const name = newId();
    await blobs.put(upload.id, name, bytes);
    return name;
  };

  const drop: PartService["drop"] = async ({ upload }, names) => {
    await blobs.remove(upload.id, names).catch((error: unknown) => {
      logger.warn(
        { err: error },
        "Bytes of an upload could not be removed; the sweep will remove them",
      );
    });
  };

  return {
    put,
    drop,
    open: async (upload, offset, writer) => {
      const parts = [...upload.parts];
      const buffer = new PartBuffer();
      const begun = offset % upload.partBytes;
      const last = begun === 0 ? undefined : parts.pop();
      if (last !== undefined) buffer.push(await blobs.read(upload.id, last, 0, begun));
      return { upload, writer, parts, buffer, arrived: offset };
    },
    append: async (reception, bytes) => {
      const { upload, writer, parts } = reception;
      const name = await put(reception, bytes);
      const received = parts.length * upload.partBytes + bytes.length;
      if (await store.advance(upload.id, writer, { parts: [...parts, name], received })) {
        parts.push(name);
      } else {
        await drop(reception, [name]);
        throw new UploadConflictError(null);
      }
    },
    readAll: async ({ upload, parts }) => {
      const bytes: Uint8Array[] = [];
      for (const name of parts) bytes.push(await blobs.read(upload.id, name, 0, upload.partBytes));
      return bytes;
    },
    readFirst: async ({ upload, parts: [first] }) =>
      first === undefined
        ? null
        : Buffer.from(await blobs.read(upload.id, first, 0, upload.partBytes)),
  };
}
