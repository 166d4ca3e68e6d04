import { INT_MAX } from "./int.ts";

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

/** The longest wait that a result can state: almost 25 days. */
const MAX_WAIT_MS = INT_MAX;

/** A temporary error. */
export abstract class RetryableError extends DomainError {
  /** Milliseconds after which the client may retry. */
  readonly retryAfterMs: number;
  constructor(message: string, retryAfterMs: number) {
    super(message);
    this.retryAfterMs = Math.min(Math.max(0, Math.ceil(retryAfterMs)), MAX_WAIT_MS);
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

/** The user exceeded a rate limit. The server changed nothing. */
export class RateLimitedError extends RetryableError {
  readonly code = "RATE_LIMITED";
  constructor(retryAfterMs: number) {
    const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
    super(`Too many attempts. Try again in ${String(seconds)} s.`, retryAfterMs);
  }
}
