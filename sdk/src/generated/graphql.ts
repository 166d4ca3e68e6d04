/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocument } from "../typed-document.ts";
/** The message and the emoji: `{ messageId: "TWVzc2FnZTo…", emoji: "🎉" }`. */
export type AddReactionInput = {
  /** Exactly one emoji. */
  emoji: string;
  /** Global id of the message. */
  messageId: string;
};

/** Your current and your new password. */
export type ChangePasswordInput = {
  /** Your current password. */
  currentPassword: string;
  /** 8 to 256 characters of any kind. */
  newPassword: string;
};

/** The kind of a conversation. */
export type ConversationKind =
  /** A conversation between a fixed set of users. */
  | 'DIRECT'
  /** A named room that users join. */
  | 'ROOM';

/** A new room: `{ name: "Tea & Cake" }`. */
export type CreateRoomInput = {
  /** 1 to 80 characters. */
  name: string;
  /** The slug: letters and digits with single dashes between them. Derived from the name by default. */
  slug?: string | null | undefined;
  /** The topic, at most 300 characters. */
  topic?: string | null | undefined;
  /** The users who may find and read it. */
  visibility?: Visibility | null | undefined;
};

/** The message to delete. */
export type DeleteMessageInput = {
  /** Global id of the message. */
  messageId: string;
};

/** Delivery of a conversation's messages to this device. */
export type DeliveredMarkInput = {
  /** Global id of one of your conversations. */
  conversationId: string;
  /** The `seq` of the last message received. */
  seq: number;
};

/** The message and its new text: `{ messageId: "TWVzc2FnZTo…", body: "better said" }`. */
export type EditMessageInput = {
  /** The new text, at most `server.limits.messageLength` characters. */
  body: string;
  /** Global id of one of your messages. */
  messageId: string;
};

/** The types of events by which a stream can be filtered. */
export type EventType =
  /** Events of the type `DraftChanged`. */
  | 'DRAFT_CHANGED'
  /** Events of the type `Followed`. */
  | 'FOLLOWED'
  /** Events of the type `InviteEnded`. */
  | 'INVITE_ENDED'
  /** Events of the type `InviteReceived`. */
  | 'INVITE_RECEIVED'
  /** Events of the type `MembershipChanged`. */
  | 'MEMBERSHIP_CHANGED'
  /** Events of the type `MemberJoined`. */
  | 'MEMBER_JOINED'
  /** Events of the type `MemberLeft`. */
  | 'MEMBER_LEFT'
  /** Events of the type `MessageDeleted`. */
  | 'MESSAGE_DELETED'
  /** Events of the type `MessageEdited`. */
  | 'MESSAGE_EDITED'
  /** Events of the type `MessagePinned`. */
  | 'MESSAGE_PINNED'
  /** Events of the type `MessageSent`. */
  | 'MESSAGE_SENT'
  /** Events of the type `MessageUnpinned`. */
  | 'MESSAGE_UNPINNED'
  /** Events of the type `NotificationsChanged`. */
  | 'NOTIFICATIONS_CHANGED'
  /** Events of the type `PersonBlocked`. */
  | 'PERSON_BLOCKED'
  /** Events of the type `PersonMuted`. */
  | 'PERSON_MUTED'
  /** Events of the type `PersonUnblocked`. */
  | 'PERSON_UNBLOCKED'
  /** Events of the type `PersonUnmuted`. */
  | 'PERSON_UNMUTED'
  /** Events of the type `PostDeleted`. */
  | 'POST_DELETED'
  /** Events of the type `PostPublished`. */
  | 'POST_PUBLISHED'
  /** Events of the type `ReactionAdded`. */
  | 'REACTION_ADDED'
  /** Events of the type `ReactionRemoved`. */
  | 'REACTION_REMOVED'
  /** Events of the type `ReportChanged`. */
  | 'REPORT_CHANGED'
  /** Events of the type `RoomCreated`. */
  | 'ROOM_CREATED'
  /** Events of the type `RoomHidden`. */
  | 'ROOM_HIDDEN'
  /** Events of the type `RoomUpdated`. */
  | 'ROOM_UPDATED'
  /** Events of the type `ScheduledMessageChanged`. */
  | 'SCHEDULED_MESSAGE_CHANGED'
  /** Events of the type `SessionEnded`. */
  | 'SESSION_ENDED'
  /** Events of the type `ThreadFollowChanged`. */
  | 'THREAD_FOLLOW_CHANGED'
  /** Events of the type `Unfollowed`. */
  | 'UNFOLLOWED'
  /** Events of the type `UserChanged`. */
  | 'USER_CHANGED'
  /** Events of the type `UserDeleted`. */
  | 'USER_DELETED';

/** Why a stream could not resume at the client's cursor. */
export type GapReason =
  /** The missed events are no longer stored. */
  | 'EXPIRED'
  /** Too many events were missed. */
  | 'TOO_LONG'
  /** The cursor is ahead of this server's log. */
  | 'UNKNOWN_CURSOR';

/** The room to join. */
export type JoinRoomInput = {
  /** Global id of a public room. */
  roomId: string;
};

/** Why a user left a conversation. */
export type LeaveReason =
  /** A moderator banned the user. */
  | 'BANNED'
  /** The user left. */
  | 'LEFT'
  /** A moderator removed the user. */
  | 'REMOVED';

/** The room to leave. */
export type LeaveRoomInput = {
  /** Global id of a room of which you are a member. */
  roomId: string;
};

/** Username and password: `{ username: "ada", password: "correct horse" }`. */
export type LogInInput = {
  /** Name of this log-in in the list of sessions. Defaults to the User-Agent. */
  device?: string | null | undefined;
  /** The password. */
  password: string;
  /** Case-insensitive: `Ada` and `ada` are the same. */
  username: string;
};

/** The messages that have reached this device: `{ marks: [{ conversationId: "Q29udmV…", seq: 12 }] }`. */
export type MarkDeliveredInput = {
  /** 1 to 100 conversations. Prefer one request for several conversations. */
  marks: Array<DeliveredMarkInput>;
};

/** Your read position. */
export type MarkReadInput = {
  /** Global id of one of your conversations. */
  conversationId: string;
  /** The `seq` of the last message that you have read. */
  seq: number;
};

/** The messages to mark as unread. */
export type MarkUnreadInput = {
  /** Global id of one of your conversations. */
  conversationId: string;
  /** The `seq` of the first message to mark as unread. */
  seq: number;
};

/** The target of a mention. */
export type MentionKind =
  /** All members who are online, by `@here`. */
  | 'HERE'
  /** All members, by `@room`. */
  | 'ROOM'
  /** One user, by `@username`. */
  | 'USER';

