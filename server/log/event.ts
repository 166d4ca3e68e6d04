import type { Position } from "../kernel/cursor.ts";
import type {
  ConversationRecord,
  LeaveReason,
  MembershipRecord,
} from "../domain/conversation/conversation.record.ts";
import type { MessageRecord } from "../domain/message/message.record.ts";
import type { NotificationRecord } from "../domain/notification/notification.record.ts";
import type { PostRecord } from "../domain/post/post.record.ts";
import type { InviteRecord } from "../domain/room/invite.record.ts";
import type { RoomRecord } from "../domain/room/room.record.ts";
import type { UserRecord } from "../domain/user/user.record.ts";

/** What each type of event carries. The keys are the values of the API's `EventType`. */
export interface EventPayloads {
  MESSAGE_SENT: { message: MessageRecord };
  MESSAGE_EDITED: { message: MessageRecord };
  /** With the conversation's numbers right after it, by which a client knows whether it counted it already. */
  MESSAGE_DELETED: { message: MessageRecord; lastSeq: number; counted: number };
  MESSAGE_PINNED: { message: MessageRecord; user: UserRecord };
  MESSAGE_UNPINNED: { message: MessageRecord; user: UserRecord };
  REACTION_ADDED: { message: MessageRecord; user: UserRecord; emoji: string };
  REACTION_REMOVED: { message: MessageRecord; user: UserRecord; emoji: string };
  THREAD_FOLLOW_CHANGED: { conversationId: string; rootId: string; following: boolean };
  DRAFT_CHANGED: {
    conversationId: string;
    threadRootId: string | null;
    /** Null when it is cleared. Never its text: what is cleared is gone. */
    draftId: string | null;
  };
  SCHEDULED_MESSAGE_CHANGED: {
    scheduledId: string;
    conversationId: string;
    /** When it is to be sent; null when it is not to be sent any more. */
    dueAt: Date | null;
  };
  MEMBER_JOINED: { conversation: ConversationRecord; membership: MembershipRecord };
  MEMBER_LEFT: {
    conversationId: string;
    user: UserRecord;
    reason: LeaveReason;
    /** Who removed or banned the person; null in what the person is told, and where they went by themselves. */
    actor: UserRecord | null;
  };
  MEMBERSHIP_CHANGED: { membership: MembershipRecord };
  ROOM_CREATED: { room: RoomRecord };
  ROOM_UPDATED: { room: RoomRecord };
  /** A public room became private. From here on replays show what everyone was told of it to its members alone. */
  ROOM_HIDDEN: { roomId: string };
  INVITE_RECEIVED: { invite: InviteRecord };
  INVITE_ENDED: { inviteId: string; roomId: string };
  SESSION_ENDED: { sessionId: string };
  FOLLOWED: { follower: UserRecord; followed: UserRecord };
  UNFOLLOWED: { follower: UserRecord; followed: UserRecord };
  PERSON_MUTED: { person: UserRecord };
  PERSON_UNMUTED: { person: UserRecord };
  PERSON_BLOCKED: { person: UserRecord };
  PERSON_UNBLOCKED: { person: UserRecord };
  POST_PUBLISHED: { post: PostRecord };
  POST_DELETED: { postId: string; author: UserRecord };
  USER_CHANGED: { user: UserRecord };
  NOTIFICATIONS_CHANGED: { conversationId: string; settings: NotificationRecord };
  USER_DELETED: { user: UserRecord };
  REPORT_CHANGED: { reportId: string; status: "OPEN" | "RESOLVED" };
}

export type EventTypeName = keyof EventPayloads;

export const EVENT_TYPES = [
  "MESSAGE_SENT",
  "MESSAGE_EDITED",
  "MESSAGE_DELETED",
  "MESSAGE_PINNED",
  "MESSAGE_UNPINNED",
  "REACTION_ADDED",
  "REACTION_REMOVED",
  "THREAD_FOLLOW_CHANGED",
  "DRAFT_CHANGED",
  "SCHEDULED_MESSAGE_CHANGED",
  "MEMBER_JOINED",
  "MEMBER_LEFT",
  "MEMBERSHIP_CHANGED",
  "ROOM_CREATED",
  "ROOM_UPDATED",
  "ROOM_HIDDEN",
  "INVITE_RECEIVED",
  "INVITE_ENDED",
  "SESSION_ENDED",
  "FOLLOWED",
  "UNFOLLOWED",
  "PERSON_MUTED",
  "PERSON_UNMUTED",
  "PERSON_BLOCKED",
  "PERSON_UNBLOCKED",
  "POST_PUBLISHED",
  "POST_DELETED",
  "USER_CHANGED",
  "NOTIFICATIONS_CHANGED",
  "USER_DELETED",
  "REPORT_CHANGED",
] as const satisfies readonly EventTypeName[];

