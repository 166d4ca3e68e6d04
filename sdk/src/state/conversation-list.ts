import type { EventsSubscription } from "../generated/graphql.ts";
import { makeListeners } from "./listeners.ts";
import {
  afterDeleted,
  afterMark,
  afterSent,
  startReadState,
  countUnread,
  mergeReadStates,
  type OwnMark,
  currentMark,
  type ReadState,
  afterLocalRead,
} from "./read-state.ts";
import { isNewer, type Versioned } from "./versions.ts";

/** The message fields that the list needs. Select any other fields you display. */
export interface ListedMessage extends Versioned {
  readonly seq: number;
  /** `TEXT` if a user wrote it, `SYSTEM` if it records an action such as joining. */
  readonly kind: "TEXT" | "SYSTEM";
  readonly createdAt: string;
  readonly author: { readonly id: string };
}

/** The conversation fields that the list needs. Select any other fields you display. */
export interface ListedConversation {
  readonly id: string;
  readonly createdAt: string;
  /** `seq` of the newest message; 0 if there is none. */
  readonly lastSeq: number;
  readonly lastMessage: ListedMessage | null;
  /** Number of messages that count as unread until read. System messages do not. */
  readonly countedMessages: number;
  readonly unreadCount: number;
  readonly viewerMembership: { readonly lastReadSeq: number; readonly markRevision: number } | null;
  /** The viewer's read mark; null if the viewer is not a member. */
  readonly viewerMark: OwnMark | null;
  readonly memberCount?: number;
}

/** Fields that an event cannot contain, because they depend on the viewer. */
type ViewerFields = "lastMessage" | "unreadCount" | "viewerMembership" | "viewerMark";

type LastMessage<Conversation extends ListedConversation> = NonNullable<
  Conversation["lastMessage"]
>;

/** The events that change a message: the types that implement `MessageChange`. */
export type MessageChangeName =
  "MessageEdited" | "MessagePinned" | "MessageUnpinned" | "ReactionAdded" | "ReactionRemoved";

/** The events that change the list. */
type ListedEventName =
  "MessageSent" | "MessageDeleted" | MessageChangeName | "MemberJoined" | "MemberLeft";

/** The events that change the list. `apply` accepts all other events and ignores them. */
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
  | { readonly __typename: Exclude<EventsSubscription["events"]["__typename"], ListedEventName> };

/** The viewer's conversations: a snapshot that events keep equal to a fresh one. */
export interface ConversationList<Conversation extends ListedConversation> {
  /** Sorted by latest activity, newest first. */
  readonly conversations: readonly Conversation[];
  /** Unread totals over all conversations. */
  readonly unread: {
    readonly messages: number;
    readonly mentions: number;
    readonly conversations: number;
  };
  /**
   * Ids of joined conversations whose newest message is unknown. Fetch and {@link
   * ConversationList.put} them.
   */
  readonly incomplete: ReadonlySet<string>;
  /** Returns a conversation by its global id. */
  get(id: string): Conversation | undefined;
  /** Replaces the list with a snapshot. Then apply the events after its `viewer.cursor`. */
  reset(conversations: readonly Conversation[]): void;
  /** Adds or completes a conversation. Newer data from events wins. */
  put(conversation: Conversation): void;
  /** Applies an event of the stream. Apply each event once, in the stream's order. */
  apply(event: ListEvent<Conversation>): void;
  /** Moves the viewer's read mark forward before the server confirms it. Never moves it back. */
  markRead(id: string, seq: number): void;
  /** Applies a read mark from `ownMarks`, `markRead` or `markUnread`. */
  applyMark(mark: OwnMark & { readonly conversationId: string }): void;
  /** Calls the listener after each change. Returns a function that unsubscribes it. */
  subscribe: (listener: () => void) => () => void;
}

