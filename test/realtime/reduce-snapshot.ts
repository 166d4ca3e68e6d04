import { reduceFeed, withoutPerson } from "./feed.ts";
import {
  afterDeleted,
  afterSent,
  startReadState,
  countUnread,
  currentMark,
  type ReadState,
} from "../../sdk/src/state/read-state.ts";
import {
  idsOf,
  sorted,
  toState,
  type Change,
  type ListedRoom,
  type Member,
  type Person,
  type Notifications,
  type Plain,
  type Snapshot,
  type Talk,
  type TalkState,
  type Text,
} from "./snapshot.ts";

/**
 * Applies an event to a snapshot: pure, and without effect if the snapshot already includes it, as a
 * conversation loaded after a join may.
 */
export function reduceSnapshot(snapshot: Snapshot, change: Change): Snapshot {
  switch (change.__typename) {
    case "Ready":
    case "Heartbeat":
      return snapshot;
    case "EventGap":
      throw new Error("a gap: nothing can be said of what is missing");
    case "MessageSent":
      return inTalk(snapshot, change.conversationId, (talk) =>
        withRoot(withText(talk, change.message), change.message.threadRoot),
      );
    case "MessageDeleted":
      return inTalk(snapshot, change.conversationId, (talk) => {
        const counted = withUnread(talk, (unread) =>
          afterDeleted(unread, change.message.seq, change),
        );
        return withRoot(withChanged(counted, change.message), change.message.threadRoot);
      });
    case "MessageEdited":
    case "MessagePinned":
    case "MessageUnpinned":
    case "ReactionAdded":
    case "ReactionRemoved":
      return inTalk(snapshot, change.conversationId, (talk) =>
        withRoot(withChanged(talk, change.message), change.message.threadRoot),
      );
    case "ThreadFollowChanged":
      return inTalk(snapshot, change.conversationId, (talk) => {
        const root = talk.messages.find(({ id }) => id === change.rootId);
        if (root === undefined) return talk;
        return withRoot(talk, { ...plainOf(root), viewerFollowsThread: change.following });
      });
    case "DraftChanged": {
      const { draft } = change;
      const others = snapshot.drafts.filter(
        (other) =>
          other.conversationId !== change.conversationId ||
          other.threadRootId !== change.threadRootId,
      );
      return { ...snapshot, drafts: draft === null ? others : [draft, ...others] };
    }
    case "ScheduledMessageChanged": {
      const others = snapshot.scheduled.filter(({ id }) => id !== change.scheduledMessageId);
      const now = change.scheduledMessage;
      return { ...snapshot, scheduled: now === null ? others : sorted([...others, now]) };
    }
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
      return inTalk(snapshot, change.conversationId, (talk) => withRights(talk, change.membership));
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
    case "Followed":
    case "Unfollowed":
    case "PersonMuted":
    case "PersonUnmuted":
    case "PersonBlocked":
    case "PersonUnblocked":
    case "PostPublished":
    case "PostDeleted":
      return { ...snapshot, feed: reduceFeed(snapshot.feed, change, snapshot.userId) };
    case "NotificationsChanged":
      return withSettings(snapshot, change.conversationId, change.notifications);
    case "UserChanged":
      return withPerson(snapshot, change.user);
    case "UserDeleted":
      return withPerson(
        { ...snapshot, feed: withoutPerson(snapshot.feed, change.user.id) },
        change.user,
      );
    case "ReportChanged": {
      const { reportId, status } = change;
      const others = snapshot.reports.filter(({ id }) => id !== reportId);
      return { ...snapshot, reports: sorted([...others, { id: reportId, status }]) };
    }
  }
}

/**
 * A conversation loaded for an event was read field by field during traffic, so its list may be ahead of
 * its `lastSeq` or behind it. Messages are therefore identified by id, not by count.
 */
