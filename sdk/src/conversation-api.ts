import { makeClientId } from "./client-id.ts";
import { NotAMemberError, NotFoundError } from "./generated/errors.ts";
import {
  CreateRoomDocument,
  type CreateRoomInput,
  JoinRoomDocument,
  type JoinRoomMutation,
  type DeliveredMarkInput,
  LeaveRoomDocument,
  MarkDeliveredDocument,
  MarkReadDocument,
  type MarkReadMutation,
  MarkUnreadDocument,
  MessagesDocument,
  type NotificationLevel,
  RoomDocument,
  RoomsDocument,
  type RoomSort,
  SendMessageDocument,
  SetNotificationsDocument,
} from "./generated/graphql.ts";
import type { Execute } from "./http.ts";
import { retryIdempotent, withRetries } from "./retry.ts";
import { type Success, unwrap } from "./typed-result.ts";
import {
  idOf,
  type Message,
  type NotificationSettings,
  type OwnMark,
  type Page,
  type PageOptions,
  pageOf,
  type Ref,
  type Room,
} from "./types.ts";

/** Destination of a message, with options. */
export interface SendTarget {
  conversationId: string;
  /** The message to reply to. */
  replyToId?: string | undefined;
  /** A UUID for this message. Sending again with the same UUID creates no second message. */
  clientId?: string | undefined;
}

/**
 * Reads and changes conversations. Every method except `createRoom` is idempotent. If the network
 * fails or a server restarts, idempotent methods retry for a few seconds.
 */
export interface ConversationApi {
  /** Lists the rooms that the viewer may see. Default: the first page, by activity. */
  rooms(options?: PageOptions & { search?: string; sort?: RoomSort }): Promise<Page<Room>>;
  /** Finds a room by its slug. Returns null if the viewer may not see such a room. */
  room(slug: string): Promise<Room | null>;
  /**
   * Creates a room. Never retries.
   *
   * @throws NotAuthenticatedError, InvalidInputError, SlugTakenError, RateLimitedError
   */
  createRoom(input: CreateRoomInput): Promise<Room>;
  /**
   * Joins a room. No effect if already a member.
   *
   * @throws NotAuthenticatedError, NotFoundError, InvalidInputError
   */
  joinRoom(room: Ref): Promise<Success<JoinRoomMutation["joinRoom"]>>;
  /**
   * Leaves a room.
   *
   * @throws NotAuthenticatedError, NotFoundError, NotAMemberError, OwnerCannotLeaveError
   */
  leaveRoom(room: Ref): Promise<void>;
  /**
   * Lists messages of a conversation, oldest first within the page. Default: the newest 50.
   *
   * @param options.around id of the message around which to read the page
   * @throws NotFoundError if the viewer may not read such a conversation
   */
  messages(conversation: Ref, options?: PageOptions & { around?: string }): Promise<Page<Message>>;
  /**
   * Sends a message. If the network fails or the server is overloaded, it makes up to nine attempts
   * within about half a minute. All attempts use the same `clientId`, so the server stores at most
   * one message.
   *
   * @param conversation id of the conversation, or a target with a reply or a `clientId`
   * @param options.signal cancels the wait and further attempts; the message may already be sent
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError,
   *   RateLimitedError, OverloadedError, NetworkError
   */
  sendMessage(
    conversation: string | SendTarget,
    body: string,
    options?: { signal?: AbortSignal },
  ): Promise<Message>;
  /**
   * Marks messages as read up to and including `seq`. The read mark never moves back.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError
   */
  markRead(conversation: Ref, seq: number): Promise<Success<MarkReadMutation["markRead"]>>;
  /**
   * Marks messages as unread from `seq` on. The read mark never moves forward.
   *
   * @returns the new read mark
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError
   */
  markUnread(conversation: Ref, seq: number): Promise<OwnMark>;
  /**
   * Acknowledges that messages reached this device. Does not retry.
   *
   * @param marks the newest received message of each conversation, at most 100 conversations
   * @returns the viewer's read marks, without conversations that the viewer is not in
   * @throws NotAuthenticatedError, InvalidInputError, OverloadedError
   */
  markDelivered(marks: readonly DeliveredMarkInput[]): Promise<OwnMark[]>;
  /**
   * Sets the viewer's notification level in a conversation, on all their devices.
   *
   * @param mutedUntil notifications are off until this time; if omitted, they are not muted
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError
   */
  setNotifications(
    conversation: Ref,
    level: NotificationLevel,
    mutedUntil?: Date,
  ): Promise<NotificationSettings>;
}

