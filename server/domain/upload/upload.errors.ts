import { DomainError } from "../../kernel/errors.ts";

export class FileTooLargeError extends DomainError {
  readonly code = "FILE_TOO_LARGE";
  /** Maximum size of this kind of file, in bytes. */
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`This file may have at most ${String(maxBytes)} bytes.`);
    this.maxBytes = maxBytes;
  }
}

/** The server does not accept this media type, or not for this purpose. */
export class FileTypeError extends DomainError {
  readonly code = "FILE_TYPE";
  constructor(mediaType: string, reason = "is not accepted here") {
    super(`A file of the type ${mediaType} ${reason}.`);
  }
}

/** The offset of the request differs from the offset of the upload. */
export class UploadConflictError extends DomainError {
  readonly code = "UPLOAD_CONFLICT";
  /** Received bytes; null if unknown because another request is sending. */
  readonly offset: number | null;
  constructor(offset: number | null) {
    super(
      offset === null
        ? "Another request has taken over this upload."
        : `This upload continues at offset ${String(offset)}.`,
    );
    this.offset = offset;
  }
}

/** The time to send or use the file has expired. */
export class UploadExpiredError extends DomainError {
  readonly code = "UPLOAD_EXPIRED";
  constructor() {
    super("This upload has expired or was removed. Start a new one.");
  }
}

/** The signature of a file link is wrong, or the link has expired. */
export class LinkInvalidError extends DomainError {
  readonly code = "LINK_INVALID";
  constructor() {
    super("This link is invalid or has expired. Request a new one.");
  }
}
