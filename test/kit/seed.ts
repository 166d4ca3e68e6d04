import { randomUUID } from "node:crypto";
import { client, payload, type TestClient } from "./client.ts";
import {
  CREATE_ROOM,
  JOIN_ROOM,
  LEAVE_ROOM,
  MARK_READ,
  SEND_MESSAGE,
  type ChatEvent,
  type ChatMessage,
  type CreateRoomResult,
  type JoinRoomResult,
  type LeaveRoomResult,
  type MarkReadResult,
  type Room,
  type SendMessageResult,
  type SessionPayload,
  type TypedError,
} from "./documents.ts";
import {
  ADD_REACTION,
  DELETE_MESSAGE,
  EDIT_MESSAGE,
  PIN_MESSAGE,
  REMOVE_REACTION,
  UNPIN_MESSAGE,
  type ChangePayload,
} from "./message-documents.ts";
import {
  BLOCK_PERSON,
  OPEN_DIRECT,
  UNBLOCK_PERSON,
  type Direct,
  type OpenDirectResult,
} from "./direct-documents.ts";
import {
  DELETE_POST,
  FOLLOW,
  MUTE_PERSON,
  PUBLISH,
  UNFOLLOW,
  UNMUTE_PERSON,
  type DeletePostResult,
  type PersonPayload,
  type Post,
  type PublishResult,
} from "./follow-documents.ts";
import {
  MARK_DELIVERED,
  MARK_UNREAD,
  SET_NOTIFICATIONS,
  type MarkDeliveredResult,
  type MarkUnreadResult,
  type SetNotificationsResult,
} from "./receipt-documents.ts";
import type { Endpoint, Subscription, Variables } from "./socket.ts";

import {
  FOLLOW_THREAD,
  SAVE_DRAFT,
  SCHEDULE_MESSAGE,
  UNFOLLOW_THREAD,
  type DraftPayload,
  type FollowPayload,
  type Scheduled,
  type SchedulePayload,
} from "./writing-documents.ts";

/** Whatever has a room's id. */
type InRoom = Pick<Room, "id">;
/** Whatever has a message's id. */
type Said = Pick<ChatMessage, "id">;

/**
 * A story told over the public API:
 *
 *     const seed = seedOn(server);
 *     const room = await seed.user("ada").createsRoom("lobby-2");
 *     await seed.user("bob").joins(room);
 *     const message = await seed.user("bob").says(room, "hello");
 */
export interface Seed {
  /** The person of that name, the same at every call; signed up when they first do something. */
  user(username: string): Actor;
}

/** Begins a story on a server. Everything in it fails loudly when the server refuses it. */
export function seedOn(endpoint: Endpoint): Seed {
  const actors = new Map<string, Actor>();
  return {
    user: (username) => {
      const known = actors.get(username);
      if (known) return known;
      const actor = new Actor(new Account(username, client(endpoint)), endpoint);
      actors.set(username, actor);
      return actor;
    },
  };
}

/** Signs up once, when first needed. */
class Account {
  readonly username: string;
  readonly #client: TestClient;
  #session: Promise<SessionPayload> | undefined;

  constructor(username: string, anyone: TestClient) {
    this.username = username;
    this.#client = anyone;
  }

  session(): Promise<SessionPayload> {
    return (this.#session ??= this.#client.signUp(this.username));
  }
}

/** Somebody who acts through one instance. */
export class Actor {
  readonly #account: Account;
  readonly #endpoint: Endpoint;

  constructor(account: Account, endpoint: Endpoint) {
    this.#account = account;
    this.#endpoint = endpoint;
  }

  get username(): string {
    return this.#account.username;
  }

