import { TypedError, type TypedErrorData } from "../errors.ts";
/** One field of an input that was refused. */
export interface FieldProblem {
  /** For programs: `REQUIRED`, `TOO_SHORT`, `TOO_LONG`, `INVALID_FORMAT`, `INVALID_ID` or `INVALID_VALUE`. */
  readonly code: string;
  /** Path within the input, such as `username`. */
  readonly field: string;
  /** For people: a sentence that can stand beside the field. */
  readonly message: string;
}

/** The conversation is archived: it can only be read. Code `ARCHIVED`. */
export class ArchivedError extends TypedError {
  constructor(data: TypedErrorData) {
    super("ArchivedError", data);
  }
}

/** You are banned from this room: you neither read nor join it. Code `BANNED`. */
export class BannedError extends TypedError {
  /** When the ban ends; null for never. */
  declare readonly until: string | null;
  constructor(data: TypedErrorData) {
    super("BannedError", data);
  }
}

/** Between you and one of these people stands a block; whose is not said. Code `BLOCKED`. */
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

/** The file has more bytes than are taken. Code `FILE_TOO_LARGE`. */
export class FileTooLargeError extends TypedError {
  /** Most bytes that such a file may have. */
  declare readonly maxBytes: number;
  constructor(data: TypedErrorData) {
    super("FileTooLargeError", data);
  }
}

/** The username or the password is wrong; which of them is not said. Code `INVALID_CREDENTIALS`. */
export class InvalidCredentialsError extends TypedError {
  constructor(data: TypedErrorData) {
    super("InvalidCredentialsError", data);
  }
}

/** The input cannot be accepted. Nothing was changed. Code `INVALID_INPUT`. */
export class InvalidInputError extends TypedError {
  /** What is wrong, field by field. */
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

/** Others have accounts here, and somebody has to administer the server. Code `LAST_ADMINISTRATOR`. */
export class LastAdministratorError extends TypedError {
  constructor(data: TypedErrorData) {
    super("LastAdministratorError", data);
  }
}

/** There may not be more of them. Code `LIMIT_REACHED`. */
export class LimitReachedError extends TypedError {
  constructor(data: TypedErrorData) {
    super("LimitReachedError", data);
  }
}

/** A moderator lets you say nothing here for a time. Code `MUTED`. */
export class MutedError extends TypedError {
  /** Milliseconds after which another try makes sense. */
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

/** You have not the right to do this. Code `NOT_ALLOWED`. */
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

/** It does not exist, or you may not know that it does. Code `NOT_FOUND`. */
export class NotFoundError extends TypedError {
  constructor(data: TypedErrorData) {
    super("NotFoundError", data);
  }
}

/** The server has too much to do. Nothing was changed. Code `OVERLOADED`. */
export class OverloadedError extends TypedError {
  /** Milliseconds after which another try makes sense. */
  declare readonly retryAfterMs: number;
  constructor(data: TypedErrorData) {
    super("OverloadedError", data);
  }
}

/** An owner cannot leave while others are in the room. Code `OWNER_CANNOT_LEAVE`. */
export class OwnerCannotLeaveError extends TypedError {
  constructor(data: TypedErrorData) {
    super("OwnerCannotLeaveError", data);
  }
}

/** You did this too often in a short time. Nothing was changed. Code `RATE_LIMITED`. */
export class RateLimitedError extends TypedError {
  /** Milliseconds after which another try makes sense. */
  declare readonly retryAfterMs: number;
  constructor(data: TypedErrorData) {
    super("RateLimitedError", data);
  }
}

/** You are logged in elsewhere and the server allows one session at a time. Code `SESSION_ACTIVE`. */
export class SessionActiveError extends TypedError {
  /** Milliseconds after which another try makes sense. */
  declare readonly retryAfterMs: number;
  constructor(data: TypedErrorData) {
    super("SessionActiveError", data);
  }
}

/** The room is in slow mode, and your last message is too recent. Code `SLOW_MODE`. */
export class SlowModeError extends TypedError {
  /** Milliseconds after which another try makes sense. */
  declare readonly retryAfterMs: number;
  constructor(data: TypedErrorData) {
    super("SlowModeError", data);
  }
}

/** A room with this slug exists already. Code `SLUG_TAKEN`. */
export class SlugTakenError extends TypedError {
  constructor(data: TypedErrorData) {
    super("SlugTakenError", data);
  }
}

/** Another device of yours has changed the draft since the version that you went on with. Nothing was saved. Code `STALE_DRAFT`. */
export class StaleDraftError extends TypedError {
  constructor(data: TypedErrorData) {
    super("StaleDraftError", data);
  }
}

/** The password is right, but the account is suspended. Code `SUSPENDED`. */
export class SuspendedError extends TypedError {
  /** Why, in the words of an administrator. */
  declare readonly reason: string;
  /** Until when; null until it is lifted. */
  declare readonly until: string | null;
  constructor(data: TypedErrorData) {
    super("SuspendedError", data);
  }
}

/** Somebody has this username already. Code `USERNAME_TAKEN`. */
export class UsernameTakenError extends TypedError {
  constructor(data: TypedErrorData) {
    super("UsernameTakenError", data);
  }
}

/** The class of each typed error, by its name in the schema. */
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