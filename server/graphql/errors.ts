import {
  ArchivedError,
  BannedError,
  BlockedError,
  DeletedError,
  type DomainError,
  FileTooLargeError,
  InvalidCredentialsError,
  InvalidInputError,
  InviteEndedError,
  LastAdministratorError,
  LimitReachedError,
  MutedError,
  NotAllowedError,
  NotAMemberError,
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
  type FieldProblem,
  type RetryableError,
} from "../kernel/errors.ts";
import { builder } from "./builder.ts";

export const ErrorInterface = builder.interfaceRef<DomainError>("Error").implement({
  description: "An expected error.",
  fields: (t) => ({
    code: t.exposeString("code", {
      description: "Stable code for programs, in capitals, such as `NOT_A_MEMBER`.",
    }),
    message: t.exposeString("message", {
      description: "Message for users: a sentence that clients can show.",
    }),
  }),
});

const FieldProblemType = builder.objectRef<FieldProblem>("FieldProblem").implement({
  description: "An invalid field of an input.",
  fields: (t) => ({
    field: t.exposeString("field", { description: "Path within the input, such as `username`." }),
    code: t.exposeString("code", {
      description:
        "Code for programs: `REQUIRED`, `TOO_SHORT`, `TOO_LONG`, `INVALID_FORMAT`, `INVALID_ID` or `INVALID_VALUE`.",
    }),
    message: t.exposeString("message", {
      description: "Message for users, to be shown beside the field.",
    }),
  }),
});

builder.objectType(InvalidInputError, {
  name: "InvalidInputError",
  description: "The input is invalid. Nothing changed. Code `INVALID_INPUT`.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    fields: t.field({
      type: [FieldProblemType],
      description: "The invalid fields.",
      resolve: (error) => [...error.fields],
    }),
  }),
});

type ErrorClass<E extends DomainError> = new (...parameters: never[]) => E;
/** The class type that Pothos expects; it never calls the constructor. */
type AnyClass<E extends DomainError> = new (...parameters: unknown[]) => E;

const simple = (type: ErrorClass<DomainError>, name: string, description: string): void => {
  builder.objectType(type as unknown as AnyClass<DomainError>, {
    name,
    description,
    interfaces: [ErrorInterface],
  });
};
const retryable = (type: ErrorClass<RetryableError>, name: string, description: string): void => {
  builder.objectType(type as unknown as AnyClass<RetryableError>, {
    name,
    description,
    interfaces: [ErrorInterface],
    fields: (t) => ({
      retryAfterMs: t.exposeInt("retryAfterMs", {
        description: "Milliseconds after which the client may retry.",
      }),
    }),
  });
};

simple(
  NotAuthenticatedError,
  "NotAuthenticatedError",
  "There is no session, or it has ended. Code `UNAUTHENTICATED`.",
);
simple(
  NotFoundError,
  "NotFoundError",
  "The object does not exist, or you may not know that it exists. Code `NOT_FOUND`.",
);
simple(
  NotAllowedError,
  "NotAllowedError",
  "You don't have permission to do this. Code `NOT_ALLOWED`.",
);
simple(DeletedError, "DeletedError", "The message or post was deleted. Code `DELETED`.");
simple(
  LimitReachedError,
  "LimitReachedError",
  "The maximum number is reached. Code `LIMIT_REACHED`.",
);
simple(NotAMemberError, "NotAMemberError", "Only members may do this. Code `NOT_A_MEMBER`.");
simple(UsernameTakenError, "UsernameTakenError", "This username is taken. Code `USERNAME_TAKEN`.");
simple(SlugTakenError, "SlugTakenError", "Another room has this slug. Code `SLUG_TAKEN`.");
simple(
  InvalidCredentialsError,
  "InvalidCredentialsError",
  "The username or the password is wrong; which of them is not said. Code `INVALID_CREDENTIALS`.",
);
simple(
  OwnerCannotLeaveError,
  "OwnerCannotLeaveError",
  "An owner cannot leave a room that has other members. Code `OWNER_CANNOT_LEAVE`.",
);
retryable(
  SessionActiveError,
  "SessionActiveError",
  "You are logged in elsewhere, and the server allows one session at a time. Code `SESSION_ACTIVE`.",
);
retryable(
  OverloadedError,
  "OverloadedError",
  "The server is overloaded. Nothing changed. Code `OVERLOADED`.",
);
simple(
  ArchivedError,
  "ArchivedError",
  "The conversation is archived and read-only. Code `ARCHIVED`.",
);
simple(
  BlockedError,
  "BlockedError",
  "Between you and one of these people stands a block; whose is not said. Code `BLOCKED`.",
);
retryable(MutedError, "MutedError", "A moderator has muted you here temporarily. Code `MUTED`.");
retryable(
  SlowModeError,
  "SlowModeError",
  "The room is in slow mode, and your last message is too recent. Code `SLOW_MODE`.",
);
builder.objectType(FileTooLargeError as unknown as AnyClass<FileTooLargeError>, {
  name: "FileTooLargeError",
  description: "The file is too large. Code `FILE_TOO_LARGE`.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    maxBytes: t.exposeInt("maxBytes", {
      description: "Maximum size of this kind of file, in bytes.",
    }),
  }),
});

builder.objectType(BannedError as unknown as AnyClass<BannedError>, {
  name: "BannedError",
  description: "You are banned from this room and can neither read nor join it. Code `BANNED`.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    until: t.expose("until", {
      type: "DateTime",
      nullable: true,
      description: "When the ban ends; null for never.",
    }),
  }),
});
simple(
  InviteEndedError,
  "InviteEndedError",
  "The invite has expired or was used up. Code `INVITE_ENDED`.",
);
simple(
  StaleDraftError,
  "StaleDraftError",
  "Another of your devices changed the draft after the version that you edited. Nothing was saved. Code `STALE_DRAFT`.",
);
retryable(
  RateLimitedError,
  "RateLimitedError",
  "You exceeded a rate limit. Nothing changed. Code `RATE_LIMITED`.",
);
simple(
  LastAdministratorError,
  "LastAdministratorError",
  "The last administrator cannot be removed while other accounts exist. Code `LAST_ADMINISTRATOR`.",
);
builder.objectType(SuspendedError, {
  name: "SuspendedError",
  description: "The password is right, but the account is suspended. Code `SUSPENDED`.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    until: t.expose("until", {
      type: "DateTime",
      nullable: true,
      description: "Until when; null until it is lifted.",
    }),
    reason: t.exposeString("reason", { description: "The administrator's reason." }),
  }),
});