/** The kind of a message. */
export type MessageKind =
  /** Reports a change in `system` and has no text. It does not count as unread, and users cannot edit, delete or pin it. */
  | 'SYSTEM'
  /** A message written by a user. */
  | 'TEXT';

/** Which messages of a conversation notify a user. */
export type NotificationLevel =
  /** Every message. */
  | 'ALL'
  /** Only messages that mention the user or all members. */
  | 'MENTIONS'
  /** No message. */
  | 'NOTHING';

/** The message to pin. */
export type PinMessageInput = {
  /** Global id of the message. */
  messageId: string;
};

/** The reaction to remove. */
export type RemoveReactionInput = {
  /** Exactly one emoji. */
  emoji: string;
  /** Global id of the message. */
  messageId: string;
};

/** The status of a report. */
export type ReportStatus =
  /** Not resolved yet. */
  | 'OPEN'
  /** Resolved. */
  | 'RESOLVED';

/** The session to end. */
export type RevokeSessionInput = {
  /** Global id of one of your sessions. */
  sessionId: string;
};

/** The role of a member. */
export type Role =
  /** Reads and writes messages. */
  | 'MEMBER'
  /** Moderates: invites, removes, bans and mutes members, and deletes messages. */
  | 'MODERATOR'
  /** Full control. A room with members has exactly one owner. */
  | 'OWNER';

/** The order of a list of rooms. */
export type RoomSort =
  /** Newest activity first. */
  | 'ACTIVITY'
  /** Most members first. */
  | 'MEMBERS'
  /** By name, from A to Z. */
  | 'NAME';

/** The state of a scheduled message. */
export type ScheduledMessageState =
  /** It could not be sent. Edit or cancel it. */
  | 'FAILED'
  /** Waiting for its time, or being sent. */
  | 'SCHEDULED';

/** The message to send and its conversation. */
export type SendMessageInput = {
  /** Ids of your complete and unused uploads, at most 10. With files, the text may be empty. */
  attachmentIds?: Array<string> | null | undefined;
  /** The text, at most `server.limits.messageLength` characters. */
  body: string;
  /** A UUID that you generate, new for each message. After a failure, send again with the same UUID: the message is stored once, where it was sent first. */
  clientId?: string | null | undefined;
  /** Global id of a conversation of which you are a member. */
  conversationId: string;
  /** Global id of the message to reply to, in the same conversation. */
  replyToId?: string | null | undefined;
  /** Global id of the root message of a thread in the same conversation. The root must not be in a thread itself. */
  threadRootId?: string | null | undefined;
};

/** The policy for a second log-in of the same user. */
export type SessionPolicy =
  /** Allowed: any number of sessions. */
  | 'MULTIPLE'
  /** Rejected while the first session is alive. */
  | 'REJECT'
  /** Ends the first session. */
  | 'REPLACE';

/** The conversation and its new settings: `{ conversationId: "Q29udmV…", level: MENTIONS }`. */
export type SetNotificationsInput = {
  /** Global id of one of your conversations. */
  conversationId: string;
  /** Which messages notify you. */
  level: NotificationLevel;
  /** Notifications are off until this time, regardless of the level. Omitted, null or in the past: not muted. */
  mutedUntil?: string | null | undefined;
};

/** The new user: `{ username: "ada", password: "correct horse" }`. */
export type SignUpInput = {
  /** Name of this log-in in the list of sessions. Defaults to the User-Agent. */
  device?: string | null | undefined;
  /** The name that others see, at most 64 characters. Defaults to the username. */
  displayName?: string | null | undefined;
  /** 8 to 256 characters of any kind. */
  password: string;
  /** 1 to 32 characters: letters a to z and digits, with . _ - between them. */
  username: string;
};

/** The content of a `SYSTEM` message. Its author is the user who made the change. */
export type SystemNoteType =
  /** The author banned the target; `value` is the end of the ban, null for a permanent ban. */
  | 'MEMBER_BANNED'
  /** The author joined. */
  | 'MEMBER_JOINED'
  /** The author left. */
  | 'MEMBER_LEFT'
  /** The author removed the target from the room. */
  | 'MEMBER_REMOVED'
  /** The author renamed the room to `value`. */
  | 'NAME_CHANGED'
  /** A type that this version of the server does not know, written by a newer one. */
  | 'OTHER'
  /** The author transferred the room to the target. */
  | 'OWNERSHIP_TRANSFERRED'
  /** The author changed the room's picture. */
  | 'PICTURE_CHANGED'
  /** The author gave the target the role `value`. */
  | 'ROLE_CHANGED'
  /** The author archived the room. */
  | 'ROOM_ARCHIVED'
  /** The author unarchived the room. */
  | 'ROOM_UNARCHIVED'
  /** The author set slow mode to `value` seconds between two messages. */
  | 'SLOW_MODE_CHANGED'
  /** The author set the topic to `value`; null for none. */
  | 'TOPIC_CHANGED'
  /** The author made the room `PUBLIC` or `PRIVATE`: `value`. */
  | 'VISIBILITY_CHANGED';

/** The message to unpin. */
export type UnpinMessageInput = {
  /** Global id of the message. */
  messageId: string;
};

/** The users who may find and read a conversation. */
export type Visibility =
  /** Members only. */
  | 'PRIVATE'
  /** All signed-in users, who may also join. */
  | 'PUBLIC';

type ErrorFields_ArchivedError_Fragment = { __typename: 'ArchivedError', code: string, message: string };

type ErrorFields_BannedError_Fragment = { __typename: 'BannedError', until: string | null, code: string, message: string };

type ErrorFields_BlockedError_Fragment = { __typename: 'BlockedError', code: string, message: string };

type ErrorFields_DeletedError_Fragment = { __typename: 'DeletedError', code: string, message: string };

type ErrorFields_FileTooLargeError_Fragment = { __typename: 'FileTooLargeError', maxBytes: number, code: string, message: string };

type ErrorFields_InvalidCredentialsError_Fragment = { __typename: 'InvalidCredentialsError', code: string, message: string };

type ErrorFields_InvalidInputError_Fragment = { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> };

type ErrorFields_InviteEndedError_Fragment = { __typename: 'InviteEndedError', code: string, message: string };

type ErrorFields_LastAdministratorError_Fragment = { __typename: 'LastAdministratorError', code: string, message: string };

type ErrorFields_LimitReachedError_Fragment = { __typename: 'LimitReachedError', code: string, message: string };

type ErrorFields_MutedError_Fragment = { __typename: 'MutedError', retryAfterMs: number, code: string, message: string };

