// Hand-written operations for read marks and unread counts.
import type { TypedError } from "./documents.ts";

const MARK = /* GraphQL */ `
  fragment Mark on OwnMark {
    conversationId
    lastReadSeq
    lastDeliveredSeq
    readCount
    unreadCount
    unreadMentionCount
    revision
    lastSeq
    countedMessages
  }
`;

export interface Mark {
  conversationId: string;
  lastReadSeq: number;
  lastDeliveredSeq: number;
  readCount: number;
  unreadCount: number;
  unreadMentionCount: number;
  revision: number;
  lastSeq: number;
  countedMessages: number;
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
    }
  }
`;

export const MARK_UNREAD = /* GraphQL */ `
  mutation MarkUnread($input: MarkUnreadInput!) {
    markUnread(input: $input) {
      __typename
      ... on MarkUnreadPayload { unreadCount mark { ...Mark } membership { lastReadSeq lastDeliveredSeq } }
      ${PROBLEM}
    }
  }
  ${MARK}
`;
export type MarkUnreadResult =
  | {
      __typename: "MarkUnreadPayload";
      unreadCount: number;
      mark: Mark;
      membership: { lastReadSeq: number; lastDeliveredSeq: number };
    }
  | TypedError;

export const MARK_DELIVERED = /* GraphQL */ `
  mutation MarkDelivered($input: MarkDeliveredInput!) {
    markDelivered(input: $input) {
      __typename
      ... on MarkDeliveredPayload { marks { ...Mark } }
      ${PROBLEM}
    }
  }
  ${MARK}
`;
export type MarkDeliveredResult =
  { __typename: "MarkDeliveredPayload"; marks: Mark[] } | TypedError;

export const SET_NOTIFICATIONS = /* GraphQL */ `
  mutation SetNotifications($input: SetNotificationsInput!) {
    setNotifications(input: $input) {
      __typename
      ... on SetNotificationsPayload { cursor conversationId notifications { level mutedUntil } }
      ${PROBLEM}
    }
  }
`;
export type SetNotificationsResult =
  | {
      __typename: "SetNotificationsPayload";
      cursor: string;
      conversationId: string;
      notifications: { level: string; mutedUntil: string | null };
    }
  | TypedError;

/** The viewer's own marks, from every device. */
export const OWN_MARKS = /* GraphQL */ `
  subscription OwnMarks {
    ownMarks {
      ...Mark
    }
  }
  ${MARK}
`;

/** The read positions of others in a conversation. */
export const RECEIPTS = /* GraphQL */ `
  subscription Receipts($id: ID!) {
    activity(conversationId: $id) {
      __typename
      conversationId
      ... on ReceiptMoved {
        user {
          username
        }
        membershipId
        readSeq
        deliveredSeq
        revision
        lastSeq
      }
    }
  }
`;

export interface Receipt {
  __typename: "ReceiptMoved";
  conversationId: string;
  user: { username: string };
  membershipId: string;
  readSeq: number;
  deliveredSeq: number;
  revision: number;
  lastSeq: number;
}

/** Unread totals, and their audit. */
export const UNREAD = /* GraphQL */ `
  query Unread($first: Int, $after: String) {
    viewer {
      unread {
        messages
        mentions
        conversations
        badge
      }
      unreadAudit(first: $first, after: $after) {
        edges {
          node {
            conversationId
            unreadCount
            unreadRecount
            unreadMentionCount
            unreadMentionRecount
            agrees
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;

export interface Audit {
  conversationId: string;
  unreadCount: number;
  unreadRecount: number;
  unreadMentionCount: number;
  unreadMentionRecount: number;
  agrees: boolean;
}

export interface UnreadData {
  viewer: {
    unread: { messages: number; mentions: number; conversations: number; badge: number };
    unreadAudit: {
      edges: { node: Audit }[];
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
    };
  };
}
