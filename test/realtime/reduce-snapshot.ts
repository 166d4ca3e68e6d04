import {
  sorted,
  toState,
  type Change,
  type Member,
  type Person,
  type Plain,
  type Snapshot,
  type TalkState,
  type Text,
} from "./snapshot.ts";

/**
 * What a client does with an event: pure, and harmless when the snapshot shows the event already,
 * as a conversation that came with one's own joining may.
 */
export function reduceSnapshot(snapshot: Snapshot, change: Change): Snapshot {
  switch (change.__typename) {
    case "Ready":
    case "Heartbeat":
      return snapshot;
    case "EventGap":
      throw new Error("a gap: nothing can be said of what is missing");
    case "MessageSent":
      return inTalk(snapshot, change.conversationId, (talk) => withText(talk, change.message));
    case "MessageEdited":
    case "MessageDeleted":
    case "MessagePinned":
    case "MessageUnpinned":
    case "ReactionAdded":
    case "ReactionRemoved":
      return inTalk(snapshot, change.conversationId, (talk) => withChanged(talk, change.message));
    case "MemberJoined":
      if (change.membership.user.id !== snapshot.userId) {
        return inTalk(snapshot, change.conversationId, (talk) =>
          withMember(talk, change.membership),
        );
      }
      return withTalks(snapshot, [
        ...snapshot.conversations.filter(({ id }) => id !== change.conversationId),
        toState(change.conversation),
      ]);
    case "MemberLeft":
      return change.user.id === snapshot.userId
        ? withoutTalk(snapshot, change.conversationId)
        : inTalk(snapshot, change.conversationId, (talk) => withoutMember(talk, change.user.id));
    case "RoomCreated":
      return {
        ...snapshot,
        rooms: sorted([...snapshot.rooms.filter(({ id }) => id !== change.room.id), change.room]),
      };
    case "SessionEnded":
      return {
        ...snapshot,
        sessions: snapshot.sessions.filter(({ id }) => id !== change.sessionId),
      };
    case "UserChanged":
      return withPerson(snapshot, change.user);
  }
}

/**
 * A conversation that came with an event was read field by field while others went on talking, so
 * its list may be ahead of its `lastSeq` or behind it: a message is known by its id, not by a count.
 */
function withText(talk: TalkState, message: Text): TalkState {
  const messages = talk.messages.some(({ id }) => id === message.id)
    ? talk.messages
    : [...talk.messages, message].toSorted((a, b) => a.seq - b.seq);
  if (message.seq < talk.lastSeq) return { ...talk, messages };
  // Who writes has read what stands above.
  const read = (member: Member): Member =>
    member.user.id === message.author.id ? { ...member, lastReadSeq: message.seq } : member;
  const viewerMembership = talk.viewerMembership === null ? null : read(talk.viewerMembership);
  return {
    ...talk,
    viewerMembership,
    lastSeq: message.seq,
    unreadCount: message.seq - (viewerMembership?.lastReadSeq ?? message.seq),
    lastMessage: message,
    messages,
    members: talk.members.map(read),
  };
}

/** Whatever was changed: the message as it is now, wherever it is shown. */
function withChanged(talk: TalkState, message: Text): TalkState {
  const { replyTo: _, ...plain } = message;
  const shown = (text: Text): Text => {
    if (text.id === message.id) return message;
    return text.replyTo?.id === message.id ? { ...text, replyTo: plain } : text;
  };
  const others = talk.pinnedMessages.filter(({ id }) => id !== message.id).map(shown);
  return {
    ...talk,
    lastMessage: talk.lastMessage === null ? null : shown(talk.lastMessage),
    messages: talk.messages.map(shown),
    pinnedMessages: (message.pinnedAt === null ? others : [...others, message]).toSorted(byPin),
  };
}

/** The last pinned first; of those pinned in the same millisecond, the later message. */
function byPin(a: Plain, b: Plain): number {
  return Date.parse(b.pinnedAt ?? "") - Date.parse(a.pinnedAt ?? "") || b.seq - a.seq;
}

function withMember(talk: TalkState, member: Member): TalkState {
  const isKnown = talk.members.some(({ user }) => user.id === member.user.id);
  const members = isKnown ? talk.members : [...talk.members, member];
  return { ...talk, members, memberCount: members.length };
}

function withoutMember(talk: TalkState, userId: string): TalkState {
  const members = talk.members.filter(({ user }) => user.id !== userId);
  return { ...talk, members, memberCount: members.length };
}

/** A person is the same wherever they are shown: as a member, an author, or the author of what is answered. */
function withPerson<T>(shown: T, person: Person): T {
  if (typeof shown !== "object" || shown === null) return shown;
  if ("username" in shown && "id" in shown && shown.id === person.id) return person as unknown as T;
  const renewed = (value: unknown): unknown => withPerson(value, person);
  if (Array.isArray(shown)) return shown.map(renewed) as unknown as T;
  const fields = Object.entries(shown).map(([name, value]) => [name, renewed(value)]);
  return Object.fromEntries(fields) as T;
}

/** Of a private room that one has left one knows nothing any more. */
function withoutTalk(snapshot: Snapshot, id: string): Snapshot {
  const rest = snapshot.conversations.filter((talk) => talk.id !== id);
  const isHidden = snapshot.rooms.some((room) => room.id === id && room.visibility === "PRIVATE");
  return {
    ...withTalks(snapshot, rest),
    rooms: isHidden ? snapshot.rooms.filter((room) => room.id !== id) : snapshot.rooms,
  };
}

function inTalk(snapshot: Snapshot, id: string, change: (talk: TalkState) => TalkState): Snapshot {
  return withTalks(
    snapshot,
    snapshot.conversations.map((talk) => (talk.id === id ? change(talk) : talk)),
  );
}

function withTalks(snapshot: Snapshot, talks: readonly TalkState[]): Snapshot {
  const unread = talks.map(({ unreadCount }) => unreadCount);
  return {
    ...snapshot,
    conversations: sorted(talks),
    unread: {
      messages: unread.reduce((sum, count) => sum + count, 0),
      conversations: unread.filter((count) => count > 0).length,
    },
  };
}
