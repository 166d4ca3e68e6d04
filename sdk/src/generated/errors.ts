import { TypedError, type TypedErrorData } from "../errors.ts";
/** An invalid field of an input. */
export interface FieldProblem {
  /** Code for programs: `REQUIRED`, `TOO_SHORT`, `TOO_LONG`, `INVALID_FORMAT`, `INVALID_ID` or `INVALID_VALUE`. */
  readonly code: string;
  /** Path within the input, such as `username`. */
  readonly field: string;
  /** Message for users, to be shown beside the field. */
  readonly message: string;
}

/** The conversation is archived and read-only. Code `ARCHIVED`. */
export class ArchivedError extends TypedError {
  constructor(data: TypedErrorData) {
    super("ArchivedError", data);
  }
}

/** You are banned from this room and can neither read nor join it. Code `BANNED`. */
export class BannedError extends TypedError {
  /** When the ban ends; null for a permanent ban. */
  declare readonly until: string | null;
  constructor(data: TypedErrorData) {
    super("BannedError", data);
  }
}

/** You or the other user has blocked the other. Which one is not disclosed. Code `BLOCKED`. */
export class BlockedError extends TypedError {
  constructor(data: TypedErrorData) {
    super("BlockedError", data);
  }
}

/** The message or post was deleted. Code `DELETED`. */
export class DeletedError extends TypedError {
  constructor(data: TypedErrorData) {
    super("DeletedError", data);
  }
}

/** The file is too large. Code `FILE_TOO_LARGE`. */
export class FileTooLargeError extends TypedError {
  /** Maximum size of this kind of file, in bytes. */
  declare readonly maxBytes: number;
  constructor(data: TypedErrorData) {
    super("FileTooLargeError", data);
  }
}

/** The username or the password is wrong. Which one is not disclosed. Code `INVALID_CREDENTIALS`. */
export class InvalidCredentialsError extends TypedError {
  constructor(data: TypedErrorData) {
    super("InvalidCredentialsError", data);
  }
}

/** The input is invalid. Nothing changed. Code `INVALID_INPUT`. */
export class InvalidInputError extends TypedError {
  /** The invalid fields. */
  declare readonly fields: ReadonlyArray<FieldProblem>;
  constructor(data: TypedErrorData) {
    super("InvalidInputError", data);
  }
}

/** The invite has expired or was used up. Code `INVITE_ENDED`. */
export class InviteEndedError extends TypedError {
  constructor(data: TypedErrorData) {
    super("InviteEndedError", data);
  }
}

/** The last administrator cannot be removed while other accounts exist. Code `LAST_ADMINISTRATOR`. */
export class LastAdministratorError extends TypedError {
  constructor(data: TypedErrorData) {
    super("LastAdministratorError", data);
  }
}

/** The maximum number is reached. Code `LIMIT_REACHED`. */
export class LimitReachedError extends TypedError {
  constructor(data: TypedErrorData) {
    super("LimitReachedError", data);
  }
}

/** A moderator has muted you here temporarily. Code `MUTED`. */
export class MutedError extends TypedError {
  /** Milliseconds after which the client may retry. */
  declare readonly retryAfterMs: number;
  constructor(data: TypedErrorData) {
    super("MutedError", data);
  }
}

/** Only members may do this. Code `NOT_A_MEMBER`. */
export class NotAMemberError extends TypedError {
  constructor(data: TypedErrorData) {
    super("NotAMemberError", data);
  }
}

/** You don't have permission to do this. Code `NOT_ALLOWED`. */
export class NotAllowedError extends TypedError {
  constructor(data: TypedErrorData) {
    super("NotAllowedError", data);
  }
}

/** There is no session, or it has ended. Code `UNAUTHENTICATED`. */
export class NotAuthenticatedError extends TypedError {
  constructor(data: TypedErrorData) {
    super("NotAuthenticatedError", data);
  }
}

/** The object does not exist, or you may not know that it exists. Code `NOT_FOUND`. */
export class NotFoundError extends TypedError {
  constructor(data: TypedErrorData) {
    super("NotFoundError", data);
  }
}

/** The server is overloaded. Nothing changed. Code `OVERLOADED`. */
export class OverloadedError extends TypedError {
  /** Milliseconds after which the client may retry. */
  declare readonly retryAfterMs: number;
  constructor(data: TypedErrorData) {
    super("OverloadedError", data);
  }
}

/** An owner cannot leave a room that has other members. Code `OWNER_CANNOT_LEAVE`. */
export class OwnerCannotLeaveError extends TypedError {
  constructor(data: TypedErrorData) {
    super("OwnerCannotLeaveError", data);
  }
}

/** You exceeded a rate limit. Nothing changed. Code `RATE_LIMITED`. */
export class RateLimitedError extends TypedError {
  /** Milliseconds after which the client may retry. */
  declare readonly retryAfterMs: number;
  constructor(data: TypedErrorData) {
    super("RateLimitedError", data);
  }
}

/** You are logged in elsewhere, and the server allows one session at a time. Code `SESSION_ACTIVE`. */
export class SessionActiveError extends TypedError {
  /** Milliseconds after which the client may retry. */
  declare readonly retryAfterMs: number;
  constructor(data: TypedErrorData) {
    super("SessionActiveError", data);
  }
}

/** The room is in slow mode, and your last message is too recent. Code `SLOW_MODE`. */
export class SlowModeError extends TypedError {
  /** Milliseconds after which the client may retry. */
  declare readonly retryAfterMs: number;
  constructor(data: TypedErrorData) {
    super("SlowModeError", data);
  }
}

/** Another room has this slug. Code `SLUG_TAKEN`. */
export class SlugTakenError extends TypedError {
  constructor(data: TypedErrorData) {
    super("SlugTakenError", data);
  }
}

/** Another of your devices changed the draft after the version that you edited. Nothing was saved. Code `STALE_DRAFT`. */
export class StaleDraftError extends TypedError {
  constructor(data: TypedErrorData) {
    super("StaleDraftError", data);
  }
}

/** The password is right, but the account is suspended. Code `SUSPENDED`. */
export class SuspendedError extends TypedError {
  /** The administrator's reason. */
  declare readonly reason: string;
  /** End of the suspension; null if it lasts until an administrator lifts it. */
  declare readonly until: string | null;
  constructor(data: TypedErrorData) {
    super("SuspendedError", data);
  }
}

/** This username is taken. Code `USERNAME_TAKEN`. */
export class UsernameTakenError extends TypedError {
  constructor(data: TypedErrorData) {
    super("UsernameTakenError", data);
  }
}

/** Error classes by type name in the schema. */
export const errorClasses = {
  ArchivedError,
  BannedError,
  BlockedError,
  DeletedError,
  FileTooLargeError,
  InvalidCredentialsError,
  InvalidInputError,
  InviteEndedError,
  LastAdministratorError,
  LimitReachedError,
  MutedError,
  NotAMemberError,
  NotAllowedError,
  NotAuthenticatedError,
  NotFoundError,
  OverloadedError,
  OwnerCannotLeaveError,
  RateLimitedError,
  SessionActiveError,
  SlowModeError,
  SlugTakenError,
  StaleDraftError,
  SuspendedError,
  UsernameTakenError,
};