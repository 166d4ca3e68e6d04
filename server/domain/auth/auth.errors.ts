import { DomainError, RetryableError } from "../../kernel/errors.ts";

/** The same error for an unknown name and a wrong password, so that names cannot be guessed. */
export class InvalidCredentialsError extends DomainError {
  readonly code = "INVALID_CREDENTIALS";
  constructor() {
    super("Wrong username or password.");
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
