import { DomainError } from "../../kernel/errors.ts";

export class NotAMemberError extends DomainError {
  readonly code = "NOT_A_MEMBER";
  constructor(message = "You are not a member of this conversation. Join it first.") {
    super(message);
  }
}

export class ArchivedError extends DomainError {
  readonly code = "ARCHIVED";
  constructor() {
    super("This conversation is archived. You can read it but not change it.");
  }
}
