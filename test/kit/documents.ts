// Hand-written operations of docs/PROTOCOL.md, for programs without generated types.

/** All durable events that the viewer may see. */
export const EVENTS = /* GraphQL */ `
  subscription Events($after: Cursor, $conversationIds: [ID!], $types: [EventType!]) {
    events(after: $after, conversationIds: $conversationIds, types: $types) {
      __typename
      cursor
      at
      ... on EventGap {
        reason
      }
      ... on MessageSent {
        conversationId
        message {
          id
          conversationId
          seq
          body
          clientId
          createdAt
          author {
            id
            username
          }
          replyTo {
            id
          }
        }
      }
      ... on MemberJoined {
        conversationId
        membership {
          role
          lastReadSeq
          user {
            id
            username
          }
        }
      }
      ... on MemberLeft {
        conversationId
        user {
          id
          username
        }
      }
      ... on RoomCreated {
        conversationId
        room {
          id
          slug
          name
          visibility
        }
      }
      ... on SessionEnded {
        sessionId
      }
    }
  }
`;

export interface Person {
  id: string;
  username: string;
}

export interface ChatMessage {
  id: string;
  conversationId: string;
  seq: number;
  body: string;
  clientId: string | null;
  createdAt: string;
  author: Person;
  replyTo: { id: string } | null;
}

interface EventOf<Name extends string> {
  __typename: Name;
  cursor: string;
  at: string;
}

/** The result of `EVENTS`. */
export type ChatEvent =
  | EventOf<"Ready">
  | EventOf<"Heartbeat">
  | (EventOf<"EventGap"> & { reason: "TOO_LONG" | "EXPIRED" | "UNKNOWN_CURSOR" })
  | (EventOf<"MessageSent"> & { conversationId: string; message: ChatMessage })
  | (EventOf<"MemberJoined"> & {
      conversationId: string;
      membership: { role: string; lastReadSeq: number; user: Person };
    })
  | (EventOf<"MemberLeft"> & { conversationId: string; user: Person })
  | (EventOf<"RoomCreated"> & {
      conversationId: string;
      room: { id: string; slug: string; name: string; visibility: string };
    })
  | (EventOf<"SessionEnded"> & { sessionId: string });

/** A typed error of a mutation's union. */
export interface TypedError {
  __typename: `${string}Error`;
  code: string;
  message: string;
  fields?: { field: string; code: string; message: string }[];
  retryAfterMs?: number;
}

const PROBLEM = /* GraphQL */ `
  ... on Error {
    code
    message
  }
  ... on InvalidInputError {
    fields {
      field
      code
      message
    }
  }
`;

const SESSION_PAYLOAD = /* GraphQL */ `
  token
  cursor
  user {
    id
    username
    displayName
  }
  session {
    id
    device
  }
`;

export interface SessionPayload {
  token: string;
  cursor: string;
  user: Person & { displayName: string };
  session: { id: string; device: string };
}

export const SIGN_UP = /* GraphQL */ `
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) {
      __typename
      ... on SignUpPayload { ${SESSION_PAYLOAD} }
      ${PROBLEM}
    }
  }
`;
export type SignUpResult = (SessionPayload & { __typename: "SignUpPayload" }) | TypedError;

export const LOG_IN = /* GraphQL */ `
  mutation LogIn($input: LogInInput!) {
    logIn(input: $input) {
      __typename
      ... on LogInPayload { ${SESSION_PAYLOAD} }
      ... on SessionActiveError { retryAfterMs }
      ... on Error { code message }
    }
  }
`;
export type LogInResult = (SessionPayload & { __typename: "LogInPayload" }) | TypedError;

export interface Room {
  id: string;
  slug: string;
  name: string;
  memberCount: number;
  lastSeq: number;
}

const ROOM = "room { id slug name memberCount lastSeq }";

export const CREATE_ROOM = /* GraphQL */ `
  mutation CreateRoom($input: CreateRoomInput!) {
    createRoom(input: $input) {
      __typename
      ... on CreateRoomPayload { cursor ${ROOM} }
      ${PROBLEM}
    }
  }
`;
export type CreateRoomResult =
  { __typename: "CreateRoomPayload"; cursor: string; room: Room } | TypedError;

export const JOIN_ROOM = /* GraphQL */ `
  mutation JoinRoom($input: JoinRoomInput!) {
    joinRoom(input: $input) {
      __typename
      ... on JoinRoomPayload { cursor membership { id role lastReadSeq } ${ROOM} }
      ${PROBLEM}
    }
  }
`;
export type JoinRoomResult =
  | {
      __typename: "JoinRoomPayload";
      cursor: string;
      room: Room;
      membership: { id: string; role: string; lastReadSeq: number };
    }
  | TypedError;

export const LEAVE_ROOM = /* GraphQL */ `
  mutation LeaveRoom($input: LeaveRoomInput!) {
    leaveRoom(input: $input) {
      __typename
      ... on LeaveRoomPayload { cursor ${ROOM} }
      ${PROBLEM}
    }
  }
`;
export type LeaveRoomResult =
  { __typename: "LeaveRoomPayload"; cursor: string; room: Room } | TypedError;

export const REVOKE_SESSION = /* GraphQL */ `
  mutation RevokeSession($input: RevokeSessionInput!) {
    revokeSession(input: $input) {
      __typename
      ${PROBLEM}
    }
  }
`;

export const SEND_MESSAGE = /* GraphQL */ `
  mutation SendMessage($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessagePayload {
        cursor
        sentMessage {
          id
          conversationId
          seq
          body
          clientId
          createdAt
          author { id username }
          replyTo { id }
        }
      }
      ${PROBLEM}
    }
  }
`;
export type SendMessageResult =
  { __typename: "SendMessagePayload"; cursor: string; sentMessage: ChatMessage } | TypedError;

export const MARK_READ = /* GraphQL */ `
  mutation MarkRead($input: MarkReadInput!) {
    markRead(input: $input) {
      __typename
      ... on MarkReadPayload { unreadCount membership { lastReadSeq } }
      ${PROBLEM}
    }
  }
`;
export type MarkReadResult =
  | {
      __typename: "MarkReadPayload";
      unreadCount: number;
      membership: { lastReadSeq: number };
    }
  | TypedError;
