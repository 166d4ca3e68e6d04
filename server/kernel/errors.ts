/**
 * Failures that a caller can expect and act on. Each becomes a GraphQL type of the same name that
 * implements the `Error` interface; everything else that is thrown counts as a bug and is masked.
 */
export abstract class DomainError extends Error {
  /** Stable, for programs; never changes once released. */
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** One input field that was refused, with a code for programs and a sentence for people. */
export interface FieldProblem {
  /** Path within the input, with dots: `password`, `attachments.0.id`. */
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
  constructor(message = "Log in first: this needs a session.") {
    super(message);
  }
}

/** Also the answer where something exists but the viewer may not know that it does. */
export class NotFoundError extends DomainError {
  readonly code = "NOT_FOUND";
  constructor(what: string) {
    super(`There is no such ${what}, or you may not see it.`);
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
    super("Somebody already has this username. Log in if it is you, or choose another.");
  }
}

export class SlugTakenError extends DomainError {
  readonly code = "SLUG_TAKEN";
  constructor() {
    super("A room with this address already exists. Choose another.");
  }
}

/** One and the same for an unknown name and a wrong password, so that names cannot be guessed. */
export class InvalidCredentialsError extends DomainError {
  readonly code = "INVALID_CREDENTIALS";
  constructor() {
    super("The username or the password is wrong.");
  }
}

export class OwnerCannotLeaveError extends DomainError {
  readonly code = "OWNER_CANNOT_LEAVE";
  constructor() {
    super("You own this room, and other people are in it: a room always keeps an owner.");
  }
}

/** What GraphQL's Int holds: almost 25 days. */
const LONGEST_WAIT_MS = 2_147_483_647;

/** An error that goes away by itself. */
export abstract class RetryableError extends DomainError {
  /** Milliseconds after which another try makes sense. */
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

/** The viewer may know of it but has not the right to do this. */
export class NotAllowedError extends DomainError {
  readonly code = "NOT_ALLOWED";
  constructor(message = "You do not have the right to do this.") {
    super(message);
  }
}

/** It was there and is deleted. */
export class DeletedError extends DomainError {
  readonly code = "DELETED";
  constructor(what = "message") {
    super(`This ${what} was deleted.`);
  }
}

/** There may not be more of them. */
export class LimitReachedError extends DomainError {
  readonly code = "LIMIT_REACHED";
}

/** Nothing more is said or changed here. */
export class ArchivedError extends DomainError {
  readonly code = "ARCHIVED";
  constructor() {
    super("This conversation is archived: it can be read, and nothing more is said in it.");
  }
}

/** Does not say which of the two blocked the other. */
export class BlockedError extends DomainError {
  readonly code = "BLOCKED";
  constructor(message = "A block stands between you and one of these people.") {
    super(message);
  }
}

export class MutedError extends RetryableError {
  readonly code = "MUTED";
  constructor(retryAfterMs: number) {
    super("A moderator has muted you here for a time.", retryAfterMs);
  }
}

export class SlowModeError extends RetryableError {
  readonly code = "SLOW_MODE";
  constructor(retryAfterMs: number) {
    super("This room is in slow mode: wait before you write again.", retryAfterMs);
  }
}

/** A moderator has banned the person from a room that they may know of. */
export class BannedError extends DomainError {
  readonly code = "BANNED";
  /** When it ends; null for never. */
  readonly until: Date | null;
  constructor(until: Date | null) {
    super(
      until === null
        ? "You are banned from this room."
        : "You are banned from this room for a time.",
    );
    this.until = until;
  }
}

/** The invite was good once. */
export class InviteEndedError extends DomainError {
  readonly code = "INVITE_ENDED";
  constructor() {
    super("This invite has expired or was used up. Ask for a new one.");
  }
}

/** What was looked for is too much at once. */
export class SearchTimeoutError extends RetryableError {
  readonly code = "SEARCH_TIMEOUT";
  constructor() {
    super("This search takes too long. Look for more or longer words, or in fewer places.", 1_000);
  }
}

/** More bytes than are taken. */
export class FileTooLargeError extends DomainError {
  readonly code = "FILE_TOO_LARGE";
  /** Most bytes that such a file may have. */
  readonly maxBytes: number;
  constructor(maxBytes: number) {
    super(`Such a file may have at most ${String(maxBytes)} bytes.`);
    this.maxBytes = maxBytes;
  }
}

/** The content is of a type that is not taken, or not for this. */
export class FileTypeError extends DomainError {
  readonly code = "FILE_TYPE";
  constructor(mediaType: string, why = "is not taken here") {
    super(`A file of the type ${mediaType} ${why}.`);
  }
}

/** The picture is broken, breaks off, or is none. */
export class PictureInvalidError extends DomainError {
  readonly code = "PICTURE_INVALID";
  constructor(options?: ErrorOptions) {
    super("This picture is broken: it cannot be read to its end.", options);
  }
}

/** The picture has more pixels than are unpacked. */
export class PictureTooLargeError extends DomainError {
  readonly code = "PICTURE_TOO_LARGE";
  constructor(pixels: number) {
    super(`A picture may have at most ${String(pixels)} pixels, all its frames together.`);
  }
}

/** An upload does not stand where the sender takes it to. */
export class UploadConflictError extends DomainError {
  readonly code = "UPLOAD_CONFLICT";
  /** Bytes that have come; null when that is not known, because somebody else is sending. */
  readonly offset: number | null;
  constructor(offset: number | null) {
    super(
      offset === null
        ? "Another request has gone on with this upload."
        : `This upload goes on at ${String(offset)}.`,
    );
    this.offset = offset;
  }
}

/** The time to send the bytes, or to use them, is over. */
export class UploadExpiredError extends DomainError {
  readonly code = "UPLOAD_EXPIRED";
  constructor() {
    super("This upload has expired or was removed. Begin a new one.");
  }
}

/** The signature of an address is wrong, or its time is over. */
export class LinkInvalidError extends DomainError {
  readonly code = "LINK_INVALID";
  constructor() {
    super("This address has expired or is wrong. Ask for a new one.");
  }
}

/** Another device has changed the draft since. */
export class StaleDraftError extends DomainError {
  readonly code = "STALE_DRAFT";
  constructor() {
    super("Another device of yours has changed this draft since. Nothing was saved.");
  }
}

/** Somebody does something more often than the server allows. Nothing was changed. */
export class RateLimitedError extends RetryableError {
  readonly code = "RATE_LIMITED";
  constructor(retryAfterMs: number) {
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
    super(`That was too often in a short time. Try again in ${String(seconds)} s.`, retryAfterMs);
  }
}

/** Told only to whoever knows the password. */
export class SuspendedError extends DomainError {
  readonly code = "SUSPENDED";
  /** Null until it is lifted. */
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
    super("Nobody else administers this server: make somebody an administrator first.");
  }
}
