/**
 * An expected failure on which a caller can act. Each subclass has a GraphQL type of the same name that
 * implements `Error`. Every other thrown value is a bug and is masked.
 */
export abstract class DomainError extends Error {
  /** Stable code for programs; it never changes after a release. */
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** An invalid input field, with a code for programs and a message for users. */
export interface FieldProblem {
  /** Dotted path within the input, such as `password` or `attachments.0.id`. */
  field: string;
  code: "TOO_SHORT" | "TOO_LONG" | "REQUIRED" | "INVALID_FORMAT" | "INVALID_ID" | "INVALID_VALUE";
  message: string;
}

export class InvalidInputError extends DomainError {
  readonly code = "INVALID_INPUT";
  readonly fields: readonly FieldProblem[];
  constructor(fields: readonly FieldProblem[]) {
    super(fields.map((problem) => problem.message).join(" "));
    this.fields = fields;
  }
}

export class NotAuthenticatedError extends DomainError {
  readonly code = "UNAUTHENTICATED";
  constructor(message = "Log in first. This operation needs a session.") {
    super(message);
  }
}

/** Also used for an object that exists but whose existence the viewer may not know. */
export class NotFoundError extends DomainError {
  readonly code = "NOT_FOUND";
  constructor(what: string) {
    super(`This ${what} does not exist, or you may not see it.`);
  }
}

export class NotAMemberError extends DomainError {
  readonly code = "NOT_A_MEMBER";
  constructor(message = "You are not a member of this conversation. Join it first.") {
    super(message);
  }
}

export class UsernameTakenError extends DomainError {
  readonly code = "USERNAME_TAKEN";
  constructor() {
    super("This username is taken. Log in if it is yours, or choose another.");
  }
}

export class SlugTakenError extends DomainError {
  readonly code = "SLUG_TAKEN";
  constructor() {
    super("Another room has this address. Choose another.");
  }
}

/** The same error for an unknown name and a wrong password, so that names cannot be guessed. */
export class InvalidCredentialsError extends DomainError {
  readonly code = "INVALID_CREDENTIALS";
  constructor() {
    super("Wrong username or password.");
  }
}

export class OwnerCannotLeaveError extends DomainError {
  readonly code = "OWNER_CANNOT_LEAVE";
  constructor() {
    super("You own this room. Transfer it to another member before you leave.");
  }
}

/** The maximum of GraphQL's Int: almost 25 days. */
const LONGEST_WAIT_MS = 2_147_483_647;

/** A temporary error. */
export abstract class RetryableError extends DomainError {
  /** Milliseconds after which the client may retry. */
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = Math.min(Math.max(0, Math.ceil(retryAfterMs)), LONGEST_WAIT_MS);
  }
}

export class SessionActiveError extends RetryableError {
  readonly code = "SESSION_ACTIVE";
  constructor(retryAfterMs: number) {
    super(
      "You are logged in elsewhere, and this server allows one session at a time.",
      retryAfterMs,
    );
  }
}

export class OverloadedError extends RetryableError {
  readonly code = "OVERLOADED";
  constructor(retryAfterMs = 1000) {
    super("The server has too much to do right now. Nothing was changed; try again.", retryAfterMs);
  }
}

/** The viewer may know the object but lacks the permission for this action. */
export class NotAllowedError extends DomainError {
  readonly code = "NOT_ALLOWED";
  constructor(message = "You don't have permission to do this.") {
    super(message);
  }
}

export class DeletedError extends DomainError {
  readonly code = "DELETED";
  constructor(what = "message") {
    super(`This ${what} was deleted.`);
  }
}

export class LimitReachedError extends DomainError {
  readonly code = "LIMIT_REACHED";
}

export class ArchivedError extends DomainError {
  readonly code = "ARCHIVED";
  constructor() {
    super("This conversation is archived. You can read it but not change it.");
  }
}

/** Does not disclose which user blocked the other. */
export class BlockedError extends DomainError {
  readonly code = "BLOCKED";
  constructor(message = "You or the other user has blocked the other.") {
    super(message);
  }
}

export class MutedError extends RetryableError {
  readonly code = "MUTED";
  constructor(retryAfterMs: number) {
    super("A moderator has muted you here temporarily.", retryAfterMs);
  }
}

export class SlowModeError extends RetryableError {
  readonly code = "SLOW_MODE";
  constructor(retryAfterMs: number) {
    super("This room is in slow mode. Wait before you send again.", retryAfterMs);
  }
}

/** The viewer is banned from a room that they may know of. */
export class BannedError extends DomainError {
  readonly code = "BANNED";
  /** When the ban ends; null for a permanent ban. */
  readonly until: Date | null;
  constructor(until: Date | null) {
    super(
      until === null
        ? "You are banned from this room."
        : "You are temporarily banned from this room.",
    );
    this.until = until;
  }
}

/** The invite was valid once. */
export class InviteEndedError extends DomainError {
  readonly code = "INVITE_ENDED";
  constructor() {
    super("This invite has expired or was used up. Ask for a new one.");
  }
}

export class SearchTimeoutError extends RetryableError {
  readonly code = "SEARCH_TIMEOUT";
  constructor() {
    super(
      "This search takes too long. Add words, use longer words, or search in fewer conversations.",
      1_000,
    );
  }
}

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
  constructor(mediaType: string, why = "is not accepted here") {
    super(`A file of the type ${mediaType} ${why}.`);
  }
}

/** The picture is corrupt, truncated, or not a picture. */
export class PictureInvalidError extends DomainError {
  readonly code = "PICTURE_INVALID";
  constructor(options?: ErrorOptions) {
    super("This picture is corrupt and cannot be read.", options);
  }
}

/** The picture exceeds the pixel limit. */
export class PictureTooLargeError extends DomainError {
  readonly code = "PICTURE_TOO_LARGE";
  constructor(pixels: number) {
    super(`A picture may have at most ${String(pixels)} pixels in all its frames.`);
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

/** Another device has changed the draft since `baseVersion`. */
export class StaleDraftError extends DomainError {
  readonly code = "STALE_DRAFT";
  constructor() {
    super("Another device has changed this draft. Nothing was saved.");
  }
}

/** The user exceeded a rate limit. The server changed nothing. */
export class RateLimitedError extends RetryableError {
  readonly code = "RATE_LIMITED";
  constructor(retryAfterMs: number) {
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
    super(`Too many attempts. Try again in ${String(seconds)} s.`, retryAfterMs);
  }
}

/** Only returned after a correct password. */
export class SuspendedError extends DomainError {
  readonly code = "SUSPENDED";
  /** Null until an administrator lifts the suspension. */
  readonly until: Date | null;
  readonly reason: string;
  constructor(until: Date | null, reason: string) {
    super("This account is suspended.");
    this.until = until;
    this.reason = reason;
  }
}

export class LastAdministratorError extends DomainError {
  readonly code = "LAST_ADMINISTRATOR";
  constructor() {
    super("You are the only administrator. Make another user administrator first.");
  }
}
