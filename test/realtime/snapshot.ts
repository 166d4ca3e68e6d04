import type { OwnMark } from "@parley/sdk/state";
import type { TestClient } from "../kit/client.ts";
import { nodes, type Connection } from "./connection.ts";
import {
  FEED,
  FEED_EVENTS,
  toFeed,
  type FeedChange,
  type FeedData,
  type FeedState,
} from "./feed.ts";

/** A page that holds all there is; a test makes less than that. */
const ALL = 100;

const MEMBER = /* GraphQL */ `
  fragment Member on Membership {
    id
    role
    joinedAt
    lastReadSeq
    lastDeliveredSeq
    markRevision
    notifications {
      level
      mutedUntil
    }
    user {
      ...Person
    }
  }
  fragment Person on User {
    id
    username
    displayName
    statusText
    avatar {
      id
    }
  }
`;

const MESSAGE = /* GraphQL */ `
  fragment Plain on Message {
    id
    seq
    kind
    body
    system {
      type
      value
      target {
        ...Person
      }
    }
    createdAt
    editedAt
    deletedAt
    pinnedAt
    author {
      ...Person
    }
    attachments {
      id
      name
      size
      picture {
        preview
      }
    }
    threadRootId
    thread {
      replyCount
      lastReplyAt
      lastRepliers {
        ...Person
      }
    }
    mentions {
      kind
      user {
        ...Person
      }
      start
      length
    }
    viewerMentioned
    viewerFollowsThread
    reactions {
      emoji
      count
      users {
        id
        username
      }
    }
  }
  fragment Text on Message {
    ...Plain
    replyTo {
      ...Plain
    }
    threadRoot {
      ...Plain
    }
  }
`;

const OWN = /* GraphQL */ `
  fragment Sketch on Draft {
    conversationId
    threadRootId
    replyToId
    body
    updatedAt
    version
  }
  fragment Planned on ScheduledMessage {
    id
    conversationId
    threadRootId
    replyToId
    body
    sendAt
    state
    failureCode
  }
`;

const CONVERSATION = /* GraphQL */ `
  fragment Talk on Conversation {
    id
    kind
    lastSeq
    countedMessages
    unreadCount
    viewerMark { lastReadSeq readCount unreadMentionCount revision lastSeq countedMessages }
    viewerMembership { ...Member }
    members(first: ${ALL}) { edges { node { ...Member } } }
    lastMessage { ...Text }
    pinnedMessages { ...Text }
    messages(last: ${ALL}) { edges { node { ...Text } } }
    ... on Room { slug name topic visibility memberCount }
    ... on DirectConversation { participants { id username } }
  }
`;

const SNAPSHOT = /* GraphQL */ `
  query Snapshot {
    viewer {
      cursor
      user { id }
      ...Feed
      unread { messages mentions conversations badge }
      sessions(first: ${ALL}) { edges { node { id device createdAt current } } }
      conversations(first: ${ALL}) { edges { node { ...Talk } } }
      threads(first: ${ALL}) { edges { node { id } } }
      mentions(first: ${ALL}) { edges { node { id } } }
      drafts(first: ${ALL}) { edges { node { ...Sketch } } }
      scheduledMessages(first: ${ALL}) { edges { node { ...Planned } } }
    }
    rooms(first: ${ALL}, sort: NAME) { edges { node { id slug name topic visibility } } }
    reports(first: ${ALL}) { edges { node { id status } } }
  }
  ${CONVERSATION} ${MEMBER} ${MESSAGE} ${OWN} ${FEED}
`;

