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

/** A page size above the number of items in a test. */
const ALL = 100;

const MEMBER = /* GraphQL */ `
  fragment Member on Membership {
    id
    role
    joinedAt
    lastReadSeq
    mutedUntil
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
    lastActivityAt
    countedMessages
    unreadCount
    viewerMark { lastReadSeq readCount unreadMentionCount revision lastSeq countedMessages }
    viewerMembership { ...Member }
    members(first: ${ALL}) { edges { node { ...Member } } }
    lastMessage { ...Text }
    pinnedMessages { ...Text }
    messages(last: ${ALL}) { edges { node { ...Text } } }
    ... on Room { slug name topic visibility archivedAt slowModeSeconds memberCount }
    ... on DirectConversation { participants { id username } }
  }
`;

const LISTED = /* GraphQL */ `
  fragment Listed on Room {
    id
    slug
    name
    topic
    visibility
    archivedAt
    slowModeSeconds
  }
  fragment Asked on Invite {
    id
    createdAt
    room {
      id
      name
    }
    inviter {
      username
    }
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
      invites(first: ${ALL}) { edges { node { ...Asked } } }
      threads(first: ${ALL}) { edges { node { id } } }
      mentions(first: ${ALL}) { edges { node { id } } }
      drafts(first: ${ALL}) { edges { node { ...Sketch } } }
      scheduledMessages(first: ${ALL}) { edges { node { ...Planned } } }
    }
    rooms(first: ${ALL}, sort: NAME) { edges { node { ...Listed } } }
    reports(first: ${ALL}) { edges { node { id status } } }
  }
  ${CONVERSATION} ${MEMBER} ${MESSAGE} ${LISTED} ${OWN} ${FEED}
`;

/** The events that keep a snapshot current, with everything that a client needs. */
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
      ... on MembershipChanged {
        conversationId
        membership {
          ...Member
        }
      }
      ... on RoomCreated {
        room {
          ...Listed
        }
      }
      ... on RoomUpdated {
        room {
          ...Listed
        }
      }
      ... on RoomHidden {
        conversationId
      }
      ... on InviteReceived {
        invite {
          ...Asked
        }
      }
      ... on InviteEnded {
        inviteId
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
  ${LISTED}
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
  mutedUntil: string | null;
  lastDeliveredSeq: number;
  markRevision: number;
  /** Null for other users' memberships. */
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
  archivedAt: string | null;
  slowModeSeconds: number;
}

export interface Asked {
  id: string;
  createdAt: string;
  room: { id: string; name: string };
  inviter: { username: string };
}

/** A conversation in its API form: a room, or a direct conversation with its participants. */
export interface Talk extends Partial<ListedRoom> {
  id: string;
  kind: string;
  lastSeq: number;
  lastActivityAt: string;
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

/** A report that the user may handle. */
export interface ReportState {
  id: string;
  status: "OPEN" | "RESOLVED";
}

interface EventOf<Name extends string> {
  __typename: Name;
  cursor: string;
}

/** The result of `SNAPSHOT_EVENTS`. */
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
  | (EventOf<"RoomUpdated"> & { room: ListedRoom })
  | (EventOf<"RoomHidden"> & { conversationId: string })
  | (EventOf<"InviteReceived"> & { invite: Asked })
  | (EventOf<"InviteEnded"> & { inviteId: string })
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

/** A conversation in a client's state. */
export type TalkState = Omit<Talk, "members" | "messages"> & {
  members: Member[];
  messages: Text[];
};

/** Everything that one user sees, in a client's state. */
export interface Snapshot {
  userId: string;
  unread: { messages: number; mentions: number; conversations: number; badge: number };
  sessions: SessionState[];
  /** By id, because not every event determines their order by activity. */
  conversations: TalkState[];
  /** Ids of the root messages of followed threads, sorted. */
  threads: string[];
  /** Ids of the messages that mention the user, sorted. */
  mentions: string[];
  /** Last changed first. */
  drafts: Sketch[];
  /** By id. */
  scheduled: Planned[];
  /** The active rooms that the user may discover, by id. */
  rooms: ListedRoom[];
  /** The user's invites, by id. */
  invites: Asked[];
  /** By id. */
  reports: ReportState[];
  /** The user's timeline, follows and followers. */
  feed: FeedState;
}

interface SnapshotData {
  viewer: FeedData & {
    cursor: string;
    user: { id: string };
    unread: Snapshot["unread"];
    sessions: Connection<SessionState>;
    conversations: Connection<Talk>;
    invites: Connection<Asked>;
    threads: Connection<{ id: string }>;
    mentions: Connection<{ id: string }>;
    drafts: Connection<Sketch>;
    scheduledMessages: Connection<Planned>;
  };
  rooms: Connection<ListedRoom>;
  reports: Connection<ReportState>;
}

/** Reads everything that a user sees, and the log position that it reflects. */
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
      invites: sorted(nodes(viewer.invites)),
      reports: sorted(nodes(reports)),
      feed: toFeed(viewer),
    },
  };
}

/** Converts a conversation to a client's state. */
export function toState({ members, messages, ...talk }: Talk): TalkState {
  return { ...talk, members: nodes(members), messages: nodes(messages) };
}

/** Sorts by id. */
export function sorted<T extends { id: string }>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Returns the sorted ids. */
export function idsOf(items: readonly { id: string }[]): string[] {
  return items.map(({ id }) => id).toSorted();
}
