/**
 * What events carry of the things they are about: everything that a client may ask an event for,
 * so that showing one touches no database. The shapes are those of the tables.
 */

export interface UserRecord {
  id: string;
  username: string;
  usernameKey: string;
  displayName: string;
  createdAt: Date;
  /** The uploaded picture that shows the person. */
  avatarId: string | null;
  statusText: string | null;
  /** When what is shown of the person last changed; null when it never did. */
  changedAt: Date | null;
}

export interface RoomRecord {
  id: string;
  kind: "ROOM";
  visibility: "PUBLIC" | "PRIVATE";
  createdAt: Date;
  slug: string;
  name: string;
  topic: string | null;
  isLobby: boolean;
  /** The uploaded picture that shows the room. */
  pictureId: string | null;
}

export interface DirectRecord {
  id: string;
  kind: "DIRECT";
  visibility: "PRIVATE";
  createdAt: Date;
  /** Who it is between; always the same people. */
  participants: UserRecord[];
}

/** A room or a direct conversation. */
export type ConversationRecord = RoomRecord | DirectRecord;

export interface MembershipRecord {
  id: string;
  conversationId: string;
  user: UserRecord;
  role: "OWNER" | "MODERATOR" | "MEMBER";
  joinedAt: Date;
  lastReadSeq: number;
  /** Up to where the messages have reached a device of the person; at least `lastReadSeq`. */
  lastDeliveredSeq: number;
  /** Grows with every move of the marks but those by sending. */
  markRevision: number;
}

/** How far a member is in a conversation and what is unread there: all numbers of one moment. */
export interface MarkRecord {
  conversationId: string;
  readSeq: number;
  deliveredSeq: number;
  /** How many of the messages up to `readSeq` count as something to read. */
  readCount: number;
  /** See `MembershipRecord.markRevision`. */
  revision: number;
  lastSeq: number;
  /** How many of the conversation's messages count; without `readCount` they are unread. */
  counted: number;
  /** Unread messages that mention the person. */
  mentions: number;
}

/** What a person wants to be notified of. */
export interface NotificationRecord {
  level: "ALL" | "MENTIONS" | "NOTHING";
  /** Until when nothing at all; null when not muted. */
  mutedUntil: Date | null;
}

/** Something that a person published to their followers. */
export interface PostRecord {
  id: string;
  author: UserRecord;
  clientId: string;
  body: string;
  createdAt: Date;
}

/** Everybody who reacted to a message with the same emoji. */
export interface ReactionGroupRecord {
  emoji: string;
  count: number;
  /** The first few of them, in the order of reacting. */
  users: UserRecord[];
}

/** A place in a text that means somebody: UTF-16 code units from `start`, `length` of them. */
export interface MentionSpan {
  /** A person, everyone here who is online, or everyone in the conversation. */
  kind: "USER" | "HERE" | "ROOM";
  /** Whom it means; null for all. */
  userId: string | null;
  start: number;
  length: number;
}

/** A file of a message. Never changes; it goes with the message. */
export interface AttachmentRecord {
  id: string;
  name: string;
  /** Found in the content. */
  mediaType: string;
  /** Bytes. */
  size: number;
  /** Null when it is not a picture that can be shown. */
  picture: AttachedPicture | null;
}

/** What is known of a picture before it is loaded. All lengths in pixels. */
export interface AttachedPicture {
  width: number;
  height: number;
  isAnimated: boolean;
  thumbnail: { width: number; height: number };
  /** A few blurred pixels of it, as a `data:` URL. */
  preview: string;
}

/** A mention with whom it means, as the person is called now. */
export interface MentionRecord extends MentionSpan {
  /** Null for all, and for somebody who is no longer there. */
  user: UserRecord | null;
}

/** What a message without text of its own tells. */
export interface SystemRecord {
  /** What happened, such as `MEMBER_JOINED`; the domains decide which there are. */
  type: string;
  /** Whom it happened to, when that is not the author. */
  target: UserRecord | null;
  /** What it became: a role, a topic, a name. */
  value: string | null;
}

/** What the replies in a message's thread add up to. */
export interface ThreadRecord {
  replyCount: number;
  lastReplyAt: Date;
  /** Who replied last, the latest first. */
  repliers: UserRecord[];
}

export interface MessageRecord {
  id: string;
  conversationId: string;
  seq: number;
  kind: "TEXT" | "SYSTEM";
  author: UserRecord;
  clientId: string | null;
  /** Empty for a message of the kind SYSTEM. */
  body: string;
  /** Null for a message of the kind TEXT. */
  system: SystemRecord | null;
  mentions: MentionRecord[];
  attachments: AttachmentRecord[];
  /** The message whose thread it belongs to. */
  threadRootId: string | null;
  /** The same message with what its thread adds up to, without what that message answers. */
  threadRoot: MessageRecord | null;
  /** The thread that begins with it; null while nobody has replied there. */
  thread: ThreadRecord | null;
  createdAt: Date;
  editedAt: Date | null;
  /** When it was deleted; its text is then empty. */
  deletedAt: Date | null;
  pinnedAt: Date | null;
  reactions: ReactionGroupRecord[];
  /** The message that this one answers, without what that one answers in turn. */
  replyTo: MessageRecord | null;
}