type ErrorFields_NotAMemberError_Fragment = { __typename: 'NotAMemberError', code: string, message: string };

type ErrorFields_NotAllowedError_Fragment = { __typename: 'NotAllowedError', code: string, message: string };

type ErrorFields_NotAuthenticatedError_Fragment = { __typename: 'NotAuthenticatedError', code: string, message: string };

type ErrorFields_NotFoundError_Fragment = { __typename: 'NotFoundError', code: string, message: string };

type ErrorFields_OverloadedError_Fragment = { __typename: 'OverloadedError', retryAfterMs: number, code: string, message: string };

type ErrorFields_OwnerCannotLeaveError_Fragment = { __typename: 'OwnerCannotLeaveError', code: string, message: string };

type ErrorFields_RateLimitedError_Fragment = { __typename: 'RateLimitedError', retryAfterMs: number, code: string, message: string };

type ErrorFields_SessionActiveError_Fragment = { __typename: 'SessionActiveError', retryAfterMs: number, code: string, message: string };

type ErrorFields_SlowModeError_Fragment = { __typename: 'SlowModeError', retryAfterMs: number, code: string, message: string };

type ErrorFields_SlugTakenError_Fragment = { __typename: 'SlugTakenError', code: string, message: string };

type ErrorFields_StaleDraftError_Fragment = { __typename: 'StaleDraftError', code: string, message: string };

type ErrorFields_SuspendedError_Fragment = { __typename: 'SuspendedError', reason: string, until: string | null, code: string, message: string };

type ErrorFields_UsernameTakenError_Fragment = { __typename: 'UsernameTakenError', code: string, message: string };

export type ErrorFieldsFragment =
  | ErrorFields_ArchivedError_Fragment
  | ErrorFields_BannedError_Fragment
  | ErrorFields_BlockedError_Fragment
  | ErrorFields_DeletedError_Fragment
  | ErrorFields_FileTooLargeError_Fragment
  | ErrorFields_InvalidCredentialsError_Fragment
  | ErrorFields_InvalidInputError_Fragment
  | ErrorFields_InviteEndedError_Fragment
  | ErrorFields_LastAdministratorError_Fragment
  | ErrorFields_LimitReachedError_Fragment
  | ErrorFields_MutedError_Fragment
  | ErrorFields_NotAMemberError_Fragment
  | ErrorFields_NotAllowedError_Fragment
  | ErrorFields_NotAuthenticatedError_Fragment
  | ErrorFields_NotFoundError_Fragment
  | ErrorFields_OverloadedError_Fragment
  | ErrorFields_OwnerCannotLeaveError_Fragment
  | ErrorFields_RateLimitedError_Fragment
  | ErrorFields_SessionActiveError_Fragment
  | ErrorFields_SlowModeError_Fragment
  | ErrorFields_SlugTakenError_Fragment
  | ErrorFields_StaleDraftError_Fragment
  | ErrorFields_SuspendedError_Fragment
  | ErrorFields_UsernameTakenError_Fragment
;

export type SignUpMutationVariables = Exact<{
  input: SignUpInput;
}>;


export type SignUpMutation = { signUp:
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'OverloadedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: string, message: string }
    | { token: string, cursor: string, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null }, session: { id: string, device: string, address: string, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean } }
    | { __typename: 'UsernameTakenError', code: string, message: string }
   };

export type LogInMutationVariables = Exact<{
  input: LogInInput;
}>;


export type LogInMutation = { logIn:
    | { __typename: 'InvalidCredentialsError', code: string, message: string }
    | { token: string, cursor: string, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null }, session: { id: string, device: string, address: string, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean } }
    | { __typename: 'OverloadedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'SessionActiveError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'SuspendedError', reason: string, until: string | null, code: string, message: string }
   };

export type LogOutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogOutMutation = { logOut:
    | { loggedOut: boolean }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
   };

export type RevokeSessionMutationVariables = Exact<{
  input: RevokeSessionInput;
}>;


export type RevokeSessionMutation = { revokeSession:
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { session: { id: string, device: string, address: string, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean } }
   };

export type ChangePasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type ChangePasswordMutation = { changePassword:
    | { token: string, revokedSessions: number, session: { id: string, device: string, address: string, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean } }
    | { __typename: 'InvalidCredentialsError', code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'OverloadedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: string, message: string }
   };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { cursor: string, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null }, session: { id: string, device: string, address: string, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean }, unread: { messages: number, mentions: number, conversations: number, badge: number } } | null };

export type ServerQueryVariables = Exact<{ [key: string]: never; }>;


export type ServerQuery = { server: { name: string, version: string, sessionPolicy: SessionPolicy, limits: { messageLength: number, pageSize: number, passwordMinLength: number, passwordMaxLength: number, usernameMaxLength: number, roomNameLength: number }, lobby: { id: string, kind: ConversationKind, slug: string, name: string, topic: string | null, visibility: Visibility, archivedAt: string | null, slowModeSeconds: number, memberCount: number, lastSeq: number, lastActivityAt: string, countedMessages: number, createdAt: string } | null } };

export type RoomsQueryVariables = Exact<{
  search?: string | null | undefined;
  sort?: RoomSort | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type RoomsQuery = { rooms: { edges: Array<{ node: { id: string, kind: ConversationKind, slug: string, name: string, topic: string | null, visibility: Visibility, archivedAt: string | null, slowModeSeconds: number, memberCount: number, lastSeq: number, lastActivityAt: string, countedMessages: number, createdAt: string } }>, pageInfo: { startCursor: string | null, endCursor: string | null, hasNextPage: boolean, hasPreviousPage: boolean } } };

export type RoomQueryVariables = Exact<{
  slug: string;
}>;


export type RoomQuery = { room: { id: string, kind: ConversationKind, slug: string, name: string, topic: string | null, visibility: Visibility, archivedAt: string | null, slowModeSeconds: number, memberCount: number, lastSeq: number, lastActivityAt: string, countedMessages: number, createdAt: string } | null };

export type CreateRoomMutationVariables = Exact<{
  input: CreateRoomInput;
}>;


export type CreateRoomMutation = { createRoom:
    | { cursor: string, room: { id: string, kind: ConversationKind, slug: string, name: string, topic: string | null, visibility: Visibility, archivedAt: string | null, slowModeSeconds: number, memberCount: number, lastSeq: number, lastActivityAt: string, countedMessages: number, createdAt: string } }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'SlugTakenError', code: string, message: string }
   };

export type JoinRoomMutationVariables = Exact<{
  input: JoinRoomInput;
}>;


