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
import { roomAct } from "./room-documents.ts";
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

/** The result of any action in a room. */
interface Done {
  __typename: `${string}Payload`;
  cursor: string;
}

/** Anything with a room's id. */
type InRoom = Pick<Room, "id">;
/** Anything with a message's id. */
type Said = Pick<ChatMessage, "id">;

/**
 * A scenario that runs over the public API:
 *
 * const seed = seedOn(server); const room = await seed.user("ada").createsRoom("lobby-2"); await
 * seed.user("bob").joins(room); const message = await seed.user("bob").says(room, "hello");
 */
export interface Seed {
  /** The user with that name, the same at every call; signed up with the first action. */
  user(username: string): Actor;
}

/** Starts a scenario on a server. Every rejected step throws. */
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

/** Signs up once, on first use. */
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

/** A user who acts through one instance. */
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

  /** The same user with the same session, through another instance. */
  via(endpoint: Endpoint): Actor {
    return new Actor(this.#account, endpoint);
  }

  /** Signs up. @returns the session: token, user, and the cursor of the sign-up */
  signsUp(): Promise<SessionPayload> {
    return this.#account.session();
  }

  /** A client with the user's token. */
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

  /** @returns the cursor of the join */
  async joins(room: InRoom): Promise<string> {
    const input = { roomId: room.id };
    return payload(await this.mutate<JoinRoomResult>(JOIN_ROOM, { input })).cursor;
  }

  /** @returns the cursor of the departure */
  async leaves(room: InRoom): Promise<string> {
    const input = { roomId: room.id };
    return payload(await this.mutate<LeaveRoomResult>(LEAVE_ROOM, { input })).cursor;
  }

  /** Runs a mutation of test/kit/room-documents.ts. @returns its cursor */
  async does(act: string, input: Variables): Promise<string> {
    return payload(await this.mutate<Done | TypedError>(roomAct(act), { input })).cursor;
  }

  /** Sends a message with a new `clientId`, unless one is given. */
  async says(
    room: InRoom,
    body: string,
    options: { clientId?: string; replyToId?: string; threadRootId?: string } = {},
  ): Promise<ChatMessage> {
    const input = { conversationId: room.id, body, clientId: randomUUID(), ...options };
    return payload(await this.mutate<SendMessageResult>(SEND_MESSAGE, { input })).sentMessage;
  }

  /** Edits one of the user's messages. */
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

  /** Removes a reaction. */
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

  /** Mutes a user. */
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

  /** Blocks a user. */
  blocks(person: Actor): Promise<PersonPayload> {
    return this.#doesTo(BLOCK_PERSON, person);
  }

  unblocks(person: Actor): Promise<PersonPayload> {
    return this.#doesTo(UNBLOCK_PERSON, person);
  }

  /** Opens the conversation with these users; without users, the notebook. */
  async opensDirect(...people: Actor[]): Promise<Direct> {
    const sessions = await Promise.all(people.map((person) => person.signsUp()));
    const input = { userIds: sessions.map(({ user }) => user.id) };
    return payload(await this.mutate<OpenDirectResult>(OPEN_DIRECT, { input })).conversation;
  }

  /** Publishes with a new `clientId`, unless one is given. */
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

  /** Saves a draft; an empty text clears it. */
  async drafts(
    room: InRoom,
    body: string,
    options: { threadRootId?: string; replyToId?: string; baseVersion?: string | null } = {},
  ): Promise<DraftPayload> {
    const input = { conversationId: room.id, body, ...options };
    return payload(await this.mutate<DraftPayload | TypedError>(SAVE_DRAFT, { input }));
  }

  /** @param inMs milliseconds from now */
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

  /** @returns the remaining unread count */
  async reads(room: InRoom, seq: number): Promise<number> {
    const input = { conversationId: room.id, seq };
    return payload(await this.mutate<MarkReadResult>(MARK_READ, { input })).unreadCount;
  }

  /** @returns the new unread count */
  async unreads(room: InRoom, seq: number): Promise<number> {
    const input = { conversationId: room.id, seq };
    return payload(await this.mutate<MarkUnreadResult>(MARK_UNREAD, { input })).unreadCount;
  }

  /** Marks messages as delivered to a device of the user. */
  async receives(room: InRoom, seq: number): Promise<void> {
    const input = { marks: [{ conversationId: room.id, seq }] };
    payload(await this.mutate<MarkDeliveredResult>(MARK_DELIVERED, { input }));
  }

  /** Sets notification settings. */
  async wantsNotified(
    room: InRoom,
    settings: { level: "ALL" | "MENTIONS" | "NOTHING"; mutedUntil?: string },
  ): Promise<void> {
    const input = { conversationId: room.id, ...settings };
    payload(await this.mutate<SetNotificationsResult>(SET_NOTIFICATIONS, { input }));
  }

  /** Opens a separate WebSocket with the user's durable events, and consumes `Ready`. */
  async listens(
    variables: { after?: string; conversationIds?: string[]; types?: string[] } = {},
  ): Promise<Subscription<ChatEvent>> {
    const subscription = await (await this.client()).subscribe({ variables });
    await subscription.next((event) => event.__typename === "Ready");
    return subscription;
  }
}
