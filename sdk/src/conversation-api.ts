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
import { repeatSafely, withRetries } from "./retry.ts";
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

export interface SendTarget {
  conversationId: string;
  /** The message that this one answers. */
  replyToId?: string | undefined;
  /** A UUID of one's own for this message. Sending again with the same one makes no second message. */
  clientId?: string | undefined;
}

/**
 * What is said and done in conversations. While the network fails or a server restarts, everything but
 * `createRoom` is tried again, for some ten seconds: done twice it changes nothing.
 */
export interface ConversationApi {
  /** The rooms that the viewer may see. Default: the first page, by activity. */
  rooms(options?: PageOptions & { search?: string; sort?: RoomSort }): Promise<Page<Room>>;
  /** A room by its address; null when there is none that the viewer may see. */
  room(slug: string): Promise<Room | null>;
  /** @throws NotAuthenticatedError, InvalidInputError, SlugTakenError, RateLimitedError */
  createRoom(input: CreateRoomInput): Promise<Room>;
  /**
   * Joins a room; joining again changes nothing.
   *
   * @throws NotAuthenticatedError, NotFoundError, InvalidInputError
   */
  joinRoom(room: Ref): Promise<Success<JoinRoomMutation["joinRoom"]>>;
  /** @throws NotAuthenticatedError, NotFoundError, NotAMemberError, OwnerCannotLeaveError */
  leaveRoom(room: Ref): Promise<void>;
  /**
   * Messages of a conversation, oldest first within the page. Default: the newest 50.
   *
   * @throws NotFoundError when there is no such conversation that the viewer may read
   */
  messages(conversation: Ref, options?: PageOptions & { around?: string }): Promise<Page<Message>>;
  /**
   * Says something. While the network fails or the server is overloaded it tries again, up to six
   * times within about half a minute, always with the same `clientId`: there is one message at most.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError,
   * RateLimitedError, OverloadedError, NetworkError
   */
  sendMessage(
    conversation: string | SendTarget,
    body: string,
    options?: { signal?: AbortSignal },
  ): Promise<Message>;
  /**
   * Marks messages as read up to and including a `seq`; the mark never moves back.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError
   */
  markRead(conversation: Ref, seq: number): Promise<Success<MarkReadMutation["markRead"]>>;
  /**
   * Marks messages as unread from a `seq` on; the mark never moves forward.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError
   */
  markUnread(conversation: Ref, seq: number): Promise<OwnMark>;
  /**
   * Tells that messages have reached this device, of at most 100 conversations at once. Conversations
   * that the viewer is not in are left out of the answer.
   *
   * @throws NotAuthenticatedError, InvalidInputError, OverloadedError
   */
  markDelivered(marks: readonly DeliveredMarkInput[]): Promise<OwnMark[]>;
  /**
   * Sets what the viewer wants to be notified of in a conversation, on all their devices.
   *
   * @param mutedUntil until when of nothing, whatever the level; left out: it is not muted
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError
   */
  setNotifications(
    conversation: Ref,
    level: NotificationLevel,
    mutedUntil?: Date,
  ): Promise<NotificationSettings>;
}

/** Through a crash and the start after it: for some half a minute. Repeating is safe by the client id. */
const sendRetries = { attempts: 9, backoff: { baseMs: 300, capMs: 10_000 } };

export function makeConversationApi({ execute }: { execute: Execute }): ConversationApi {
  return {
    async rooms(options = {}) {
      return repeatSafely(async () => pageOf((await execute(RoomsDocument, options)).rooms));
    },
    async room(slug) {
      return repeatSafely(async () => (await execute(RoomDocument, { slug })).room);
    },
    async createRoom(input) {
      return unwrap((await execute(CreateRoomDocument, { input })).createRoom).room;
    },
    async joinRoom(room) {
      const input = { roomId: idOf(room) };
      return repeatSafely(async () =>
        unwrap((await execute(JoinRoomDocument, { input })).joinRoom),
      );
    },
    async leaveRoom(room) {
      const input = { roomId: idOf(room) };
      let tries = 0;
      await repeatSafely(async () => {
        tries += 1;
        try {
          unwrap((await execute(LeaveRoomDocument, { input })).leaveRoom);
        } catch (error) {
          // The try whose answer was lost had been done.
          if (tries === 1 || !(error instanceof NotAMemberError)) throw error;
        }
      });
    },
    async messages(conversation, options = {}) {
      const limited = "first" in options || "last" in options || "around" in options;
      const { node } = await repeatSafely(() =>
        execute(MessagesDocument, {
          conversationId: idOf(conversation),
          ...(limited ? {} : { last: 50 }),
          ...options,
        }),
      );
      if (node !== null && "messages" in node) return pageOf(node.messages);
      throw new NotFoundError({
        code: "NOT_FOUND",
        message: "There is no such conversation that you may read.",
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
      return repeatSafely(async () =>
        unwrap((await execute(MarkReadDocument, { input })).markRead),
      );
    },
    async markUnread(conversation, seq) {
      const input = { conversationId: idOf(conversation), seq };
      return repeatSafely(
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
      return repeatSafely(
        async () =>
          unwrap((await execute(SetNotificationsDocument, { input })).setNotifications)
            .notifications,
      );
    },
  };
}