export type JoinRoomMutation = { joinRoom:
    | { __typename: 'ArchivedError', code: string, message: string }
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { cursor: string, room: { id: string, kind: ConversationKind, slug: string, name: string, topic: string | null, visibility: Visibility, archivedAt: string | null, slowModeSeconds: number, memberCount: number, lastSeq: number, lastActivityAt: string, countedMessages: number, createdAt: string }, membership: { id: string, role: Role, joinedAt: string, lastReadSeq: number, mutedUntil: string | null, lastDeliveredSeq: number, markRevision: number, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } } }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
   };

export type LeaveRoomMutationVariables = Exact<{
  input: LeaveRoomInput;
}>;


export type LeaveRoomMutation = { leaveRoom:
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { cursor: string, room: { id: string, kind: ConversationKind, slug: string, name: string, topic: string | null, visibility: Visibility, archivedAt: string | null, slowModeSeconds: number, memberCount: number, lastSeq: number, lastActivityAt: string, countedMessages: number, createdAt: string } }
    | { __typename: 'NotAMemberError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { __typename: 'OwnerCannotLeaveError', code: string, message: string }
   };

export type MessagesQueryVariables = Exact<{
  conversationId: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  around?: string | null | undefined;
}>;


export type MessagesQuery = { node:
    | { __typename: 'Attachment' }
    | { __typename: 'AuditEntry' }
    | { __typename: 'Ban' }
    | { __typename: 'DirectConversation', messages: { edges: Array<{ node: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }>, pageInfo: { startCursor: string | null, endCursor: string | null, hasNextPage: boolean, hasPreviousPage: boolean } } }
    | { __typename: 'Invite' }
    | { __typename: 'InviteLink' }
    | { __typename: 'Membership' }
    | { __typename: 'Message' }
    | { __typename: 'Post' }
    | { __typename: 'Report' }
    | { __typename: 'Room', messages: { edges: Array<{ node: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }>, pageInfo: { startCursor: string | null, endCursor: string | null, hasNextPage: boolean, hasPreviousPage: boolean } } }
    | { __typename: 'ScheduledMessage' }
    | { __typename: 'Session' }
    | { __typename: 'User' }
   | null };

export type SendMessageMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type SendMessageMutation = { sendMessage:
    | { __typename: 'ArchivedError', code: string, message: string }
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'BlockedError', code: string, message: string }
    | { __typename: 'DeletedError', code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'MutedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'NotAMemberError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { __typename: 'OverloadedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: string, message: string }
    | { cursor: string, sentMessage: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
    | { __typename: 'SlowModeError', retryAfterMs: number, code: string, message: string }
   };

export type MarkReadMutationVariables = Exact<{
  input: MarkReadInput;
}>;


export type MarkReadMutation = { markRead:
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { unreadCount: number, membership: { id: string, role: Role, joinedAt: string, lastReadSeq: number, mutedUntil: string | null, lastDeliveredSeq: number, markRevision: number, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }, mark: { conversationId: string, lastReadSeq: number, lastDeliveredSeq: number, readCount: number, unreadCount: number, unreadMentionCount: number, revision: number, lastSeq: number, countedMessages: number } }
    | { __typename: 'NotAMemberError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { __typename: 'OverloadedError', retryAfterMs: number, code: string, message: string }
   };

export type MarkUnreadMutationVariables = Exact<{
  input: MarkUnreadInput;
}>;


export type MarkUnreadMutation = { markUnread:
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { mark: { conversationId: string, lastReadSeq: number, lastDeliveredSeq: number, readCount: number, unreadCount: number, unreadMentionCount: number, revision: number, lastSeq: number, countedMessages: number } }
    | { __typename: 'NotAMemberError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
   };

export type MarkDeliveredMutationVariables = Exact<{
  input: MarkDeliveredInput;
}>;


export type MarkDeliveredMutation = { markDelivered:
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { marks: Array<{ conversationId: string, lastReadSeq: number, lastDeliveredSeq: number, readCount: number, unreadCount: number, unreadMentionCount: number, revision: number, lastSeq: number, countedMessages: number }> }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'OverloadedError', retryAfterMs: number, code: string, message: string }
   };

export type SetNotificationsMutationVariables = Exact<{
  input: SetNotificationsInput;
}>;


export type SetNotificationsMutation = { setNotifications:
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'NotAMemberError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { conversationId: string, cursor: string, notifications: { level: NotificationLevel, mutedUntil: string | null } }
   };

export type EventsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  conversationIds?: Array<string> | string | null | undefined;
  types?: Array<EventType> | EventType | null | undefined;
}>;


export type EventsSubscription = { events:
    | { __typename: 'DraftChanged', conversationId: string, threadRootId: string | null, cursor: string, at: string, draft: { conversationId: string, threadRootId: string | null, replyToId: string | null, body: string, updatedAt: string, version: string } | null }
    | { __typename: 'EventGap', reason: GapReason, cursor: string, at: string }
    | { __typename: 'Followed', cursor: string, at: string, follower: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null }, followed: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'Heartbeat', cursor: string, at: string }
    | { __typename: 'InviteEnded', conversationId: string, inviteId: string, cursor: string, at: string }
    | { __typename: 'InviteReceived', conversationId: string, cursor: string, at: string, invite: { id: string, createdAt: string, room: { id: string, name: string, topic: string | null, visibility: Visibility, memberCount: number }, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null }, inviter: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } } }
    | { __typename: 'MemberJoined', conversationId: string, cursor: string, at: string, membership: { id: string, role: Role, joinedAt: string, lastReadSeq: number, mutedUntil: string | null, lastDeliveredSeq: number, markRevision: number, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } } }
    | { __typename: 'MemberLeft', conversationId: string, leaveReason: LeaveReason, cursor: string, at: string, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null }, actor: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } | null }
    | { __typename: 'MembershipChanged', conversationId: string, cursor: string, at: string, membership: { id: string, role: Role, joinedAt: string, lastReadSeq: number, mutedUntil: string | null, lastDeliveredSeq: number, markRevision: number, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } } }
    | { __typename: 'MessageDeleted', conversationId: string, lastSeq: number, countedMessages: number, cursor: string, at: string, message: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
    | { __typename: 'MessageEdited', conversationId: string, cursor: string, at: string, message: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
    | { __typename: 'MessagePinned', conversationId: string, cursor: string, at: string, message: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> }, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'MessageSent', conversationId: string, cursor: string, at: string, message: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
    | { __typename: 'MessageUnpinned', conversationId: string, cursor: string, at: string, message: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> }, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'NotificationsChanged', conversationId: string, cursor: string, at: string, notifications: { level: NotificationLevel, mutedUntil: string | null } }
    | { __typename: 'PersonBlocked', cursor: string, at: string, person: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'PersonMuted', cursor: string, at: string, person: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'PersonUnblocked', cursor: string, at: string, person: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'PersonUnmuted', cursor: string, at: string, person: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'PostDeleted', postId: string, cursor: string, at: string, author: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'PostPublished', cursor: string, at: string, post: { id: string, body: string, clientId: string, createdAt: string, author: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } } }
    | { __typename: 'ReactionAdded', conversationId: string, emoji: string, cursor: string, at: string, message: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> }, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'ReactionRemoved', conversationId: string, emoji: string, cursor: string, at: string, message: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> }, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'Ready', cursor: string, at: string }
    | { __typename: 'ReportChanged', reportId: string, status: ReportStatus, cursor: string, at: string }
    | { __typename: 'RoomCreated', conversationId: string, cursor: string, at: string, room: { id: string, kind: ConversationKind, slug: string, name: string, topic: string | null, visibility: Visibility, archivedAt: string | null, slowModeSeconds: number, memberCount: number, lastSeq: number, lastActivityAt: string, countedMessages: number, createdAt: string } }
    | { __typename: 'RoomHidden', conversationId: string, cursor: string, at: string }
    | { __typename: 'RoomUpdated', conversationId: string, cursor: string, at: string, room: { id: string, kind: ConversationKind, slug: string, name: string, topic: string | null, visibility: Visibility, archivedAt: string | null, slowModeSeconds: number, memberCount: number, lastSeq: number, lastActivityAt: string, countedMessages: number, createdAt: string } }
    | { __typename: 'ScheduledMessageChanged', conversationId: string, scheduledMessageId: string, cursor: string, at: string, scheduledMessage: { id: string, conversationId: string, threadRootId: string | null, replyToId: string | null, body: string, sendAt: string, clientId: string, state: ScheduledMessageState, failureCode: string | null, createdAt: string } | null }
    | { __typename: 'SessionEnded', sessionId: string, cursor: string, at: string }
    | { __typename: 'ThreadFollowChanged', conversationId: string, rootId: string, following: boolean, cursor: string, at: string }
    | { __typename: 'Unfollowed', cursor: string, at: string, follower: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null }, followed: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'UserChanged', cursor: string, at: string, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
    | { __typename: 'UserDeleted', cursor: string, at: string, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } }
   };

