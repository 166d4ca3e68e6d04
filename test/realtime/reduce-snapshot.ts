import {
  sorted,
  toState,
  type Change,
  type ListedRoom,
  type Member,
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
      return withRoom(
        withTalks(snapshot, [
          ...snapshot.conversations.filter(({ id }) => id !== change.conversationId),
          toState(change.conversation),
        ]),
        listed(change.conversation),
      );
    case "MemberLeft":
      return change.user.id === snapshot.userId
        ? withoutTalk(snapshot, change.conversationId)
        : inTalk(snapshot, change.conversationId, (talk) => withoutMember(talk, change.user.id));
    case "MembershipChanged":
      return inTalk(snapshot, change.conversationId, (talk) =>
        withStanding(talk, change.membership),
      );
    case "RoomCreated":
      return withRoom(snapshot, change.room);
    case "RoomUpdated":
      return inTalk(withRoom(snapshot, change.room), change.room.id, (talk) => ({
        ...talk,
        ...change.room,
      }));
    case "RoomHidden":
      return withoutRoom(snapshot, change.conversationId);
    case "InviteReceived":
      return { ...snapshot, invites: sorted([...snapshot.invites, change.invite]) };
    case "InviteEnded":
      return { ...snapshot, invites: snapshot.invites.filter(({ id }) => id !== change.inviteId) };
    case "SessionEnded":
      return {
        ...snapshot,
        sessions: snapshot.sessions.filter(({ id }) => id !== change.sessionId),
      };
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
  const isSaid = message.kind === "TEXT";
  // Who writes has read what stands above.
  const read = (member: Member): Member =>
    isSaid && member.user.id === message.author.id
      ? { ...member, lastReadSeq: message.seq }
      : member;
  const viewerMembership = talk.viewerMembership === null ? null : read(talk.viewerMembership);
  return {
    ...talk,
    viewerMembership,
    lastSeq: message.seq,
    lastActivityAt: isSaid ? message.createdAt : talk.lastActivityAt,
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

/** What a member may do; how far they have read is not told by it. */
function withStanding(talk: TalkState, { id, role, mutedUntil }: Member): TalkState {
  const change = (member: Member): Member =>
    member.id === id ? { ...member, role, mutedUntil } : member;
  return {
    ...talk,
    viewerMembership: talk.viewerMembership === null ? null : change(talk.viewerMembership),
    members: talk.members.map(change),
  };
}

function listed(talk: ListedRoom): ListedRoom {
  const { id, slug, name, topic, visibility, archivedAt, slowModeSeconds } = talk;
  return { id, slug, name, topic, visibility, archivedAt, slowModeSeconds };
}

/** Lists a room as it is now; one that is archived is in another list. */
function withRoom(snapshot: Snapshot, room: ListedRoom): Snapshot {
  const others = snapshot.rooms.filter(({ id }) => id !== room.id);
  return { ...snapshot, rooms: room.archivedAt === null ? sorted([...others, room]) : others };
}

/** A room that became private is gone for those outside; its members are told next what it is now. */
function withoutRoom(snapshot: Snapshot, roomId: string): Snapshot {
  const isInside = snapshot.conversations.some(({ id }) => id === roomId);
  if (isInside) return snapshot;
  return { ...snapshot, rooms: snapshot.rooms.filter(({ id }) => id !== roomId) };
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
