import type { MarkRecord } from "../domain/receipt/mark.record.ts";
import type { UserRecord } from "../domain/user/user.record.ts";

/** Whether a user is present, as shown to others or to the user. */
export interface PresenceRecord {
  userId: string;
  status: "ONLINE" | "AWAY" | "OFFLINE";
  /** When the user was last seen; null while online, and if never seen. */
  lastSeenAt: Date | null;
  /** Whether the user hides from others. Only the user sees it. */
  invisible: boolean;
}

/**
 * The payload of each signal type. It contains everything that a client may select, so that sending a
 * signal reads nothing.
 */
export interface SignalPayloads {
  TYPING_CHANGED: {
    conversationId: string;
    user: UserRecord;
    typing: boolean;
  };
  RECEIPT_MOVED: {
    conversationId: string;
    user: UserRecord;
    membershipId: string;
    readSeq: number;
    deliveredSeq: number;
    revision: number;
    lastSeq: number;
  };
  /** Only for devices of the user. */
  OWN_MARK_MOVED: MarkRecord;
  PRESENCE_CHANGED: {
    user: UserRecord;
    presence: PresenceRecord;
  };
}

export type SignalTypeName = keyof SignalPayloads;

/**
 * The current state of something transient about a user. It is never stored. A client that is not
 * connected misses it, and the newest signal of one type about one user replaces the earlier ones.
 */
export type Signal = {
  [T in SignalTypeName]: {
    type: T;
    /** Id of the user whose state it is. */
    about: string;
    payload: SignalPayloads[T];
  };
}[SignalTypeName];

export type SignalOf<T extends SignalTypeName> = Extract<Signal, { type: T }>;

/** A signal about a user in a conversation. */
export type ActivitySignal = SignalOf<"TYPING_CHANGED" | "RECEIPT_MOVED">;

/** Returns the key within a stream: a signal replaces an earlier one with the same key. */
export function keyOf(signal: Signal): string {
  const { type, about, payload } = signal;
  // A stream may cover several conversations of one user.
  return "conversationId" in payload
    ? `${type} ${about} ${payload.conversationId}`
    : `${type} ${about}`;
}