  /** The same person with the same session, through another instance. */
  via(endpoint: Endpoint): Actor {
    return new Actor(this.#account, endpoint);
  }

  /** Their session: token, user, the cursor of their signing up. */
  signsUp(): Promise<SessionPayload> {
    return this.#account.session();
  }

  /** A client with their token. */
  async client(): Promise<TestClient> {
    const { token } = await this.signsUp();
    return client(this.#endpoint).as(token);
  }

  async query<T>(document: string, variables: Variables = {}): Promise<T> {
    return (await this.client()).query<T>(document, variables);
  }

  async mutate<T>(document: string, variables: Variables = {}): Promise<T> {
    return (await this.client()).mutate<T>(document, variables);
  }

  async createsRoom(
    name: string,
    options: { slug?: string; topic?: string; visibility?: "PUBLIC" | "PRIVATE" } = {},
  ): Promise<Room> {
    const input = { name, ...options };
    return payload(await this.mutate<CreateRoomResult>(CREATE_ROOM, { input })).room;
  }

  /** @returns the cursor of the joining */
  async joins(room: InRoom): Promise<string> {
    const input = { roomId: room.id };
    return payload(await this.mutate<JoinRoomResult>(JOIN_ROOM, { input })).cursor;
  }

  /** @returns the cursor of the leaving */
  async leaves(room: InRoom): Promise<string> {
    const input = { roomId: room.id };
    return payload(await this.mutate<LeaveRoomResult>(LEAVE_ROOM, { input })).cursor;
  }

  /** Sends a message under a new `clientId`, unless one is given. */
  async says(
    room: InRoom,
    body: string,
    options: { clientId?: string; replyToId?: string; threadRootId?: string } = {},
  ): Promise<ChatMessage> {
    const input = { conversationId: room.id, body, clientId: randomUUID(), ...options };
    return payload(await this.mutate<SendMessageResult>(SEND_MESSAGE, { input })).sentMessage;
  }

  /** Changes what a message of theirs says. */
  edits(message: Said, body: string): Promise<ChangePayload> {
    return this.#changes(EDIT_MESSAGE, { messageId: message.id, body });
  }

  deletes(message: Said): Promise<ChangePayload> {
    return this.#changes(DELETE_MESSAGE, { messageId: message.id });
  }

  pins(message: Said): Promise<ChangePayload> {
    return this.#changes(PIN_MESSAGE, { messageId: message.id });
  }

  unpins(message: Said): Promise<ChangePayload> {
    return this.#changes(UNPIN_MESSAGE, { messageId: message.id });
  }

  reacts(message: Said, emoji: string): Promise<ChangePayload> {
    return this.#changes(ADD_REACTION, { messageId: message.id, emoji });
  }

  /** Takes back a reaction. */
  unreacts(message: Said, emoji: string): Promise<ChangePayload> {
    return this.#changes(REMOVE_REACTION, { messageId: message.id, emoji });
  }

  async #changes(document: string, input: Variables): Promise<ChangePayload> {
    return payload(await this.mutate<ChangePayload | TypedError>(document, { input }));
  }

  follows(person: Actor): Promise<PersonPayload> {
    return this.#doesTo(FOLLOW, person);
  }

  unfollows(person: Actor): Promise<PersonPayload> {
    return this.#doesTo(UNFOLLOW, person);
  }

  /** Takes a person's posts out of what they hear. */
  mutes(person: Actor): Promise<PersonPayload> {
    return this.#doesTo(MUTE_PERSON, person);
  }

  unmutes(person: Actor): Promise<PersonPayload> {
    return this.#doesTo(UNMUTE_PERSON, person);
  }

  async #doesTo(document: string, person: Actor): Promise<PersonPayload> {
    const { user } = await person.signsUp();
    const input = { userId: user.id };
    return payload(await this.mutate<PersonPayload | TypedError>(document, { input }));
  }

  /** Keeps the two from writing to each other alone. */
  blocks(person: Actor): Promise<PersonPayload> {
    return this.#doesTo(BLOCK_PERSON, person);
  }

  unblocks(person: Actor): Promise<PersonPayload> {
    return this.#doesTo(UNBLOCK_PERSON, person);
  }

