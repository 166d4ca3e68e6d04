import { DomainError } from "../../kernel/errors.ts";

/** Does not disclose which user blocked the other. */
export class BlockedError extends DomainError {
  readonly code = "BLOCKED";
  constructor(message = "You or the other user has blocked the other.") {
    super(message);
  }
}
