import { DomainError } from "../../kernel/errors.ts";

/** Only returned after a correct password. */
export class SuspendedError extends DomainError {
  readonly code = "SUSPENDED";
  /** End of the suspension; null if it lasts until an administrator lifts it. */
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