/** A person and a topic that the person gains or loses. */
export type TopicChange = readonly [userId: string, topic: string];

/** Who gains or loses a topic from this event on, the event included. */
export interface AuthorityChange {
  grant?: readonly TopicChange[];
  revoke?: readonly TopicChange[];
}

/** Where an event stands in the log, and since when. */
export interface Place {
  position: Position;
  at: Date;
}

/**
 * A payload before COMMIT: a message is only named, because what it says then is not decided yet. So is
 * a post, whose text lives in its own row alone.
 */
export type NewPayload<T extends EventTypeName> = EventPayloads[T] extends {
  message: MessageRecord;
}
  ? Omit<EventPayloads[T], "message"> & { messageId: string }
  : EventPayloads[T] extends { post: PostRecord }
    ? Omit<EventPayloads[T], "post"> & { postId: string }
    : EventPayloads[T];

interface EventParts<T extends EventTypeName, Payload> {
  type: T;
  /**
   * A conversation's id (its members see it), a person's id (only they), the topic of a person's feed
   * (they and who follows them), or NIL_UUID (everyone).
   */
  topic: string;
  payload: Payload;
  authority?: AuthorityChange;
}

/** An event before it has a place in the log. */
export type NewEvent = { [T in EventTypeName]: EventParts<T, NewPayload<T>> }[EventTypeName];

/** An event that has its place, without the message that it names. */
export type PlacedEvent = NewEvent & Place;

/** An event with all that is needed to show it. */
export type LogEvent = { [T in EventTypeName]: EventParts<T, EventPayloads[T]> }[EventTypeName] &
  Place;

/** The events that a stream makes by itself; they have no place of their own in the log. */
export type ControlEvent =
  | { type: "READY"; position: Position; at: Date }
  | { type: "HEARTBEAT"; position: Position; at: Date }
  | { type: "EVENT_GAP"; position: Position; at: Date; reason: GapReason };

export type GapReason = "TOO_LONG" | "EXPIRED" | "UNKNOWN_CURSOR";

export type StreamEvent = LogEvent | ControlEvent;

export function isControl(event: StreamEvent): event is ControlEvent {
  return event.type === "READY" || event.type === "HEARTBEAT" || event.type === "EVENT_GAP";
}

/** The conversation that an event is about, whoever may see it; null where there is none. */
export function conversationOf(event: LogEvent): string | null {
  switch (event.type) {
    case "MESSAGE_SENT":
    case "MESSAGE_EDITED":
    case "MESSAGE_DELETED":
    case "MESSAGE_PINNED":
    case "MESSAGE_UNPINNED":
    case "REACTION_ADDED":
    case "REACTION_REMOVED":
      return event.topic;
    case "MEMBER_JOINED":
    case "MEMBERSHIP_CHANGED":
      return event.payload.membership.conversationId;
    case "MEMBER_LEFT":
    case "NOTIFICATIONS_CHANGED":
    case "THREAD_FOLLOW_CHANGED":
    case "DRAFT_CHANGED":
    case "SCHEDULED_MESSAGE_CHANGED":
      return event.payload.conversationId;
    case "ROOM_CREATED":
    case "ROOM_UPDATED":
      return event.payload.room.id;
    case "ROOM_HIDDEN":
    case "INVITE_ENDED":
      return event.payload.roomId;
    case "INVITE_RECEIVED":
      return event.payload.invite.room.id;
    case "SESSION_ENDED":
    case "USER_DELETED":
    case "REPORT_CHANGED":
    case "FOLLOWED":
    case "UNFOLLOWED":
    case "PERSON_MUTED":
    case "PERSON_UNMUTED":
    case "PERSON_BLOCKED":
    case "PERSON_UNBLOCKED":
    case "POST_PUBLISHED":
    case "POST_DELETED":
    case "USER_CHANGED":
      return null;
  }
}

/**
 * Whether someone who has the event's topic should get it. Leaving is logged twice, for the person
 * and for the remaining members: someone who came back has both topics and needs only their own.
 */
export function isRelevantTo(event: LogEvent, userId: string): boolean {
  return event.type !== "MEMBER_LEFT" || event.topic === userId || event.payload.user.id !== userId;
}
