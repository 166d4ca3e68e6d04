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
  description: "Something that was expected to be possible and went wrong.",
  fields: (t) => ({
    code: t.exposeString("code", {
      description: "For programs: stable, in capitals, such as `NOT_A_MEMBER`.",
    }),
    message: t.exposeString("message", {
      description: "For people: a sentence that can be shown.",
    }),
  }),
});

const FieldProblemType = builder.objectRef<FieldProblem>("FieldProblem").implement({
  description: "One field of an input that was refused.",
  fields: (t) => ({
    field: t.exposeString("field", { description: "Path within the input, such as `username`." }),
    code: t.exposeString("code", {
      description:
        "For programs: `REQUIRED`, `TOO_SHORT`, `TOO_LONG`, `INVALID_FORMAT`, `INVALID_ID` or `INVALID_VALUE`.",
    }),
    message: t.exposeString("message", {
      description: "For people: a sentence that can stand beside the field.",
    }),
  }),
});

builder.objectType(InvalidInputError, {
  name: "InvalidInputError",
  description: "The input cannot be accepted. Nothing was changed. Code `INVALID_INPUT`.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    fields: t.field({
      type: [FieldProblemType],
      description: "What is wrong, field by field.",
      resolve: (error) => [...error.fields],
    }),
  }),
});

type ErrorClass<E extends DomainError> = new (...parameters: never[]) => E;
/** The same as Pothos wants to see a class: it never calls the constructor. */
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
        description: "Milliseconds after which another try makes sense.",
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
  "It does not exist, or you may not know that it does. Code `NOT_FOUND`.",
);
simple(
  NotAllowedError,
  "NotAllowedError",
  "You have not the right to do this. Code `NOT_ALLOWED`.",
);
simple(DeletedError, "DeletedError", "The message or post was deleted. Code `DELETED`.");
simple(
  LimitReachedError,
  "LimitReachedError",
  "There may not be more of them. Code `LIMIT_REACHED`.",
);
simple(NotAMemberError, "NotAMemberError", "Only members may do this. Code `NOT_A_MEMBER`.");
simple(
  UsernameTakenError,
  "UsernameTakenError",
  "Somebody has this username already. Code `USERNAME_TAKEN`.",
);
simple(
  SlugTakenError,
  "SlugTakenError",
  "A room with this slug exists already. Code `SLUG_TAKEN`.",
);
simple(
  InvalidCredentialsError,
  "InvalidCredentialsError",
  "The username or the password is wrong; which of them is not said. Code `INVALID_CREDENTIALS`.",
);
simple(
  OwnerCannotLeaveError,
  "OwnerCannotLeaveError",
  "An owner cannot leave while others are in the room. Code `OWNER_CANNOT_LEAVE`.",
);
retryable(
  SessionActiveError,
  "SessionActiveError",
  "You are logged in elsewhere and the server allows one session at a time. Code `SESSION_ACTIVE`.",
);
retryable(
  OverloadedError,
  "OverloadedError",
  "The server has too much to do. Nothing was changed. Code `OVERLOADED`.",
);
simple(
  ArchivedError,
  "ArchivedError",
  "The conversation is archived: it can only be read. Code `ARCHIVED`.",
);
simple(
  BlockedError,
  "BlockedError",
  "Between you and one of these people stands a block; whose is not said. Code `BLOCKED`.",
);
retryable(
  MutedError,
  "MutedError",
  "A moderator lets you say nothing here for a time. Code `MUTED`.",
);
retryable(
  SlowModeError,
  "SlowModeError",
  "The room is in slow mode, and your last message is too recent. Code `SLOW_MODE`.",
);
builder.objectType(FileTooLargeError as unknown as AnyClass<FileTooLargeError>, {
  name: "FileTooLargeError",
  description: "The file has more bytes than are taken. Code `FILE_TOO_LARGE`.",
  interfaces: [ErrorInterface],
  fields: (t) => ({
    maxBytes: t.exposeInt("maxBytes", { description: "Most bytes that such a file may have." }),
  }),
});

builder.objectType(BannedError as unknown as AnyClass<BannedError>, {
  name: "BannedError",
  description: "You are banned from this room: you neither read nor join it. Code `BANNED`.",
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
  "Another device of yours has changed the draft since the version that you went on with. Nothing was saved. Code `STALE_DRAFT`.",
);
retryable(
  RateLimitedError,
  "RateLimitedError",
  "You did this too often in a short time. Nothing was changed. Code `RATE_LIMITED`.",
);
simple(
  LastAdministratorError,
  "LastAdministratorError",
  "Others have accounts here, and somebody has to administer the server. Code `LAST_ADMINISTRATOR`.",
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
    reason: t.exposeString("reason", { description: "Why, in the words of an administrator." }),
  }),
});