/** The events that keep a snapshot current, with all that a client needs for it. */
export const SNAPSHOT_EVENTS = /* GraphQL */ `
  subscription Changes($after: Cursor) {
    events(after: $after) {
      __typename
      cursor
      ... on MessageSent {
        conversationId
        message {
          ...Text
        }
      }
      ... on MessageChange {
        conversationId
        message {
          ...Text
        }
      }
      ... on MessageDeleted {
        lastSeq
        countedMessages
      }
      ... on MemberJoined {
        conversationId
        membership {
          ...Member
        }
        conversation {
          ...Talk
        }
      }
      ... on MembershipChanged {
        conversationId
        membership {
          ...Member
        }
      }
      ... on MemberLeft {
        conversationId
        user {
          id
        }
      }
      ... on RoomCreated {
        room {
          id
          slug
          name
          topic
          visibility
        }
      }
      ... on SessionEnded {
        sessionId
      }
      ...FeedEvents
      ... on UserChanged {
        user {
          ...Person
        }
      }
      ... on NotificationsChanged {
        conversationId
        notifications {
          level
          mutedUntil
        }
      }
      ... on ThreadFollowChanged {
        conversationId
        rootId
        following
      }
      ... on DraftChanged {
        conversationId
        threadRootId
        draft {
          ...Sketch
        }
      }
      ... on ScheduledMessageChanged {
        scheduledMessageId
        scheduledMessage {
          ...Planned
        }
      }
      ... on UserDeleted {
        user {
          ...Person
        }
      }
      ... on ReportChanged {
        reportId
        status
      }
    }
  }
  ${FEED_EVENTS}
  ${CONVERSATION}
  ${MEMBER}
  ${MESSAGE}
  ${OWN}
`;

export interface Notifications {
  level: "ALL" | "MENTIONS" | "NOTHING";
  mutedUntil: string | null;
}

export interface Member {
  id: string;
  role: string;
  joinedAt: string;
  lastReadSeq: number;
  lastDeliveredSeq: number;
  markRevision: number;
  /** Null of others. */
  notifications: Notifications | null;
  user: Person;
}

export interface Person {
  id: string;
  username: string;
  displayName: string;
  statusText: string | null;
  avatar: { id: string } | null;
}

export interface Plain {
  id: string;
  seq: number;
  kind: "TEXT" | "SYSTEM";
  body: string;
  system: {
    type: string;
    value: string | null;
    target: Person | null;
  } | null;
  createdAt: string;
  editedAt: string | null;
  deletedAt: string | null;
  pinnedAt: string | null;
  author: Person;
  attachments: { id: string; name: string; size: number }[];
  threadRootId: string | null;
  thread: {
    replyCount: number;
    lastReplyAt: string;
    lastRepliers: Person[];
  } | null;
  mentions: {
    kind: "USER" | "HERE" | "ROOM";
    user: Person | null;
    start: number;
    length: number;
  }[];
  viewerMentioned: boolean;
  viewerFollowsThread: boolean;
  reactions: { emoji: string; count: number; users: { id: string; username: string }[] }[];
}

export interface Text extends Plain {
  replyTo: Plain | null;
  threadRoot: Plain | null;
}

export interface Sketch {
  conversationId: string;
  threadRootId: string | null;
  replyToId: string | null;
  body: string;
  updatedAt: string;
  version: string;
}

export interface Planned {
  id: string;
  conversationId: string;
  threadRootId: string | null;
  replyToId: string | null;
  body: string;
  sendAt: string;
  state: "SCHEDULED" | "FAILED";
  failureCode: string | null;
}

export interface ListedRoom {
  id: string;
  slug: string;
  name: string;
  topic: string | null;
  visibility: "PUBLIC" | "PRIVATE";
}

/** A conversation as it is sent: a room, or a direct conversation with the people whom it is between. */
export interface Talk extends Partial<ListedRoom> {
  id: string;
  kind: string;
  lastSeq: number;
  countedMessages: number;
  unreadCount: number;
  viewerMark: OwnMark | null;
  memberCount?: number;
  participants?: { id: string; username: string }[];
  viewerMembership: Member | null;
  members: Connection<Member>;
  lastMessage: Text | null;
  pinnedMessages: Text[];
  messages: Connection<Text>;
}

export interface SessionState {
  id: string;
  device: string;
  createdAt: string;
  current: boolean;
}

/** A report that the person may handle. */
export interface ReportState {
  id: string;
  status: "OPEN" | "RESOLVED";
}

interface EventOf<Name extends string> {
  __typename: Name;
  cursor: string;
}