  /** Opens the conversation of themselves and these people; of nobody else, their notebook. */
  async opensDirect(...people: Actor[]): Promise<Direct> {
    const sessions = await Promise.all(people.map((person) => person.signsUp()));
    const input = { userIds: sessions.map(({ user }) => user.id) };
    return payload(await this.mutate<OpenDirectResult>(OPEN_DIRECT, { input })).conversation;
  }

  /** Publishes under a new `clientId`, unless one is given. */
  async publishes(
    body: string,
    options: { clientId?: string } = {},
  ): Promise<{ post: Post; cursor: string }> {
    const input = { body, clientId: randomUUID(), ...options };
    return payload(await this.mutate<PublishResult>(PUBLISH, { input }));
  }

  /** @returns the cursor of the deletion */
  async deletesPost(post: Pick<Post, "id">): Promise<string> {
    const input = { postId: post.id };
    return payload(await this.mutate<DeletePostResult>(DELETE_POST, { input })).cursor;
  }

  async followsThread(root: Said): Promise<FollowPayload> {
    const input = { threadRootId: root.id };
    return payload(await this.mutate<FollowPayload | TypedError>(FOLLOW_THREAD, { input }));
  }

  async unfollowsThread(root: Said): Promise<FollowPayload> {
    const input = { threadRootId: root.id };
    return payload(await this.mutate<FollowPayload | TypedError>(UNFOLLOW_THREAD, { input }));
  }

  /** Keeps what they have written; an empty text clears it. */
  async drafts(
    room: InRoom,
    body: string,
    options: { threadRootId?: string; replyToId?: string; baseVersion?: string | null } = {},
  ): Promise<DraftPayload> {
    const input = { conversationId: room.id, body, ...options };
    return payload(await this.mutate<DraftPayload | TypedError>(SAVE_DRAFT, { input }));
  }

  /** @param inMs how many milliseconds from now */
  async schedules(
    room: InRoom,
    body: string,
    inMs: number,
    options: { clientId?: string; replyToId?: string; threadRootId?: string } = {},
  ): Promise<Scheduled> {
    const sendAt = new Date(Date.now() + inMs).toISOString();
    const input = { conversationId: room.id, body, sendAt, ...options };
    const answer = await this.mutate<SchedulePayload | TypedError>(SCHEDULE_MESSAGE, { input });
    return payload(answer).scheduledMessage;
  }

  /** @returns what is left unread */
  async reads(room: InRoom, seq: number): Promise<number> {
    const input = { conversationId: room.id, seq };
    return payload(await this.mutate<MarkReadResult>(MARK_READ, { input })).unreadCount;
  }

  /** @returns what is unread then */
  async unreads(room: InRoom, seq: number): Promise<number> {
    const input = { conversationId: room.id, seq };
    return payload(await this.mutate<MarkUnreadResult>(MARK_UNREAD, { input })).unreadCount;
  }

  /** Tells that messages have reached a device of theirs. */
  async receives(room: InRoom, seq: number): Promise<void> {
    const input = { marks: [{ conversationId: room.id, seq }] };
    payload(await this.mutate<MarkDeliveredResult>(MARK_DELIVERED, { input }));
  }

  /** Says what they want to be notified of. */
  async wantsNotified(
    room: InRoom,
    settings: { level: "ALL" | "MENTIONS" | "NOTHING"; mutedUntil?: string },
  ): Promise<void> {
    const input = { conversationId: room.id, ...settings };
    payload(await this.mutate<SetNotificationsResult>(SET_NOTIFICATIONS, { input }));
  }

  /** Their durable events over a WebSocket of its own, past its `Ready`. */
  async listens(
    variables: { after?: string; conversationIds?: string[]; types?: string[] } = {},
  ): Promise<Subscription<ChatEvent>> {
    const subscription = await (await this.client()).subscribe({ variables });
    await subscription.next((event) => event.__typename === "Ready");
    return subscription;
  }
}
