import type { EventsSubscription } from "../generated/graphql.ts";
import { makeListeners } from "./listeners.ts";
import {
  afterDeleted,
  afterMark,
  afterSent,
  beginUnread,
  countUnread,
  mergeUnread,
  type OwnMark,
  presentMark,
  type Unread,
  withRead,
} from "./unread.ts";
import { isNewer, type Versioned } from "./versions.ts";

/** What the list needs to know of a message. */
export interface ListedMessage extends Versioned {
  readonly seq: number;
  /** Whether somebody said it, or it only tells what happened. */
  readonly kind: "TEXT" | "SYSTEM";
  readonly createdAt: string;
  readonly author: { readonly id: string };
}

/** What the list needs to know of a conversation; select whatever else is shown. */
export interface ListedConversation {
  readonly id: string;
  readonly createdAt: string;
  /** `seq` of the newest message; 0 without one. */
  readonly lastSeq: number;
  readonly lastMessage: ListedMessage | null;
  /** How many messages count as something to read. */
  readonly countedMessages: number;
  readonly unreadCount: number;
  readonly viewerMembership: { readonly lastReadSeq: number; readonly markRevision: number } | null;
  /** How far the viewer is; null when they are not a member. */
  readonly viewerMark: OwnMark | null;
  readonly memberCount?: number;
}

/** The fields that an event cannot carry, because they depend on who is looking. */
type ViewerFields = "lastMessage" | "unreadCount" | "viewerMembership" | "viewerMark";

type LastMessage<Conversation extends ListedConversation> = NonNullable<
  Conversation["lastMessage"]
>;

/** The events that tell of a changed message: the types that implement `MessageChange`. */
export type MessageChangeName =
  "MessageEdited" | "MessagePinned" | "MessageUnpinned" | "ReactionAdded" | "ReactionRemoved";

/** The events that change the list. */
type ListedName =
  "MessageSent" | "MessageDeleted" | MessageChangeName | "MemberJoined" | "MemberLeft";

/** The events that the list lives on; it takes all others too, and ignores them. */
export type ListEvent<Conversation extends ListedConversation> =
  | {
      readonly __typename: "MessageSent";
      readonly conversationId: string;
      readonly message: LastMessage<Conversation>;
    }
  | {
      readonly __typename: "MessageDeleted";
      readonly conversationId: string;
      readonly message: LastMessage<Conversation>;
      readonly lastSeq: number;
      readonly countedMessages: number;
    }
  | {
      readonly __typename: MessageChangeName;
      readonly conversationId: string;
      readonly message: LastMessage<Conversation>;
    }
  | {
      readonly __typename: "MemberJoined";
      readonly conversationId: string;
      readonly conversation: Omit<Conversation, ViewerFields>;
      readonly membership: NonNullable<Conversation["viewerMembership"]> & {
        readonly user: { readonly id: string };
      };
    }
  | {
      readonly __typename: "MemberLeft";
      readonly conversationId: string;
      readonly user: { readonly id: string };
    }
  | { readonly __typename: Exclude<EventsSubscription["events"]["__typename"], ListedName> };

/** The viewer's conversations: a snapshot that events keep equal to a fresh one. */
export interface ConversationList<Conversation extends ListedConversation> {
  /** The one with the newest activity first. */
  readonly conversations: readonly Conversation[];
  /** What waits to be read, in all. */
  readonly unread: {
    readonly messages: number;
    readonly mentions: number;
    readonly conversations: number;
  };
  /**
   * Conversations that the viewer joined and of which events told all but the newest message:
   * fetch and {@link ConversationList.put} them.
   */
  readonly incomplete: ReadonlySet<string>;
  get(id: string): Conversation | undefined;
  /** Replaces everything by a snapshot; apply the events after its `viewer.cursor` from then on. */
  reset(conversations: readonly Conversation[]): void;
  /** Adds a conversation, or completes it; what events have told since is kept. */
  put(conversation: Conversation): void;
  /** Applies an event of the stream. Each event once, in the stream's order. */
  apply(event: ListEvent<Conversation>): void;
  /** Moves the viewer's read mark before the server has answered; never back. */
  markRead(id: string, seq: number): void;
  /** Takes over a mark as `ownMarks` tells it, or the answer to moving one. */
  applyMark(mark: OwnMark & { readonly conversationId: string }): void;
  /** Calls the listener after each change; the returned function ends that. */
  subscribe: (listener: () => void) => () => void;
}

