import { DomainError } from "../../kernel/errors.ts";

export class UsernameTakenError extends DomainError {
  readonly code = "USERNAME_TAKEN";
  constructor() {
    super("This username is taken. Log in if it is yours, or choose another.");
  }
}
