import type { Images, MadePicture } from "../../infra/images.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { AcceptService } from "./accept.service.ts";
import type { AttachmentRecord } from "./attachment.record.ts";
import { withExtension } from "./file-name.ts";
import type { PartService, Reception } from "./part.service.ts";
import { UploadConflictError } from "./upload.errors.ts";
import type { Found, UploadRecord, UploadStore } from "./upload.store.ts";

export interface FinishService {
  /**
   * Detects the type of the complete file, re-encodes pictures, and marks it as ready. The last part must
   * be in the buffer.
   *
   * @throws UploadConflictError FileTooLargeError FileTypeError PictureInvalidError PictureTooLargeError
   *   OverloadedError
   */
  finish(reception: Reception): Promise<void>;
}

export interface FinishServiceOptions {
  store: UploadStore;
  parts: PartService;
  accept: AcceptService;
  images: Images;
  /** Detects the media type from a file's first bytes. */
  detectType: (head: Uint8Array) => Promise<string>;
  clock: Clock;
  /** How long a complete file is kept unused. */
  keepMs: number;
}

/** Stores bytes and returns their name. */
type Put = (bytes: Uint8Array) => Promise<string>;

export function makeFinishService(options: FinishServiceOptions): FinishService {
  const { store, parts, accept, images, clock } = options;

  /** Re-encodes the picture and stores it in parts, with its thumbnail. */
  const storePicture = async (
    reception: Reception,
    mediaType: string,
    last: Uint8Array,
    put: Put,
  ): Promise<Found> => {
    const { upload } = reception;
    const load = async (): Promise<Uint8Array> =>
      Buffer.concat([...(await parts.readAll(reception)), last]);
    const make = upload.purpose === "PICTURE" ? images.makeSquare : images.make;
    const picture = await make(mediaType, load);
    const names: string[] = [];
    for (let at = 0; at < picture.bytes.length; at += upload.partBytes) {
      names.push(await put(picture.bytes.subarray(at, at + upload.partBytes)));
    }
    const { bytes } = picture.thumbnail;
    const thumbnail = { name: await put(bytes), bytes: bytes.length };
    return { record: pictureRecord(upload, picture), parts: names, thumbnail };
  };

  /** Stores the last part; the others are stored already. */
  const storeFile = async (
    reception: Reception,
    mediaType: string,
    last: Uint8Array,
    put: Put,
  ): Promise<Found> => {
    const names = [...reception.parts, await put(last)];
    const { id, name, size } = reception.upload;
    const record = { id, name, mediaType, size, picture: null };
    return { record, parts: names, thumbnail: null };
  };

  return {
    finish: async (reception) => {
      const { upload, writer, buffer } = reception;
      const last = buffer.take(upload.partBytes);
      const mediaType = await options.detectType((await parts.readFirst(reception)) ?? last);
      accept.requireAccepted(upload, mediaType);
      const stored: string[] = [];
      const put: Put = async (bytes) => {
        const name = await parts.put(reception, bytes);
        stored.push(name);
        return name;
      };
      try {
        const until = new Date(clock.now() + options.keepMs);
        const isPicture = images.canRead(mediaType);
        const storeContent = isPicture ? storePicture : storeFile;
        const found = await storeContent(reception, mediaType, last, put);
        if (!(await store.complete(upload.id, writer, found, until))) {
          throw new UploadConflictError(null);
        }
        // The original may contain its location.
        if (isPicture) await parts.drop(reception, reception.parts);
      } catch (error) {
        await parts.drop(reception, stored);
        throw error;
      }
    },
  };
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