/** What `SNAPSHOT_EVENTS` sends. */
export type Change =
  | EventOf<"Ready">
  | EventOf<"Heartbeat">
  | EventOf<"EventGap">
  | (EventOf<"MessageSent"> & { conversationId: string; message: Text })
  | (EventOf<"MessageDeleted"> & {
      conversationId: string;
      message: Text;
      lastSeq: number;
      countedMessages: number;
    })
  | (EventOf<
      "MessageEdited" | "MessagePinned" | "MessageUnpinned" | "ReactionAdded" | "ReactionRemoved"
    > & { conversationId: string; message: Text })
  | (EventOf<"MemberJoined"> & { conversationId: string; membership: Member; conversation: Talk })
  | (EventOf<"MembershipChanged"> & { conversationId: string; membership: Member })
  | (EventOf<"MemberLeft"> & { conversationId: string; user: { id: string } })
  | (EventOf<"RoomCreated"> & { room: ListedRoom })
  | (EventOf<"ThreadFollowChanged"> & {
      conversationId: string;
      rootId: string;
      following: boolean;
    })
  | (EventOf<"DraftChanged"> & {
      conversationId: string;
      threadRootId: string | null;
      draft: Sketch | null;
    })
  | (EventOf<"ScheduledMessageChanged"> & {
      scheduledMessageId: string;
      scheduledMessage: Planned | null;
    })
  | (EventOf<"SessionEnded"> & { sessionId: string })
  | (EventOf<"NotificationsChanged"> & { conversationId: string; notifications: Notifications })
  | (EventOf<"UserDeleted"> & { user: Person })
  | (EventOf<"ReportChanged"> & { reportId: string; status: ReportState["status"] })
  | (EventOf<"UserChanged"> & { user: Person })
  | FeedChange;

/** A conversation as a client keeps it. */
export type TalkState = Omit<Talk, "members" | "messages"> & {
  members: Member[];
  messages: Text[];
};

/** All that one person sees, as a client keeps it. */
export interface Snapshot {
  userId: string;
  unread: { messages: number; mentions: number; conversations: number; badge: number };
  sessions: SessionState[];
  /** By id; their order by activity is not told by every event. */
  conversations: TalkState[];
  /** Ids of the messages that begin threads which the person follows, sorted. */
  threads: string[];
  /** Ids of the messages that call the person, sorted. */
  mentions: string[];
  /** The last changed first. */
  drafts: Sketch[];
  /** By id. */
  scheduled: Planned[];
  /** The rooms that the person may know of, by id. */
  rooms: ListedRoom[];
  /** By id. */
  reports: ReportState[];
  /** What they hear of the people whom they follow, and who follows them. */
  feed: FeedState;
}

interface SnapshotData {
  viewer: FeedData & {
    cursor: string;
    user: { id: string };
    unread: Snapshot["unread"];
    sessions: Connection<SessionState>;
    conversations: Connection<Talk>;
    threads: Connection<{ id: string }>;
    mentions: Connection<{ id: string }>;
    drafts: Connection<Sketch>;
    scheduledMessages: Connection<Planned>;
  };
  rooms: Connection<ListedRoom>;
  reports: Connection<ReportState>;
}

/** Reads all that a person sees, and the place in the log that it reflects. */
export async function readSnapshot(
  person: TestClient,
): Promise<{ cursor: string; snapshot: Snapshot }> {
  const { viewer, rooms, reports } = await person.query<SnapshotData>(SNAPSHOT);
  return {
    cursor: viewer.cursor,
    snapshot: {
      userId: viewer.user.id,
      unread: viewer.unread,
      sessions: nodes(viewer.sessions),
      conversations: sorted(nodes(viewer.conversations).map(toState)),
      threads: idsOf(nodes(viewer.threads)),
      mentions: idsOf(nodes(viewer.mentions)),
      drafts: nodes(viewer.drafts),
      scheduled: sorted(nodes(viewer.scheduledMessages)),
      rooms: sorted(nodes(rooms)),
      reports: sorted(nodes(reports)),
      feed: toFeed(viewer),
    },
  };
}

/** A conversation as a client keeps it. */
export function toState({ members, messages, ...talk }: Talk): TalkState {
  return { ...talk, members: nodes(members), messages: nodes(messages) };
}

/** Sorted by id. */
export function sorted<T extends { id: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Ids alone, sorted. */
export function idsOf(items: readonly { id: string }[]): string[] {
  return items.map(({ id }) => id).toSorted();
}
