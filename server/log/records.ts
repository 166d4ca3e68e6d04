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
}

/** A room or, in time, a direct conversation. */
export type ConversationRecord = RoomRecord;

export interface MembershipRecord {
  id: string;
  conversationId: string;
  user: UserRecord;
  role: "OWNER" | "MODERATOR" | "MEMBER";
  joinedAt: Date;
  lastReadSeq: number;
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

export interface MessageRecord {
  id: string;
  conversationId: string;
  seq: number;
  author: UserRecord;
  clientId: string | null;
  body: string;
  createdAt: Date;
  editedAt: Date | null;
  /** When it was deleted; its text is then empty. */
  deletedAt: Date | null;
  pinnedAt: Date | null;
  reactions: ReactionGroupRecord[];
  /** The message that this one answers, without what that one answers in turn. */
  replyTo: MessageRecord | null;
}