/**
 * Makes an empty list.
 *
 * @param viewerId global id of the viewer's user
 */
export function makeConversationList<Conversation extends ListedConversation>({
  viewerId,
}: {
  viewerId: string;
}): ConversationList<Conversation> {
  const listeners = makeListeners();
  const byId = new Map<string, Conversation>();
  /** Of each conversation that the viewer is a member of. */
  const unreads = new Map<string, Unread>();
  const incomplete = new Set<string>();
  let sorted: Conversation[] | undefined;

  function changed(): void {
    sorted = undefined;
    listeners.notify();
  }

  function patch(conversation: Conversation, fields: Partial<ListedConversation>): void {
    byId.set(conversation.id, { ...conversation, ...fields });
  }

  /** Takes a conversation as it was fetched. */
  function begin(conversation: Conversation): void {
    byId.set(conversation.id, conversation);
    const { viewerMark } = conversation;
    if (viewerMark === null) unreads.delete(conversation.id);
    else unreads.set(conversation.id, beginUnread(conversation, viewerMark));
  }

  /** Keeps what is unread, and all that a conversation says of it. */
  function count(conversation: Conversation, unread: Unread): void {
    const { id, viewerMembership } = conversation;
    const { lastSeq, countedMessages, mark } = unread;
    unreads.set(id, unread);
    const { lastReadSeq, revision } = mark;
    patch(conversation, {
      lastSeq,
      countedMessages,
      unreadCount: countUnread(unread),
      viewerMark: presentMark(unread),
      viewerMembership:
        viewerMembership === null
          ? null
          : { ...viewerMembership, lastReadSeq, markRevision: revision },
    });
  }

  function applySent(id: string, message: LastMessage<Conversation>): void {
    const conversation = byId.get(id);
    // A snapshot that was put in later may know the message already.
    if (conversation === undefined || message.seq <= conversation.lastSeq) return;
    const unread = unreads.get(id);
    const own = message.author.id === viewerId;
    const next = { ...conversation, lastSeq: message.seq, lastMessage: message };
    if (unread === undefined) patch(next, {});
    else count(next, afterSent(unread, { seq: message.seq, own, counts: message.kind === "TEXT" }));
  }

  function applyDeleted(
    event: Extract<ListEvent<Conversation>, { __typename: "MessageDeleted" }>,
  ): void {
    const conversation = byId.get(event.conversationId);
    const unread = unreads.get(event.conversationId);
    if (conversation === undefined || unread === undefined) return;
    count(conversation, afterDeleted(unread, event.message.seq, event));
  }

  function applyChanged(id: string, message: LastMessage<Conversation>): void {
    const conversation = byId.get(id);
    if (conversation?.lastMessage?.seq !== message.seq) return;
    patch(conversation, { lastMessage: message });
  }

  function applyJoined(
    event: Extract<ListEvent<Conversation>, { __typename: "MemberJoined" }>,
  ): void {
    const { conversationId: id, membership } = event;
    if (membership.user.id !== viewerId) {
      countMembers(id, 1);
      return;
    }
    const { lastSeq, countedMessages } = event.conversation;
    // What is there at the joining counts as read; what came since is known with the mark.
    const mark: OwnMark = {
      lastReadSeq: membership.lastReadSeq,
      readCount: countedMessages,
      unreadMentionCount: 0,
      revision: membership.markRevision,
      lastSeq,
      countedMessages,
    };
    const joined = {
      ...event.conversation,
      lastMessage: null,
      unreadCount: 0,
      viewerMembership: membership,
      viewerMark: mark,
    };
    // Safe: these are all fields of a conversation, the viewer's ones beside the event's.
    count(joined as unknown as Conversation, beginUnread(event.conversation, mark));
    if (event.conversation.lastSeq > 0) incomplete.add(id);
  }

  function applyLeft(id: string, userId: string): void {
    if (userId !== viewerId) {
      countMembers(id, -1);
      return;
    }
    byId.delete(id);
    unreads.delete(id);
    incomplete.delete(id);
  }

  function countMembers(id: string, change: number): void {
    const conversation = byId.get(id);
    if (conversation?.memberCount === undefined) return;
    patch(conversation, { memberCount: conversation.memberCount + change });
  }

  return {
    get conversations() {
      sorted ??= [...byId.values()].sort(byActivity);
      return sorted;
    },
    get unread() {
      const unread = [...byId.values()].filter((conversation) => conversation.unreadCount > 0);
      const marks = [...byId.values()].flatMap(({ viewerMark }) => viewerMark ?? []);
      return {
        messages: unread.reduce((sum, conversation) => sum + conversation.unreadCount, 0),
        mentions: marks.reduce((sum, mark) => sum + mark.unreadMentionCount, 0),
        conversations: unread.length,
      };
    },
    incomplete,
    get: (id) => byId.get(id),
    reset(conversations) {
      byId.clear();
      unreads.clear();
      incomplete.clear();
      for (const conversation of conversations) begin(conversation);
      changed();
    },
    put(conversation) {
      const { id } = conversation;
      const present = byId.get(id);
      const known = unreads.get(id);
      incomplete.delete(id);
      begin(conversation);
      const fetched = unreads.get(id);
      const newer =
        present !== undefined && isAhead(present, conversation)
          ? { lastSeq: present.lastSeq, lastMessage: present.lastMessage }
          : {};
      const next = { ...conversation, ...newer };
      if (known === undefined || fetched === undefined) patch(next, {});
      else count(next, mergeUnread(known, fetched));
      changed();
    },
    apply(event) {
      switch (event.__typename) {
        case "MessageSent":
          applySent(event.conversationId, event.message);
          break;
        case "MessageDeleted":
          applyDeleted(event);
          applyChanged(event.conversationId, event.message);
          break;
        case "MessageEdited":
        case "MessagePinned":
        case "MessageUnpinned":
        case "ReactionAdded":
        case "ReactionRemoved":
          applyChanged(event.conversationId, event.message);
          break;
        case "MemberJoined":
          applyJoined(event);
          break;
        case "MemberLeft":
          applyLeft(event.conversationId, event.user.id);
          break;
        default:
          return;
      }
      changed();
    },
    markRead(id, seq) {
      const conversation = byId.get(id);
      const unread = unreads.get(id);
      if (conversation === undefined || unread === undefined) return;
      count(conversation, withRead(unread, seq));
      changed();
    },
    applyMark(mark) {
      const conversation = byId.get(mark.conversationId);
      const unread = unreads.get(mark.conversationId);
      if (conversation === undefined || unread === undefined) return;
      count(conversation, afterMark(unread, mark));
      changed();
    },
    subscribe: listeners.subscribe,
  };
}

/** Whether events have told more of the newest message than a snapshot that was put in later has. */
function isAhead(present: ListedConversation, snapshot: ListedConversation): boolean {
  if (present.lastSeq !== snapshot.lastSeq) return present.lastSeq > snapshot.lastSeq;
  const [known, fetched] = [present.lastMessage, snapshot.lastMessage];
  return known !== null && fetched !== null && isNewer(known, fetched);
}

function byActivity(a: ListedConversation, b: ListedConversation): number {
  const [left, right] = [a, b].map((conversation) =>
    Date.parse(conversation.lastMessage?.createdAt ?? conversation.createdAt),
  );
  return (right ?? 0) - (left ?? 0) || (a.id < b.id ? 1 : -1);
}
