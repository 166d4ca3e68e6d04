import { DomainError, RetryableError } from "../../kernel/errors.ts";

export class SlugTakenError extends DomainError {
  readonly code = "SLUG_TAKEN";
  constructor() {
    super("Another room has this address. Choose another.");
  }
}

export class OwnerCannotLeaveError extends DomainError {
  readonly code = "OWNER_CANNOT_LEAVE";
  constructor() {
    super("You own this room. Transfer it to another member before you leave.");
  }
}

export class MutedError extends RetryableError {
  readonly code = "MUTED";
  constructor(retryAfterMs: number) {
    super("A moderator has muted you here temporarily.", retryAfterMs);
  }
}

export class SlowModeError extends RetryableError {
  readonly code = "SLOW_MODE";
  constructor(retryAfterMs: number) {
    super("This room is in slow mode. Wait before you send again.", retryAfterMs);
  }
}

/** The viewer is banned from a room that they may know of. */
export class BannedError extends DomainError {
  readonly code = "BANNED";
  /** When the ban ends; null for a permanent ban. */
  readonly until: Date | null;
  constructor(until: Date | null) {
    super(
      until === null
        ? "You are banned from this room."
        : "You are temporarily banned from this room.",
    );
    this.until = until;
  }
}

/** The invite was valid once. */
export class InviteEndedError extends DomainError {
  readonly code = "INVITE_ENDED";
  constructor() {
    super("This invite has expired or was used up. Ask for a new one.");
  }
}
