// Hand-written operations for changes of messages.

export interface FullMessage {
  id: string;
  conversationId: string;
  seq: number;
  body: string;
  createdAt: string;
  editedAt: string | null;
  deletedAt: string | null;
  pinnedAt: string | null;
  author: { username: string };
  replyTo: { id: string; body: string; deletedAt: string | null; editedAt: string | null } | null;
  reactions: ReactionGroup[];
}

export interface ReactionGroup {
  emoji: string;
  count: number;
  users: { username: string }[];
}

const FULL = /* GraphQL */ `
  fragment Full on Message {
    id
    conversationId
    seq
    body
    createdAt
    editedAt
    deletedAt
    pinnedAt
    author {
      username
    }
    replyTo {
      id
      body
      deletedAt
      editedAt
    }
    reactions {
      emoji
      count
      users {
        username
      }
    }
  }
`;

const changeOf = (mutation: string, field: string): string => /* GraphQL */ `
  mutation Change($input: ${mutation[0]?.toUpperCase() ?? ""}${mutation.slice(1)}Input!) {
    ${mutation}(input: $input) {
      __typename
      ... on ${mutation[0]?.toUpperCase() ?? ""}${mutation.slice(1)}Payload {
        cursor
        changed: ${field} { ...Full }
      }
      ... on Error { code message }
      ... on InvalidInputError { fields { field code message } }
    }
  }
  ${FULL}
`;

export const EDIT_MESSAGE = changeOf("editMessage", "editedMessage");
export const DELETE_MESSAGE = changeOf("deleteMessage", "deletedMessage");
export const PIN_MESSAGE = changeOf("pinMessage", "pinnedMessage");
export const UNPIN_MESSAGE = changeOf("unpinMessage", "unpinnedMessage");
export const ADD_REACTION = changeOf("addReaction", "reactedMessage");
export const REMOVE_REACTION = changeOf("removeReaction", "reactedMessage");

/** The payload of each of the mutations above. */
export interface ChangePayload {
  __typename: `${string}Payload`;
  cursor: string;
  changed: FullMessage;
}

export const FULL_MESSAGES = /* GraphQL */ `
  query Messages($ids: [ID!]!) {
    nodes(ids: $ids) {
      ...Full
    }
  }
  ${FULL}
`;

export const FULL_CONVERSATION = /* GraphQL */ `
  query Conversation($id: ID!) {
    node(id: $id) {
      ... on Conversation {
        lastSeq
        lastMessage {
          ...Full
        }
        pinnedMessages {
          ...Full
        }
        messages(last: 50) {
          edges {
            node {
              ...Full
            }
          }
        }
      }
    }
  }
  ${FULL}
`;

export interface FullConversation {
  lastSeq: number;
  lastMessage: FullMessage | null;
  pinnedMessages: FullMessage[];
  messages: { edges: { node: FullMessage }[] };
}

export const EDITS = /* GraphQL */ `
  query Edits($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    node(id: $id) {
      ... on Message {
        edits(first: $first, after: $after, last: $last, before: $before) {
          edges {
            cursor
            node {
              body
              editedAt
            }
          }
          pageInfo {
            hasNextPage
            hasPreviousPage
          }
        }
      }
    }
  }
`;

export interface Edits {
  edges: { cursor: string; node: { body: string; editedAt: string } }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean };
}

/** All events that contain a message. */
export const MESSAGE_EVENTS = /* GraphQL */ `
  subscription MessageEvents($after: Cursor, $conversationIds: [ID!]) {
    events(after: $after, conversationIds: $conversationIds) {
      __typename
      cursor
      ... on MessageSent {
        message {
          ...Full
        }
      }
      ... on MessageChange {
        conversationId
        message {
          ...Full
        }
      }
      ... on MessagePinned {
        user {
          username
        }
      }
      ... on MessageUnpinned {
        user {
          username
        }
      }
      ... on ReactionAdded {
        emoji
        user {
          username
        }
      }
      ... on ReactionRemoved {
        emoji
        user {
          username
        }
      }
    }
  }
  ${FULL}
`;

export interface MessageEvent {
  __typename: string;
  cursor: string;
  /** The message of an event that contains one. */
  message?: FullMessage;
  user?: { username: string };
  emoji?: string;
}
