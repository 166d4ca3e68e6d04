import type { ReactionGroupRecord } from "../reaction/reaction.record.ts";
import type { ThreadRecord } from "../thread/thread.record.ts";
import type { AttachmentRecord } from "../upload/attachment.record.ts";
import type { UserRecord } from "../user/user.record.ts";

/** A part of a text that mentions users: UTF-16 code units from `start`, `length` of them. */
export interface MentionSpan {
  /** One user, all online members, or all members. */
  kind: "USER" | "HERE" | "ROOM";
  /** Null for a mention of all. */
  userId: string | null;
  start: number;
  length: number;
}

/** A mention with the user as of now. */
export interface MentionRecord extends MentionSpan {
  /** Null for a mention of all, and for a user who no longer exists. */
  user: UserRecord | null;
}

/** The content of a SYSTEM message. */
export interface SystemRecord {
  /** Such as `MEMBER_JOINED`; the domains define the types. */
  type: string;
  /** The affected user, if not the author. */
  target: UserRecord | null;
  /** The new value: a role, a topic, a name. */
  value: string | null;
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
  /** The first message of its thread. */
  threadRootId: string | null;
  /** The first message of its thread, with the thread's totals and without its own `replyTo`. */
  threadRoot: MessageRecord | null;
  /** The thread that begins with this message; null without replies. */
  thread: ThreadRecord | null;
  createdAt: Date;
  editedAt: Date | null;
  /** Time of the deletion, which empties the text. */
  deletedAt: Date | null;
  pinnedAt: Date | null;
  reactions: ReactionGroupRecord[];
  /** The message that this one replies to, without its own `replyTo`. */
  replyTo: MessageRecord | null;
}
