// Hand-written operations for threads, mentions, drafts and scheduled messages.

const PROBLEM = /* GraphQL */ `
  ... on Error { code message }
  ... on InvalidInputError { fields { field code message } }
`;

const THREADED = /* GraphQL */ `
  fragment Threaded on Message {
    id
    seq
    body
    deletedAt
    author {
      username
    }
    threadRootId
    thread {
      replyCount
      lastReplyAt
      lastRepliers {
        username
      }
    }
    threadRoot {
      id
      body
      thread {
        replyCount
        lastReplyAt
        lastRepliers {
          username
        }
      }
    }
    mentions {
      kind
      user {
        username
      }
      start
      length
    }
  }
`;

export interface Thread {
  replyCount: number;
  lastReplyAt: string;
  lastRepliers: { username: string }[];
}

export interface Mention {
  kind: "USER" | "HERE" | "ROOM";
  user: { username: string } | null;
  start: number;
  length: number;
}

export interface Threaded {
  id: string;
  seq: number;
  body: string;
  deletedAt: string | null;
  author: { username: string };
  threadRootId: string | null;
  thread: Thread | null;
  threadRoot: { id: string; body: string; thread: Thread | null } | null;
  mentions: Mention[];
}

export const THREADED_MESSAGES = /* GraphQL */ `
  query Messages($ids: [ID!]!) {
    nodes(ids: $ids) {
      ...Threaded
      ... on Message {
        viewerMentioned
        viewerFollowsThread
      }
    }
  }
  ${THREADED}
`;

export interface ThreadedForViewer extends Threaded {
  viewerMentioned: boolean;
  viewerFollowsThread: boolean;
}

/** Events that contain a message, and those of a user's private data. */
export const WRITING_EVENTS = /* GraphQL */ `
  subscription Writing($after: Cursor) {
    events(after: $after) {
      __typename
      cursor
      ... on MessageSent {
        message {
          ...Threaded
          clientId
        }
      }
      ... on MessageChange {
        message {
          ...Threaded
          clientId
        }
      }
      ... on ThreadFollowChanged {
        rootId
        following
      }
      ... on DraftChanged {
        conversationId
        threadRootId
        draft {
          body
          version
        }
      }
      ... on ScheduledMessageChanged {
        scheduledMessageId
        scheduledMessage {
          body
          state
          failureCode
        }
      }
    }
  }
  ${THREADED}
`;

export interface WritingEvent {
  __typename: string;
  cursor: string;
  message?: Threaded & { clientId: string | null };
  rootId?: string;
  following?: boolean;
  conversationId?: string;
  threadRootId?: string | null;
  draft?: { body: string; version: string } | null;
  scheduledMessageId?: string;
  scheduledMessage?: { body: string; state: string; failureCode: string | null } | null;
}

const followOf = (name: "follow" | "unfollow", type: string): string => /* GraphQL */ `
  mutation Follow($input: ${type}ThreadInput!) {
    ${name}Thread(input: $input) {
      __typename
      ... on ${type}ThreadPayload { cursor threadRoot { id viewerFollowsThread } }
      ${PROBLEM}
    }
  }
`;

export const FOLLOW_THREAD = followOf("follow", "Follow");
export const UNFOLLOW_THREAD = followOf("unfollow", "Unfollow");

export interface FollowPayload {
  __typename: `${string}Payload`;
  cursor: string;
  threadRoot: { id: string; viewerFollowsThread: boolean };
}

export const SAVE_DRAFT = /* GraphQL */ `
  mutation Save($input: SaveDraftInput!) {
    saveDraft(input: $input) {
      __typename
      ... on SaveDraftPayload { cursor draft { conversationId threadRootId replyToId body updatedAt version } }
      ${PROBLEM}
    }
  }
`;

export interface Draft {
  conversationId: string;
  threadRootId: string | null;
  replyToId: string | null;
  body: string;
  updatedAt: string;
  version: string;
}

export interface DraftPayload {
  __typename: `${string}Payload`;
  cursor: string;
  draft: Draft | null;
}

const SCHEDULED = "scheduledMessage { id conversationId body sendAt clientId state failureCode }";

export const SCHEDULE_MESSAGE = /* GraphQL */ `
  mutation Schedule($input: ScheduleMessageInput!) {
    scheduleMessage(input: $input) {
      __typename
      ... on ScheduleMessagePayload { cursor ${SCHEDULED} }
      ${PROBLEM}
    }
  }
`;

export const EDIT_SCHEDULED = /* GraphQL */ `
  mutation Edit($input: EditScheduledMessageInput!) {
    editScheduledMessage(input: $input) {
      __typename
      ... on EditScheduledMessagePayload { cursor ${SCHEDULED} }
      ${PROBLEM}
    }
  }
`;

export const CANCEL_SCHEDULED = /* GraphQL */ `
  mutation Cancel($input: CancelScheduledMessageInput!) {
    cancelScheduledMessage(input: $input) {
      __typename
      ... on CancelScheduledMessagePayload { cursor scheduledMessageId }
      ${PROBLEM}
    }
  }
`;

export interface Scheduled {
  id: string;
  conversationId: string;
  body: string;
  sendAt: string;
  clientId: string;
  state: "SCHEDULED" | "FAILED";
  failureCode: string | null;
}

export interface SchedulePayload {
  __typename: `${string}Payload`;
  cursor: string;
  scheduledMessage: Scheduled;
}