/**
 * Creates an empty list.
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
  /** Read state by conversation, for the conversations that the viewer is a member of. */
  const readStates = new Map<string, ReadState>();
  const incomplete = new Set<string>();
  let sorted: Conversation[] | undefined;

  function notifyChange(): void {
    sorted = undefined;
    listeners.notify();
  }

  function patch(conversation: Conversation, fields: Partial<ListedConversation>): void {
    byId.set(conversation.id, { ...conversation, ...fields });
  }

  function store(conversation: Conversation): void {
    byId.set(conversation.id, conversation);
    const { viewerMark } = conversation;
    if (viewerMark === null) readStates.delete(conversation.id);
    else readStates.set(conversation.id, startReadState(conversation, viewerMark));
  }

  /** Stores the read state and copies its counters to the conversation. */
  function updateReadState(conversation: Conversation, unread: ReadState): void {
    const { id, viewerMembership } = conversation;
    const { lastSeq, countedMessages, mark } = unread;
    readStates.set(id, unread);
    const { lastReadSeq, revision } = mark;
    patch(conversation, {
      lastSeq,
      countedMessages,
      unreadCount: countUnread(unread),
      viewerMark: currentMark(unread),
      viewerMembership:
        viewerMembership === null
          ? null
          : { ...viewerMembership, lastReadSeq, markRevision: revision },
    });
  }

  function applySent(id: string, message: LastMessage<Conversation>): void {
    const conversation = byId.get(id);
    // A snapshot added in the meantime may already include the message.
    if (conversation === undefined || message.seq <= conversation.lastSeq) return;
    const unread = readStates.get(id);
    const own = message.author.id === viewerId;
    const next = { ...conversation, lastSeq: message.seq, lastMessage: message };
    if (unread === undefined) patch(next, {});
    else
      updateReadState(
        next,
        afterSent(unread, { seq: message.seq, own, counts: message.kind === "TEXT" }),
      );
  }

  function applyDeleted(
    event: Extract<ListEvent<Conversation>, { __typename: "MessageDeleted" }>,
  ): void {
    const conversation = byId.get(event.conversationId);
    const unread = readStates.get(event.conversationId);
    if (conversation === undefined || unread === undefined) return;
    updateReadState(conversation, afterDeleted(unread, event.message.seq, event));
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
      adjustMemberCount(id, 1);
      return;
    }
    const { lastSeq, countedMessages } = event.conversation;
    // Messages from before the join count as read. The mark covers later ones.
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
    // Safe: the event's fields and the viewer's fields together form a whole conversation.
    updateReadState(joined as unknown as Conversation, startReadState(event.conversation, mark));
    if (event.conversation.lastSeq > 0) incomplete.add(id);
  }

  function applyLeft(id: string, userId: string): void {
    if (userId !== viewerId) {
      adjustMemberCount(id, -1);
      return;
    }
    byId.delete(id);
    readStates.delete(id);
    incomplete.delete(id);
  }

  function adjustMemberCount(id: string, change: number): void {
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
      readStates.clear();
      incomplete.clear();
      for (const conversation of conversations) store(conversation);
      notifyChange();
    },
    put(conversation) {
      const { id } = conversation;
      const present = byId.get(id);
      const known = readStates.get(id);
      incomplete.delete(id);
      store(conversation);
      const fetched = readStates.get(id);
      const newer =
        present !== undefined && isAhead(present, conversation)
          ? { lastSeq: present.lastSeq, lastMessage: present.lastMessage }
          : {};
      const next = { ...conversation, ...newer };
      if (known === undefined || fetched === undefined) patch(next, {});
      else updateReadState(next, mergeReadStates(known, fetched));
      notifyChange();
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
      notifyChange();
    },
    markRead(id, seq) {
      const conversation = byId.get(id);
      const unread = readStates.get(id);
      if (conversation === undefined || unread === undefined) return;
      updateReadState(conversation, afterLocalRead(unread, seq));
      notifyChange();
    },
    applyMark(mark) {
      const conversation = byId.get(mark.conversationId);
      const unread = readStates.get(mark.conversationId);
      if (conversation === undefined || unread === undefined) return;
      updateReadState(conversation, afterMark(unread, mark));
      notifyChange();
    },
    subscribe: listeners.subscribe,
  };
}

/** Whether events brought a newer last message than the fetched snapshot contains. */
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
