import type { MarkRecord } from "../domain/receipt/mark.record.ts";
import type { UserRecord } from "../domain/user/user.record.ts";

/** Whether somebody is there, as it is shown to others or to themselves. */
export interface PresenceRecord {
  userId: string;
  status: "ONLINE" | "AWAY" | "OFFLINE";
  /** When they were last seen; null while they are, and when they never were. */
  lastSeenAt: Date | null;
  /** Whether they hide from others. Only they themselves are told. */
  invisible: boolean;
}

/** What each type of signal carries. Everything that a client may ask it for, so that showing one reads nothing. */
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
  /** For the devices of the person alone. */
  OWN_MARK_MOVED: MarkRecord;
  PRESENCE_CHANGED: {
    user: UserRecord;
    presence: PresenceRecord;
  };
}

export type SignalTypeName = keyof SignalPayloads;

/**
 * The present state of something transient about a person. It is never stored: whoever is not there
 * misses it, and the newest of one type about one person replaces those before it.
 */
export type Signal = {
  [T in SignalTypeName]: {
    type: T;
    /** Id of the person whose state it is. */
    about: string;
    payload: SignalPayloads[T];
  };
}[SignalTypeName];

/** A signal of one type. */
export type SignalOf<T extends SignalTypeName> = Extract<Signal, { type: T }>;

/** A signal about somebody in a conversation. */
export type ActivitySignal = SignalOf<"TYPING_CHANGED" | "RECEIPT_MOVED">;

/** What of the signals within one stream replaces what. */
export function keyOf(signal: Signal): string {
  const { type, about, payload } = signal;
  // A stream may be about several conversations of one person.
  return "conversationId" in payload
    ? `${type} ${about} ${payload.conversationId}`
    : `${type} ${about}`;
}
