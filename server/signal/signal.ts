import type { UserRecord } from "../log/records.ts";

/** What each type of signal carries. Everything that a client may ask it for, so that showing one reads nothing. */
export interface SignalPayloads {
  TYPING_CHANGED: {
    conversationId: string;
    user: UserRecord;
    typing: boolean;
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
export type ActivitySignal = Extract<Signal, { payload: { conversationId: string } }>;

/** What of the signals within one stream replaces what. */
export function keyOf(signal: Signal): string {
  return `${signal.type} ${signal.about}`;
}
