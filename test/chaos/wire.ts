import type { ParleyEvent } from "../../sdk/src/index.ts";
import { decodeCursor } from "../../server/kernel/cursor.ts";
import type { ObservedEvent } from "./history.ts";

/** Returns the UUID in a global id. */
export function rawId(globalId: string): string {
  return Buffer.from(globalId, "base64").toString().slice(-36);
}

/** Returns the log position of a cursor. @throws for an invalid cursor */
export function positionOf(cursor: string): number {
  const position = decodeCursor(cursor);
  if (position === null) throw new Error(`not a cursor: ${cursor}`);
  return position;
}

/** The selection of a protocol client: everything that the checker judges, and no more. */
export const OBSERVED_EVENTS = /* GraphQL */ `
  subscription Events($after: Cursor) {
    events(after: $after) {
      __typename
      cursor
      ... on EventGap {
        reason
      }
      ... on MessageSent {
        conversationId
        message {
          id
          seq
          clientId
          author {
            id
          }
        }
      }
      ... on MessageChange {
        conversationId
        message {
          id
        }
      }
      ... on MemberJoined {
        conversationId
        membership {
          user {
            id
          }
        }
      }
      ... on MemberLeft {
        conversationId
        user {
          id
        }
      }
      ... on MembershipChanged {
        conversationId
        membership {
          user {
            id
          }
        }
      }
      ... on SessionEnded {
        sessionId
      }
    }
  }
`;

/** The result of `OBSERVED_EVENTS`, and an event of the SDK. */
export interface WireEvent {
  __typename: string;
  cursor: string;
  reason?: string;
  conversationId?: string;
  message?: { id: string; seq?: number; clientId?: string | null; author?: { id: string } };
  membership?: { user: { id: string } };
  user?: { id: string };
  sessionId?: string;
}

/** Converts an event to its form in the history. */
export function observedFrom(event: WireEvent | ParleyEvent): ObservedEvent {
  const { __typename: type, cursor, conversationId, message, ...rest } = event as WireEvent;
  const subject = type === "MemberLeft" ? rest.user?.id : rest.membership?.user.id;
  const isSent = type === "MessageSent";
  return {
    position: positionOf(cursor),
    type,
    ...(conversationId === undefined ? {} : { conversation: rawId(conversationId) }),
    ...(message === undefined ? {} : { message: rawId(message.id) }),
    ...(isSent && message?.seq !== undefined ? { seq: message.seq } : {}),
    ...(isSent && message?.clientId ? { clientId: message.clientId } : {}),
    ...(isSent && message?.author ? { author: rawId(message.author.id) } : {}),
    ...(subject === undefined ? {} : { subject: rawId(subject) }),
    ...(rest.sessionId === undefined ? {} : { session: rawId(rest.sessionId) }),
  };
}