/**
 * Covers a crash and restart of the server: about half a minute. The `clientId` makes a retry safe.
 */
const sendRetries = { attempts: 9, backoff: { baseMs: 300, capMs: 10_000 } };

export function makeConversationApi({ execute }: { execute: Execute }): ConversationApi {
  return {
    async rooms(options = {}) {
      return retryIdempotent(async () => pageOf((await execute(RoomsDocument, options)).rooms));
    },
    async room(slug) {
      return retryIdempotent(async () => (await execute(RoomDocument, { slug })).room);
    },
    async createRoom(input) {
      return unwrap((await execute(CreateRoomDocument, { input })).createRoom).room;
    },
    async joinRoom(room) {
      const input = { roomId: idOf(room) };
      return retryIdempotent(async () =>
        unwrap((await execute(JoinRoomDocument, { input })).joinRoom),
      );
    },
    async leaveRoom(room) {
      const input = { roomId: idOf(room) };
      let tries = 0;
      await retryIdempotent(async () => {
        tries += 1;
        try {
          unwrap((await execute(LeaveRoomDocument, { input })).leaveRoom);
        } catch (error) {
          // An earlier attempt succeeded, but its response was lost.
          if (tries === 1 || !(error instanceof NotAMemberError)) throw error;
        }
      });
    },
    async messages(conversation, options = {}) {
      const limited = "first" in options || "last" in options || "around" in options;
      const { node } = await retryIdempotent(() =>
        execute(MessagesDocument, {
          conversationId: idOf(conversation),
          ...(limited ? {} : { last: 50 }),
          ...options,
        }),
      );
      if (node !== null && "messages" in node) return pageOf(node.messages);
      throw new NotFoundError({
        code: "NOT_FOUND",
        message: "This conversation doesn't exist, or you can't read it.",
      });
    },
    async sendMessage(conversation, body, { signal } = {}) {
      const target =
        typeof conversation === "string" ? { conversationId: conversation } : conversation;
      const input = { ...target, clientId: target.clientId ?? makeClientId(), body };
      return withRetries(
        async () => {
          const { sendMessage } = await execute(SendMessageDocument, { input }, { signal });
          return unwrap(sendMessage).sentMessage;
        },
        { ...sendRetries, signal },
      );
    },
    async markRead(conversation, seq) {
      const input = { conversationId: idOf(conversation), seq };
      return retryIdempotent(async () =>
        unwrap((await execute(MarkReadDocument, { input })).markRead),
      );
    },
    async markUnread(conversation, seq) {
      const input = { conversationId: idOf(conversation), seq };
      return retryIdempotent(
        async () => unwrap((await execute(MarkUnreadDocument, { input })).markUnread).mark,
      );
    },
    async markDelivered(marks) {
      const input = { marks: [...marks] };
      return unwrap((await execute(MarkDeliveredDocument, { input })).markDelivered).marks;
    },
    async setNotifications(conversation, level, mutedUntil) {
      const until = mutedUntil === undefined ? {} : { mutedUntil: mutedUntil.toISOString() };
      const input = { conversationId: idOf(conversation), level, ...until };
      return retryIdempotent(
        async () =>
          unwrap((await execute(SetNotificationsDocument, { input })).setNotifications)
            .notifications,
      );
    },
  };
}