export type UserFieldsFragment = { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null };

export type AttachmentFieldsFragment = { id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null };

export type SessionFieldsFragment = { id: string, device: string, address: string, createdAt: string, lastUsedAt: string, expiresAt: string, current: boolean };

export type RoomFieldsFragment = { id: string, kind: ConversationKind, slug: string, name: string, topic: string | null, visibility: Visibility, archivedAt: string | null, slowModeSeconds: number, memberCount: number, lastSeq: number, lastActivityAt: string, countedMessages: number, createdAt: string };

export type InviteFieldsFragment = { id: string, createdAt: string, room: { id: string, name: string, topic: string | null, visibility: Visibility, memberCount: number }, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null }, inviter: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } };

export type MembershipFieldsFragment = { id: string, role: Role, joinedAt: string, lastReadSeq: number, mutedUntil: string | null, lastDeliveredSeq: number, markRevision: number, user: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } };

export type NotificationFieldsFragment = { level: NotificationLevel, mutedUntil: string | null };

export type OwnMarkFieldsFragment = { conversationId: string, lastReadSeq: number, lastDeliveredSeq: number, readCount: number, unreadCount: number, unreadMentionCount: number, revision: number, lastSeq: number, countedMessages: number };

export type MessageFieldsFragment = { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> };

export type ThreadFieldsFragment = { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> };

export type MentionFieldsFragment = { kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null };

export type DraftFieldsFragment = { conversationId: string, threadRootId: string | null, replyToId: string | null, body: string, updatedAt: string, version: string };

export type ScheduledMessageFieldsFragment = { id: string, conversationId: string, threadRootId: string | null, replyToId: string | null, body: string, sendAt: string, clientId: string, state: ScheduledMessageState, failureCode: string | null, createdAt: string };

export type ReactionFieldsFragment = { emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> };

export type PostFieldsFragment = { id: string, body: string, clientId: string, createdAt: string, author: { id: string, username: string, displayName: string, createdAt: string, statusText: string | null, changedAt: string | null, avatar: { id: string, url: string, thumbnailUrl: string } | null } };

export type PageInfoFieldsFragment = { startCursor: string | null, endCursor: string | null, hasNextPage: boolean, hasPreviousPage: boolean };

export type OwnMarksSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type OwnMarksSubscription = { ownMarks: { conversationId: string, lastReadSeq: number, lastDeliveredSeq: number, readCount: number, unreadCount: number, unreadMentionCount: number, revision: number, lastSeq: number, countedMessages: number } };

export type EditMessageMutationVariables = Exact<{
  input: EditMessageInput;
}>;


export type EditMessageMutation = { editMessage:
    | { __typename: 'ArchivedError', code: string, message: string }
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'DeletedError', code: string, message: string }
    | { cursor: string, editedMessage: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'MutedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'NotAllowedError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
   };

export type DeleteMessageMutationVariables = Exact<{
  input: DeleteMessageInput;
}>;


