import { makeListeners } from "./listeners.ts";
import { isNewer, type Versioned } from "./versions.ts";

/** What the list needs to know of a message. */
export interface ListedMessage extends Versioned {
  readonly seq: number;
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
  /** `lastSeq` minus the membership's `lastReadSeq`; own messages count as read. */
  readonly unreadCount: number;
  readonly viewerMembership: { readonly lastReadSeq: number } | null;
  readonly memberCount?: number;
}

/** The fields that an event cannot carry, because they depend on who is looking. */
type ViewerFields = "lastMessage" | "unreadCount" | "viewerMembership";

type LastMessage<Conversation extends ListedConversation> = NonNullable<
  Conversation["lastMessage"]
>;

/** The events that tell of a changed message: the types that implement `MessageChange`. */
export type MessageChangeName =
  | "MessageEdited"
  | "MessageDeleted"
  | "MessagePinned"
  | "MessageUnpinned"
  | "ReactionAdded"
  | "ReactionRemoved";

/** The events that the list lives on; it takes all others too, and ignores them. */
export type ListEvent<Conversation extends ListedConversation> =
  | {
      readonly __typename: "MessageSent";
      readonly conversationId: string;
      readonly message: LastMessage<Conversation>;
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
  | {
      readonly __typename:
        | "Ready"
        | "Heartbeat"
        | "EventGap"
        | "MembershipChanged"
        | "RoomCreated"
        | "RoomUpdated"
        | "RoomHidden"
        | "InviteReceived"
        | "InviteEnded"
        | "SessionEnded";
    };

/** The viewer's conversations: a snapshot that events keep equal to a fresh one. */
export interface ConversationList<Conversation extends ListedConversation> {
  /** The one with the newest activity first. */
  readonly conversations: readonly Conversation[];
  /** What waits to be read, in all. */
  readonly unread: { readonly messages: number; readonly conversations: number };
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
  /** Moves the viewer's read mark; never back. */
  markRead(id: string, seq: number): void;
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
  const incomplete = new Set<string>();
  let sorted: Conversation[] | undefined;

  function changed(): void {
    sorted = undefined;
    listeners.notify();
  }

  function patch(conversation: Conversation, fields: Partial<ListedConversation>): void {
    const next: Conversation = { ...conversation, ...fields };
    const lastReadSeq = next.viewerMembership?.lastReadSeq ?? next.lastSeq;
    byId.set(next.id, { ...next, unreadCount: Math.max(0, next.lastSeq - lastReadSeq) });
  }

  function withRead(conversation: Conversation, seq: number): Partial<ListedConversation> {
    const { viewerMembership } = conversation;
    if (viewerMembership === null || viewerMembership.lastReadSeq >= seq) return {};
    return { viewerMembership: { ...viewerMembership, lastReadSeq: seq } };
  }

  function applySent(id: string, message: LastMessage<Conversation>): void {
    const conversation = byId.get(id);
    // A snapshot that was put in later may know the message already.
    if (conversation === undefined || message.seq <= conversation.lastSeq) return;
    const own = message.author.id === viewerId;
    patch(conversation, {
      lastSeq: message.seq,
      lastMessage: message,
      // Whoever writes has read: the server moves the author's mark with the message.
      ...(own ? withRead(conversation, message.seq) : {}),
    });
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
      count(id, 1);
      return;
    }
    const joined = {
      ...event.conversation,
      lastMessage: null,
      unreadCount: 0,
      viewerMembership: membership,
    };
    // Safe: these are all fields of a conversation, the viewer's ones beside the event's.
    patch(joined as unknown as Conversation, {});
    if (event.conversation.lastSeq > 0) incomplete.add(id);
  }

  function applyLeft(id: string, userId: string): void {
    if (userId !== viewerId) {
      count(id, -1);
      return;
    }
    byId.delete(id);
    incomplete.delete(id);
  }

  function count(id: string, change: number): void {
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
      return {
        messages: unread.reduce((sum, conversation) => sum + conversation.unreadCount, 0),
        conversations: unread.length,
      };
    },
    incomplete,
    get: (id) => byId.get(id),
    reset(conversations) {
      byId.clear();
      incomplete.clear();
      for (const conversation of conversations) byId.set(conversation.id, conversation);
      changed();
    },
    put(conversation) {
      const { id } = conversation;
      const present = byId.get(id);
      incomplete.delete(id);
      const read = present?.viewerMembership?.lastReadSeq ?? 0;
      const newer =
        present !== undefined && isAhead(present, conversation)
          ? { lastSeq: present.lastSeq, lastMessage: present.lastMessage }
          : {};
      patch(conversation, { ...newer, ...withRead(conversation, read) });
      changed();
    },
    apply(event) {
      switch (event.__typename) {
        case "MessageSent":
          applySent(event.conversationId, event.message);
          break;
        case "MessageEdited":
        case "MessageDeleted":
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
      if (conversation === undefined) return;
      patch(conversation, withRead(conversation, Math.min(seq, conversation.lastSeq)));
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
