import { DomainError } from "../../kernel/errors.ts";

/** Another device has changed the draft since `baseVersion`. */
export class StaleDraftError extends DomainError {
  readonly code = "STALE_DRAFT";
  constructor() {
    super("Another device has changed this draft. Nothing was saved.");
  }
}
