import type { FieldMap } from "@pothos/core";
import {
  DeletedError,
  type DomainError,
  type FieldProblem,
  InvalidInputError,
  LimitReachedError,
  NotAllowedError,
  NotAuthenticatedError,
  NotFoundError,
  OverloadedError,
  RateLimitedError,
  RetryableError,
} from "../kernel/errors.ts";
import { builder, type BuilderTypes } from "./builder.ts";

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

/** The class of an expected error, with any parameters of the constructor. */
export type ErrorClass<E extends DomainError = DomainError> = new (...parameters: never[]) => E;
/** The class type that Pothos expects; it never calls the constructor. */
type AnyClass<E extends DomainError> = new (...parameters: unknown[]) => E;

interface ErrorTypeOptions<E extends DomainError> {
  /** Name of the type: the name of the class, which the bundler may change. */
  name: string;
  /** Describes the failure; ends with the code. */
  description: string;
  /** Fields besides `code` and `message`, and `retryAfterMs` of a retryable error. */
  fields?: (t: PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, E>) => FieldMap;
}

/** Defines the GraphQL type of an error. A retryable error gets the field `retryAfterMs`. */
export function errorType<E extends DomainError>(
  type: ErrorClass<E>,
  { name, description, fields }: ErrorTypeOptions<E>,
): void {
  builder.objectType(type as unknown as AnyClass<DomainError>, {
    name,
    description,
    interfaces: [ErrorInterface],
    // Pothos passes only errors of the class to these fields.
    fields: (t) =>
      fields?.(t as unknown as PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, E>) ?? {},
  });
  if (isRetryable(type)) {
    builder.objectField(type, "retryAfterMs", (t) =>
      t.exposeInt("retryAfterMs", {
        description: "Milliseconds after which the client may retry.",
      }),
    );
  }
}

const isRetryable = (type: ErrorClass): type is AnyClass<RetryableError> =>
  type.prototype instanceof RetryableError;

errorType(InvalidInputError, {
  name: "InvalidInputError",
  description: "The input is invalid. Nothing changed. Code `INVALID_INPUT`.",
  fields: (t) => ({
    fields: t.field({
      type: [FieldProblemType],
      description: "The invalid fields.",
      resolve: (error) => [...error.fields],
    }),
  }),
});
errorType(NotAuthenticatedError, {
  name: "NotAuthenticatedError",
  description: "There is no session, or it has ended. Code `UNAUTHENTICATED`.",
});
errorType(NotFoundError, {
  name: "NotFoundError",
  description: "The object does not exist, or you may not know that it exists. Code `NOT_FOUND`.",
});
errorType(NotAllowedError, {
  name: "NotAllowedError",
  description: "You don't have permission to do this. Code `NOT_ALLOWED`.",
});
errorType(DeletedError, {
  name: "DeletedError",
  description: "The message or post was deleted. Code `DELETED`.",
});
errorType(LimitReachedError, {
  name: "LimitReachedError",
  description: "The maximum number is reached. Code `LIMIT_REACHED`.",
});
errorType(RateLimitedError, {
  name: "RateLimitedError",
  description: "You exceeded a rate limit. Nothing changed. Code `RATE_LIMITED`.",
});
errorType(OverloadedError, {
  name: "OverloadedError",
  description: "The server is overloaded. Nothing changed. Code `OVERLOADED`.",
});
