// Hand-written operations for typing and presence.

export const SET_TYPING = /* GraphQL */ `
  mutation SetTyping($input: SetTypingInput!) {
    setTyping(input: $input) {
      __typename
      ... on SetTypingPayload {
        typing
        expiresInMs
      }
      ... on Error {
        code
        message
      }
    }
  }
`;

export const ACTIVITY = /* GraphQL */ `
  subscription Activity($id: ID!) {
    activity(conversationId: $id) {
      __typename
      conversationId
      ... on TypingChanged {
        typing
        user {
          username
        }
      }
    }
  }
`;

/** The part of `ACTIVITY` about typing; the same stream carries read marks. */
export interface Activity {
  __typename: string;
  conversationId: string;
  typing: boolean;
  user: { username: string };
}

export const ofTyping = ({ __typename }: Activity): boolean => __typename === "TypingChanged";

export interface TypingPayload {
  __typename: "SetTypingPayload";
  typing: boolean;
  expiresInMs: number;
}

export const SET_PRESENCE = /* GraphQL */ `
  mutation SetPresence($input: SetPresenceInput!) {
    setPresence(input: $input) {
      __typename
      ... on SetPresencePayload {
        presence {
          status
          invisible
        }
      }
      ... on Error {
        code
        message
      }
    }
  }
`;

const CHANGED = /* GraphQL */ `
  user {
    id
    username
  }
  presence {
    status
    lastSeenAt
    invisible
  }
`;

/** The presence of some users. */
export const PRESENCE = /* GraphQL */ `
  subscription Presence($ids: [ID!]!) { presence(userIds: $ids) { ${CHANGED} } }
`;

/** The presence of a conversation's members. */
export const CONVERSATION_PRESENCE = /* GraphQL */ `
  subscription Members($id: ID!) { conversationPresence(conversationId: $id) { ${CHANGED} } }
`;

export interface Presence {
  status: "ONLINE" | "AWAY" | "OFFLINE";
  lastSeenAt: string | null;
  invisible: boolean;
}

/** The result of `PRESENCE` and `CONVERSATION_PRESENCE`. */
export interface PresenceChange {
  user: { id: string; username: string };
  presence: Presence;
}