function withText(talk: TalkState, message: Text): TalkState {
  const messages = talk.messages.some(({ id }) => id === message.id)
    ? talk.messages
    : [...talk.messages, message].toSorted((a, b) => a.seq - b.seq);
  if (message.seq < talk.lastSeq) return { ...talk, messages };
  const counts = message.kind === "TEXT";
  // Authors have read all messages before their own.
  const read = (member: Member): Member =>
    counts && member.user.id === message.author.id
      ? { ...member, lastReadSeq: message.seq, lastDeliveredSeq: message.seq }
      : member;
  const { viewerMembership } = talk;
  const own = viewerMembership?.user.id === message.author.id;
  return {
    ...withUnread(talk, (unread) => afterSent(unread, { seq: message.seq, own, counts })),
    viewerMembership: viewerMembership === null ? null : read(viewerMembership),
    lastActivityAt: counts ? message.createdAt : talk.lastActivityAt,
    lastMessage: message,
    messages,
    members: talk.members.map(read),
  };
}

/** Applies a change to the unread counters that a client derives from events. */
function withUnread(talk: TalkState, change: (unread: ReadState) => ReadState): TalkState {
  if (talk.viewerMark === null)
    throw new Error("a conversation without membership has no read mark");
  const unread = change(startReadState(talk, talk.viewerMark));
  const { lastSeq, countedMessages } = unread;
  const unreadCount = countUnread(unread);
  return { ...talk, lastSeq, countedMessages, unreadCount, viewerMark: currentMark(unread) };
}

function withSettings(snapshot: Snapshot, id: string, notifications: Notifications): Snapshot {
  const set = (member: Member): Member =>
    member.user.id === snapshot.userId ? { ...member, notifications } : member;
  return inTalk(snapshot, id, (talk) => ({
    ...talk,
    viewerMembership: talk.viewerMembership === null ? null : set(talk.viewerMembership),
    members: talk.members.map(set),
  }));
}

/** Replaces a changed message wherever it is shown. */
function withChanged(talk: TalkState, message: Text): TalkState {
  const shown = (text: Text): Text => (text.id === message.id ? message : naming(text, message));
  const others = talk.pinnedMessages.filter(({ id }) => id !== message.id).map(shown);
  return {
    ...talk,
    lastMessage: talk.lastMessage === null ? null : shown(talk.lastMessage),
    messages: talk.messages.map(shown),
    pinnedMessages: (message.pinnedAt === null ? others : [...others, message]).toSorted(byPin),
  };
}

/** Replaces the root message of a reply's thread wherever it is shown. */
function withRoot(talk: TalkState, root: Plain | null): TalkState {
  if (root === null) return talk;
  const known = talk.messages.find(({ id }) => id === root.id);
  const changed = known === undefined ? talk : withChanged(talk, { ...known, ...root });
  const { viewerFollowsThread } = root;
  const shown = (text: Text): Text => {
    const named = naming(text, root);
    return text.threadRootId === root.id ? { ...named, viewerFollowsThread } : named;
  };
  return {
    ...changed,
    lastMessage: changed.lastMessage === null ? null : shown(changed.lastMessage),
    messages: changed.messages.map(shown),
    pinnedMessages: changed.pinnedMessages.map(shown),
  };
}

/** Updates the messages that a message refers to. */
function naming(text: Text, named: Plain | Text): Text {
  const plain = plainOf(named);
  return {
    ...text,
    replyTo: text.replyTo?.id === plain.id ? plain : text.replyTo,
    threadRoot: text.threadRoot?.id === plain.id ? plain : text.threadRoot,
  };
}

/** Reduces a message to its form inside another one. */
function plainOf(message: Plain | Text): Plain {
  if (!("replyTo" in message)) return message;
  const { replyTo: _, threadRoot: __, ...plain } = message;
  return plain;
}

/** Latest pin first; of pins in the same millisecond, the later message first. */
function byPin(a: Plain, b: Plain): number {
  return Date.parse(b.pinnedAt ?? "") - Date.parse(a.pinnedAt ?? "") || b.seq - a.seq;
}

/** Updates a member's rights; the event does not contain read positions. */
function withRights(talk: TalkState, { id, role, mutedUntil }: Member): TalkState {
  const change = (member: Member): Member =>
    member.id === id ? { ...member, role, mutedUntil } : member;
  return {
    ...talk,
    viewerMembership: talk.viewerMembership === null ? null : change(talk.viewerMembership),
    members: talk.members.map(change),
  };
}

