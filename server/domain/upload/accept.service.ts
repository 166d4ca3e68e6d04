import type { Images } from "../../infra/images.ts";
import { FileTooLargeError, FileTypeError } from "./upload.errors.ts";
import { canContainMetadata, isAllowedType } from "./upload.policy.ts";
import type { UploadRecord } from "./upload.store.ts";

export interface AcceptService {
  /**
   * Checks that a file of this detected media type is allowed for its purpose.
   *
   * @throws FileTooLargeError FileTypeError
   */
  requireAccepted(upload: Pick<UploadRecord, "purpose" | "size">, mediaType: string): void;
}

export interface AcceptServiceOptions {
  images: Images;
  /** Accepted media types. */
  allowedTypes: readonly string[];
  pictureBytes: number;
}

export function makeAcceptService(options: AcceptServiceOptions): AcceptService {
  const { images, allowedTypes, pictureBytes } = options;
  return {
    requireAccepted: ({ purpose, size }, mediaType) => {
      const isPicture = images.canRead(mediaType);
      if (!isAllowedType(mediaType, allowedTypes)) throw new FileTypeError(mediaType);
      if (isPicture && size > pictureBytes) throw new FileTooLargeError(pictureBytes);
      if (isPicture) return;
      if (purpose === "PICTURE") throw new FileTypeError(mediaType, "is not a displayable picture");
      if (canContainMetadata(mediaType)) {
        const reason =
          "may contain its location, which the server cannot remove. Send a JPEG instead";
        throw new FileTypeError(mediaType, reason);
      }
    },
  };
}