export type DeleteMessageMutation = { deleteMessage:
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { cursor: string, deletedMessage: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'NotAllowedError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
   };

export type AddReactionMutationVariables = Exact<{
  input: AddReactionInput;
}>;


export type AddReactionMutation = { addReaction:
    | { cursor: string, reactedMessage: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
    | { __typename: 'ArchivedError', code: string, message: string }
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'DeletedError', code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'LimitReachedError', code: string, message: string }
    | { __typename: 'MutedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'NotAMemberError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: string, message: string }
   };

export type RemoveReactionMutationVariables = Exact<{
  input: RemoveReactionInput;
}>;


export type RemoveReactionMutation = { removeReaction:
    | { __typename: 'ArchivedError', code: string, message: string }
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'DeletedError', code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'NotAMemberError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: string, message: string }
    | { cursor: string, reactedMessage: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
   };

export type PinMessageMutationVariables = Exact<{
  input: PinMessageInput;
}>;


export type PinMessageMutation = { pinMessage:
    | { __typename: 'ArchivedError', code: string, message: string }
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'DeletedError', code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'LimitReachedError', code: string, message: string }
    | { __typename: 'MutedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'NotAllowedError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { cursor: string, pinnedMessage: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
   };

export type UnpinMessageMutationVariables = Exact<{
  input: UnpinMessageInput;
}>;


export type UnpinMessageMutation = { unpinMessage:
    | { __typename: 'ArchivedError', code: string, message: string }
    | { __typename: 'BannedError', until: string | null, code: string, message: string }
    | { __typename: 'DeletedError', code: string, message: string }
    | { __typename: 'InvalidInputError', code: string, message: string, fields: Array<{ code: string, field: string, message: string }> }
    | { __typename: 'MutedError', retryAfterMs: number, code: string, message: string }
    | { __typename: 'NotAllowedError', code: string, message: string }
    | { __typename: 'NotAuthenticatedError', code: string, message: string }
    | { __typename: 'NotFoundError', code: string, message: string }
    | { cursor: string, unpinnedMessage: { id: string, conversationId: string, seq: number, kind: MessageKind, body: string, clientId: string | null, createdAt: string, editedAt: string | null, deletedAt: string | null, pinnedAt: string | null, threadRootId: string | null, author: { id: string, username: string, displayName: string }, system: { type: SystemNoteType, value: string | null, target: { id: string, username: string, displayName: string } | null } | null, attachments: Array<{ id: string, name: string, mediaType: string, size: number, url: string, picture: { width: number, height: number, isAnimated: boolean, preview: string, thumbnail: { url: string, width: number, height: number } } | null }>, replyTo: { id: string, seq: number } | null, threadRoot: { id: string, seq: number, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null } | null, thread: { replyCount: number, lastReplyAt: string, lastRepliers: Array<{ id: string, username: string, displayName: string }> } | null, mentions: Array<{ kind: MentionKind, start: number, length: number, user: { id: string, username: string, displayName: string } | null }>, reactions: Array<{ emoji: string, count: number, users: Array<{ id: string, username: string, displayName: string }> }> } }
   };

const ErrorFieldsText = `fragment ErrorFields on Error {
  __typename
  code
  message
  ... on BannedError {
    until
  }
  ... on FileTooLargeError {
    maxBytes
  }
  ... on InvalidInputError {
    fields {
      code
      field
      message
    }
  }
  ... on MutedError {
    retryAfterMs
  }
  ... on OverloadedError {
    retryAfterMs
  }
  ... on RateLimitedError {
    retryAfterMs
  }
  ... on SessionActiveError {
    retryAfterMs
  }
  ... on SlowModeError {
    retryAfterMs
  }
  ... on SuspendedError {
    reason
    until
  }
}`;
const UserFieldsText = `fragment UserFields on User {
  id
  username
  displayName
  createdAt
  statusText
  changedAt
  avatar {
    id
    url
    thumbnailUrl
  }
}`;
const AttachmentFieldsText = `fragment AttachmentFields on Attachment {
  id
  name
  mediaType
  size
  url
  picture {
    width
    height
    isAnimated
    preview
    thumbnail {
      url
      width
      height
    }
  }
}`;
const SessionFieldsText = `fragment SessionFields on Session {
  id
  device
  address
  createdAt
  lastUsedAt
  expiresAt
  current
}`;
const RoomFieldsText = `fragment RoomFields on Room {
  id
  kind
  slug
  name
  topic
  visibility
  archivedAt
  slowModeSeconds
  memberCount
  lastSeq
  lastActivityAt
  countedMessages
  createdAt
}`;
const InviteFieldsText = `fragment InviteFields on Invite {
  id
  room {
    id
    name
    topic
    visibility
    memberCount
  }
  user {
    ...UserFields
  }
  inviter {
    ...UserFields
  }
  createdAt
}`;
const MembershipFieldsText = `fragment MembershipFields on Membership {
  id
  user {
    ...UserFields
  }
  role
  joinedAt
  lastReadSeq
  mutedUntil
  lastDeliveredSeq
  markRevision
}`;
const NotificationFieldsText = `fragment NotificationFields on NotificationSettings {
  level
  mutedUntil
}`;
const OwnMarkFieldsText = `fragment OwnMarkFields on OwnMark {
  conversationId
  lastReadSeq
  lastDeliveredSeq
  readCount
  unreadCount
  unreadMentionCount
  revision
  lastSeq
  countedMessages
}`;
const MessageFieldsText = `fragment MessageFields on Message {
  id
  conversationId
  seq
  kind
  author {
    id
    username
    displayName
  }
  body
  system {
    type
    target {
      id
      username
      displayName
    }
    value
  }
  attachments {
    ...AttachmentFields
  }
  clientId
  createdAt
  editedAt
  deletedAt
  pinnedAt
  replyTo {
    id
    seq
  }
  threadRootId
  threadRoot {
    id
    seq
    thread {
      ...ThreadFields
    }
  }
  thread {
    ...ThreadFields
  }
  mentions {
    ...MentionFields
  }
  reactions {
    ...ReactionFields
  }
}`;
const ThreadFieldsText = `fragment ThreadFields on Thread {
  replyCount
  lastReplyAt
  lastRepliers {
    id
    username
    displayName
  }
}`;
const MentionFieldsText = `fragment MentionFields on Mention {
  kind
  user {
    id
    username
    displayName
  }
  start
  length
}`;
const DraftFieldsText = `fragment DraftFields on Draft {
  conversationId
  threadRootId
  replyToId
  body
  updatedAt
  version
}`;
const ScheduledMessageFieldsText = `fragment ScheduledMessageFields on ScheduledMessage {
  id
  conversationId
  threadRootId
  replyToId
  body
  sendAt
  clientId
  state
  failureCode
  createdAt
}`;
const ReactionFieldsText = `fragment ReactionFields on ReactionGroup {
  emoji
  count
  users {
    id
    username
    displayName
  }
}`;
const PostFieldsText = `fragment PostFields on Post {
  id
  author {
    ...UserFields
  }
  body
  clientId
  createdAt
}`;
const PageInfoFieldsText = `fragment PageInfoFields on PageInfo {
  startCursor
  endCursor
  hasNextPage
  hasPreviousPage
}`;
export const SignUpDocument = `${UserFieldsText}
${SessionFieldsText}
${ErrorFieldsText}
mutation SignUp(\$input: SignUpInput!) {
  signUp(input: \$input) {
    ... on SignUpPayload {
      user {
        ...UserFields
      }
      session {
        ...SessionFields
      }
      token
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<SignUpMutation, SignUpMutationVariables>;

export const LogInDocument = `${UserFieldsText}
${SessionFieldsText}
${ErrorFieldsText}
mutation LogIn(\$input: LogInInput!) {
  logIn(input: \$input) {
    ... on LogInPayload {
      user {
        ...UserFields
      }
      session {
        ...SessionFields
      }
      token
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<LogInMutation, LogInMutationVariables>;

export const LogOutDocument = `${ErrorFieldsText}
mutation LogOut {
  logOut {
    ... on LogOutPayload {
      loggedOut
    }
    ...ErrorFields
  }
}` as TypedDocument<LogOutMutation, LogOutMutationVariables>;

export const RevokeSessionDocument = `${SessionFieldsText}
${ErrorFieldsText}
mutation RevokeSession(\$input: RevokeSessionInput!) {
  revokeSession(input: \$input) {
    ... on RevokeSessionPayload {
      session {
        ...SessionFields
      }
    }
    ...ErrorFields
  }
}` as TypedDocument<RevokeSessionMutation, RevokeSessionMutationVariables>;

export const ChangePasswordDocument = `${SessionFieldsText}
${ErrorFieldsText}
mutation ChangePassword(\$input: ChangePasswordInput!) {
  changePassword(input: \$input) {
    ... on ChangePasswordPayload {
      session {
        ...SessionFields
      }
      token
      revokedSessions
    }
    ...ErrorFields
  }
}` as TypedDocument<ChangePasswordMutation, ChangePasswordMutationVariables>;

export const ViewerDocument = `${UserFieldsText}
${SessionFieldsText}
query Viewer {
  viewer {
    user {
      ...UserFields
    }
    session {
      ...SessionFields
    }
    unread {
      messages
      mentions
      conversations
      badge
    }
    cursor
  }
}` as TypedDocument<ViewerQuery, ViewerQueryVariables>;

export const ServerDocument = `${RoomFieldsText}
query Server {
  server {
    name
    version
    sessionPolicy
    limits {
      messageLength
      pageSize
      passwordMinLength
      passwordMaxLength
      usernameMaxLength
      roomNameLength
    }
    lobby {
      ...RoomFields
    }
  }
}` as TypedDocument<ServerQuery, ServerQueryVariables>;

export const RoomsDocument = `${RoomFieldsText}
${PageInfoFieldsText}
query Rooms(\$search: String, \$sort: RoomSort, \$first: Int, \$after: String, \$last: Int, \$before: String) {
  rooms(
    search: \$search
    sort: \$sort
    first: \$first
    after: \$after
    last: \$last
    before: \$before
  ) {
    edges {
      node {
        ...RoomFields
      }
    }
    pageInfo {
      ...PageInfoFields
    }
  }
}` as TypedDocument<RoomsQuery, RoomsQueryVariables>;

export const RoomDocument = `${RoomFieldsText}
query Room(\$slug: String!) {
  room(slug: \$slug) {
    ...RoomFields
  }
}` as TypedDocument<RoomQuery, RoomQueryVariables>;

export const CreateRoomDocument = `${RoomFieldsText}
${ErrorFieldsText}
mutation CreateRoom(\$input: CreateRoomInput!) {
  createRoom(input: \$input) {
    ... on CreateRoomPayload {
      room {
        ...RoomFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<CreateRoomMutation, CreateRoomMutationVariables>;

export const JoinRoomDocument = `${RoomFieldsText}
${MembershipFieldsText}
${UserFieldsText}
${ErrorFieldsText}
mutation JoinRoom(\$input: JoinRoomInput!) {
  joinRoom(input: \$input) {
    ... on JoinRoomPayload {
      room {
        ...RoomFields
      }
      membership {
        ...MembershipFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<JoinRoomMutation, JoinRoomMutationVariables>;

export const LeaveRoomDocument = `${RoomFieldsText}
${ErrorFieldsText}
mutation LeaveRoom(\$input: LeaveRoomInput!) {
  leaveRoom(input: \$input) {
    ... on LeaveRoomPayload {
      room {
        ...RoomFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<LeaveRoomMutation, LeaveRoomMutationVariables>;

export const MessagesDocument = `${MessageFieldsText}
${AttachmentFieldsText}
${ThreadFieldsText}
${MentionFieldsText}
${ReactionFieldsText}
${PageInfoFieldsText}
query Messages(\$conversationId: ID!, \$first: Int, \$after: String, \$last: Int, \$before: String, \$around: ID) {
  node(id: \$conversationId) {
    __typename
    ... on Conversation {
      messages(
        first: \$first
        after: \$after
        last: \$last
        before: \$before
        around: \$around
      ) {
        edges {
          node {
            ...MessageFields
          }
        }
        pageInfo {
          ...PageInfoFields
        }
      }
    }
  }
}` as TypedDocument<MessagesQuery, MessagesQueryVariables>;

export const SendMessageDocument = `${MessageFieldsText}
${AttachmentFieldsText}
${ThreadFieldsText}
${MentionFieldsText}
${ReactionFieldsText}
${ErrorFieldsText}
mutation SendMessage(\$input: SendMessageInput!) {
  sendMessage(input: \$input) {
    ... on SendMessagePayload {
      sentMessage {
        ...MessageFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<SendMessageMutation, SendMessageMutationVariables>;

export const MarkReadDocument = `${MembershipFieldsText}
${UserFieldsText}
${OwnMarkFieldsText}
${ErrorFieldsText}
mutation MarkRead(\$input: MarkReadInput!) {
  markRead(input: \$input) {
    ... on MarkReadPayload {
      membership {
        ...MembershipFields
      }
      unreadCount
      mark {
        ...OwnMarkFields
      }
    }
    ...ErrorFields
  }
}` as TypedDocument<MarkReadMutation, MarkReadMutationVariables>;

export const MarkUnreadDocument = `${OwnMarkFieldsText}
${ErrorFieldsText}
mutation MarkUnread(\$input: MarkUnreadInput!) {
  markUnread(input: \$input) {
    ... on MarkUnreadPayload {
      mark {
        ...OwnMarkFields
      }
    }
    ...ErrorFields
  }
}` as TypedDocument<MarkUnreadMutation, MarkUnreadMutationVariables>;

export const MarkDeliveredDocument = `${OwnMarkFieldsText}
${ErrorFieldsText}
mutation MarkDelivered(\$input: MarkDeliveredInput!) {
  markDelivered(input: \$input) {
    ... on MarkDeliveredPayload {
      marks {
        ...OwnMarkFields
      }
    }
    ...ErrorFields
  }
}` as TypedDocument<MarkDeliveredMutation, MarkDeliveredMutationVariables>;

export const SetNotificationsDocument = `${NotificationFieldsText}
${ErrorFieldsText}
mutation SetNotifications(\$input: SetNotificationsInput!) {
  setNotifications(input: \$input) {
    ... on SetNotificationsPayload {
      conversationId
      notifications {
        ...NotificationFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<SetNotificationsMutation, SetNotificationsMutationVariables>;

export const EventsDocument = `${MessageFieldsText}
${AttachmentFieldsText}
${ThreadFieldsText}
${MentionFieldsText}
${ReactionFieldsText}
${UserFieldsText}
${MembershipFieldsText}
${RoomFieldsText}
${InviteFieldsText}
${DraftFieldsText}
${ScheduledMessageFieldsText}
${PostFieldsText}
${NotificationFieldsText}
subscription Events(\$after: Cursor, \$conversationIds: [ID!], \$types: [EventType!]) {
  events(after: \$after, conversationIds: \$conversationIds, types: \$types) {
    __typename
    cursor
    at
    ... on EventGap {
      reason
    }
    ... on MessageSent {
      conversationId
      message {
        ...MessageFields
      }
    }
    ... on MessageChange {
      conversationId
      message {
        ...MessageFields
      }
    }
    ... on MessageDeleted {
      lastSeq
      countedMessages
    }
    ... on MessagePinned {
      user {
        ...UserFields
      }
    }
    ... on MessageUnpinned {
      user {
        ...UserFields
      }
    }
    ... on ReactionAdded {
      user {
        ...UserFields
      }
      emoji
    }
    ... on ReactionRemoved {
      user {
        ...UserFields
      }
      emoji
    }
    ... on MemberJoined {
      conversationId
      membership {
        ...MembershipFields
      }
    }
    ... on MemberLeft {
      conversationId
      user {
        ...UserFields
      }
      leaveReason
      actor {
        ...UserFields
      }
    }
    ... on MembershipChanged {
      conversationId
      membership {
        ...MembershipFields
      }
    }
    ... on MembershipChanged {
      conversationId
      membership {
        ...MembershipFields
      }
    }
    ... on RoomCreated {
      conversationId
      room {
        ...RoomFields
      }
    }
    ... on RoomUpdated {
      conversationId
      room {
        ...RoomFields
      }
    }
    ... on RoomHidden {
      conversationId
    }
    ... on InviteReceived {
      conversationId
      invite {
        ...InviteFields
      }
    }
    ... on InviteEnded {
      conversationId
      inviteId
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
        ...DraftFields
      }
    }
    ... on ScheduledMessageChanged {
      conversationId
      scheduledMessageId
      scheduledMessage {
        ...ScheduledMessageFields
      }
    }
    ... on SessionEnded {
      sessionId
    }
    ... on Followed {
      follower {
        ...UserFields
      }
      followed {
        ...UserFields
      }
    }
    ... on Unfollowed {
      follower {
        ...UserFields
      }
      followed {
        ...UserFields
      }
    }
    ... on PersonMuted {
      person {
        ...UserFields
      }
    }
    ... on PersonUnmuted {
      person {
        ...UserFields
      }
    }
    ... on PersonBlocked {
      person {
        ...UserFields
      }
    }
    ... on PersonUnblocked {
      person {
        ...UserFields
      }
    }
    ... on PostPublished {
      post {
        ...PostFields
      }
    }
    ... on PostDeleted {
      postId
      author {
        ...UserFields
      }
    }
    ... on UserChanged {
      user {
        ...UserFields
      }
    }
    ... on NotificationsChanged {
      conversationId
      notifications {
        ...NotificationFields
      }
    }
    ... on UserDeleted {
      user {
        ...UserFields
      }
    }
    ... on ReportChanged {
      reportId
      status
    }
  }
}` as TypedDocument<EventsSubscription, EventsSubscriptionVariables>;

export const OwnMarksDocument = `${OwnMarkFieldsText}
subscription OwnMarks {
  ownMarks {
    ...OwnMarkFields
  }
}` as TypedDocument<OwnMarksSubscription, OwnMarksSubscriptionVariables>;

export const EditMessageDocument = `${MessageFieldsText}
${AttachmentFieldsText}
${ThreadFieldsText}
${MentionFieldsText}
${ReactionFieldsText}
${ErrorFieldsText}
mutation EditMessage(\$input: EditMessageInput!) {
  editMessage(input: \$input) {
    ... on EditMessagePayload {
      editedMessage {
        ...MessageFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<EditMessageMutation, EditMessageMutationVariables>;

export const DeleteMessageDocument = `${MessageFieldsText}
${AttachmentFieldsText}
${ThreadFieldsText}
${MentionFieldsText}
${ReactionFieldsText}
${ErrorFieldsText}
mutation DeleteMessage(\$input: DeleteMessageInput!) {
  deleteMessage(input: \$input) {
    ... on DeleteMessagePayload {
      deletedMessage {
        ...MessageFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<DeleteMessageMutation, DeleteMessageMutationVariables>;

export const AddReactionDocument = `${MessageFieldsText}
${AttachmentFieldsText}
${ThreadFieldsText}
${MentionFieldsText}
${ReactionFieldsText}
${ErrorFieldsText}
mutation AddReaction(\$input: AddReactionInput!) {
  addReaction(input: \$input) {
    ... on AddReactionPayload {
      reactedMessage {
        ...MessageFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<AddReactionMutation, AddReactionMutationVariables>;

export const RemoveReactionDocument = `${MessageFieldsText}
${AttachmentFieldsText}
${ThreadFieldsText}
${MentionFieldsText}
${ReactionFieldsText}
${ErrorFieldsText}
mutation RemoveReaction(\$input: RemoveReactionInput!) {
  removeReaction(input: \$input) {
    ... on RemoveReactionPayload {
      reactedMessage {
        ...MessageFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<RemoveReactionMutation, RemoveReactionMutationVariables>;

export const PinMessageDocument = `${MessageFieldsText}
${AttachmentFieldsText}
${ThreadFieldsText}
${MentionFieldsText}
${ReactionFieldsText}
${ErrorFieldsText}
mutation PinMessage(\$input: PinMessageInput!) {
  pinMessage(input: \$input) {
    ... on PinMessagePayload {
      pinnedMessage {
        ...MessageFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<PinMessageMutation, PinMessageMutationVariables>;

export const UnpinMessageDocument = `${MessageFieldsText}
${AttachmentFieldsText}
${ThreadFieldsText}
${MentionFieldsText}
${ReactionFieldsText}
${ErrorFieldsText}
mutation UnpinMessage(\$input: UnpinMessageInput!) {
  unpinMessage(input: \$input) {
    ... on UnpinMessagePayload {
      unpinnedMessage {
        ...MessageFields
      }
      cursor
    }
    ...ErrorFields
  }
}` as TypedDocument<UnpinMessageMutation, UnpinMessageMutationVariables>;