/** Returns a conversation's entry in a list of rooms; null for other kinds. */
function listed(talk: Talk): ListedRoom | null {
  if (talk.kind !== "ROOM") return null;
  const { id, slug, name, topic, visibility, archivedAt, slowModeSeconds } = talk;
  return { id, slug, name, topic, visibility, archivedAt, slowModeSeconds } as ListedRoom;
}

/** Lists a room in its current state; an archived one belongs in another list. */
function withRoom(snapshot: Snapshot, room: ListedRoom | null): Snapshot {
  if (room === null) return snapshot;
  const others = snapshot.rooms.filter(({ id }) => id !== room.id);
  return { ...snapshot, rooms: room.archivedAt === null ? sorted([...others, room]) : others };
}

/** Removes a room that became private for non-members; members receive its new state next. */
function withoutRoom(snapshot: Snapshot, roomId: string): Snapshot {
  const isInside = snapshot.conversations.some(({ id }) => id === roomId);
  if (isInside) return snapshot;
  return { ...snapshot, rooms: snapshot.rooms.filter(({ id }) => id !== roomId) };
}

function withMember(talk: TalkState, member: Member): TalkState {
  const isKnown = talk.members.some(({ user }) => user.id === member.user.id);
  return withMembers(talk, isKnown ? talk.members : [...talk.members, member]);
}

function withoutMember(talk: TalkState, userId: string): TalkState {
  return withMembers(
    talk,
    talk.members.filter(({ user }) => user.id !== userId),
  );
}

/** For rooms, also updates the member count. */
function withMembers(talk: TalkState, members: Member[]): TalkState {
  const counted = talk.memberCount === undefined ? {} : { memberCount: members.length };
  return { ...talk, members, ...counted };
}

/** Updates a user wherever shown: as a member, an author, or the author of a replied-to message. */
function withPerson<T>(shown: T, person: Person): T {
  if (typeof shown !== "object" || shown === null) return shown;
  // Updates only the shown fields.
  if ("username" in shown && "id" in shown && shown.id === person.id) {
    const current = Object.entries(person).filter(([name]) => name in shown);
    return { ...shown, ...Object.fromEntries(current) };
  }
  const renewed = (value: unknown): unknown => withPerson(value, person);
  if (Array.isArray(shown)) return shown.map(renewed) as unknown as T;
  const fields = Object.entries(shown).map(([name, value]) => [name, renewed(value)]);
  return Object.fromEntries(fields) as T;
}

/** Removes a private room that the viewer has left. */
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

function withTalks(snapshot: Snapshot, changed: readonly TalkState[]): Snapshot {
  const talks = changed.map((talk) => withMentions(talk, snapshot.userId));
  const sum = (count: (talk: TalkState) => number): number =>
    talks.reduce((total, talk) => total + count(talk), 0);
  const mentions = (talk: TalkState): number => talk.viewerMark?.unreadMentionCount ?? 0;
  const texts = talks.flatMap(({ messages }) => messages);
  return {
    ...snapshot,
    conversations: sorted(talks),
    threads: idsOf(texts.filter((text) => text.thread !== null && text.viewerFollowsThread)),
    mentions: idsOf(texts.filter(({ viewerMentioned }) => viewerMentioned)),
    unread: {
      messages: sum((talk) => talk.unreadCount),
      mentions: sum(mentions),
      conversations: talks.filter((talk) => talk.unreadCount > 0).length,
      badge: sum((talk) => {
        const wanted = talk.viewerMembership?.notifications;
        if (wanted === undefined || wanted === null || wanted.mutedUntil !== null) return 0;
        if (wanted.level === "ALL") return talk.unreadCount;
        return wanted.level === "MENTIONS" ? mentions(talk) : 0;
      }),
    },
  };
}

/** Recounts mentions, because an edit can change them. */
function withMentions(talk: TalkState, userId: string): TalkState {
  if (talk.viewerMark === null) return talk;
  const { lastReadSeq } = talk.viewerMark;
  const unreadMentionCount = talk.messages.filter(
    ({ seq, author, viewerMentioned }) =>
      seq > lastReadSeq && viewerMentioned && author.id !== userId,
  ).length;
  return { ...talk, viewerMark: { ...talk.viewerMark, unreadMentionCount } };
}
