import DataLoader from "dataloader";
import type { Viewer } from "../kernel/viewer.ts";
import type { Access, ConversationStats } from "../domain/conversation/conversation.service.ts";
import type { FollowCounts } from "../domain/follow/follow.service.ts";
import type { DraftRecord } from "../domain/draft/draft.service.ts";
import type { RightsInPlace } from "../domain/message/message.service.ts";
import type { BanRecord } from "../domain/room/moderation.service.ts";
import type { Mark } from "../domain/receipt/receipt.service.ts";
import type {
  MembershipRecord,
  MessageRecord,
  NotificationRecord,
  UserRecord,
} from "../log/records.ts";
import type { Services } from "./services.ts";

/** What one operation reads in batches, so that a list costs a fixed number of statements. */
export interface Loaders {
  stats: DataLoader<string, ConversationStats | null>;
  /** What the viewer may do in a conversation; null when it does not exist. */
  access: DataLoader<string, Access | null>;
  /** The viewer's own marks and what is unread, by conversation; null where they are no member. */
  marks: DataLoader<string, Mark | null>;
  /** What the viewer wants to be notified of, by conversation. */
  notifications: DataLoader<string, NotificationRecord | null>;
  /** The viewer's own membership, by conversation. */
  viewerMembership: DataLoader<string, MembershipRecord | null>;
  /** The viewer's own ban in force, by room. */
  viewerBan: DataLoader<string, BanRecord | null>;
  /** The emoji that the viewer reacted with, by message. */
  ownReactions: DataLoader<string, ReadonlySet<string>>;
  /** What the viewer has written and not yet sent, by conversation or by a thread's first message. */
  draft: DataLoader<string, DraftRecord | null>;
  /** Whether the viewer said that they follow a thread, by its first message; null when they said nothing. */
  followsThread: DataLoader<string, boolean | null>;
  /** What the viewer may do with a message; null when they may not read it. */
  messageRights: DataLoader<string, RightsInPlace | null>;
  /** The pinned messages that the viewer may see, by conversation. */
  pinned: DataLoader<string, readonly MessageRecord[]>;
  /** People by id, whoever asks. */
  users: DataLoader<string, UserRecord | null>;
  /** Messages that reports are about, for whoever may see the reports. */
  reported: DataLoader<string, MessageRecord | null>;
  /** The newest message that the viewer may see, by conversation. */
  newestMessage: DataLoader<string, MessageRecord | null>;
  /** How many follow and are followed, by person. */
  followCounts: DataLoader<string, FollowCounts | null>;
  /** Whether the viewer follows a person. */
  viewerFollows: DataLoader<string, boolean>;
  /** Whether the viewer has muted a person. */
  viewerMutes: DataLoader<string, boolean>;
  /** Whether the viewer has blocked a person. */
  viewerBlocks: DataLoader<string, boolean>;
  /** When others last saw a person, by person; null when they never did. */
  lastSeen: DataLoader<string, Date | null>;
  /** How many members others see as online or away, by conversation. */
  onlineCount: DataLoader<string, number>;
}

/** New for every operation: nothing is remembered from one to the next. */
export function makeLoaders(services: Services, viewer: Viewer | null): Loaders {
  const { conversations, messages, changes, reactions, threads, drafts, presence } = services;
  const { receipts, notifications, users, reports, follows, blocks, moderation } = services;
  const userId = viewer?.user.id ?? null;
  const batch = <V>(
    load: (ids: readonly string[]) => Promise<ReadonlyMap<string, V>>,
    missing: V,
  ): DataLoader<string, V> =>
    new DataLoader(async (ids) => {
      const found = await load(ids);
      return ids.map((id) => found.get(id) ?? missing);
    });
  const nothing = <V>(): Promise<ReadonlyMap<string, V>> => Promise.resolve(new Map<string, V>());
  const access = batch<Access | null>(
    (ids) => (userId === null ? nothing() : conversations.access(userId, ids)),
    null,
  );
  return {
    access,
    stats: batch<ConversationStats | null>((ids) => conversations.stats(ids), null),
    marks: batch<Mark | null>(
      (ids) => (userId === null ? nothing() : receipts.marks(userId, ids)),
      null,
    ),
    notifications: batch<NotificationRecord | null>(
      (ids) => (userId === null ? nothing() : notifications.settings(userId, ids)),
      null,
    ),
    viewerMembership: batch<MembershipRecord | null>(
      (ids) => (userId === null ? nothing() : conversations.memberships(userId, ids)),
      null,
    ),
    viewerBan: batch<BanRecord | null>(
      (ids) => (userId === null ? nothing() : moderation.bansOf(userId, ids)),
      null,
    ),
    ownReactions: batch<ReadonlySet<string>>(
      (ids) => (userId === null ? nothing() : reactions.own(userId, ids)),
      new Set(),
    ),
    draft: batch<DraftRecord | null>(
      (ids) => (userId === null ? nothing() : drafts.of(userId, ids)),
      null,
    ),
    followsThread: batch<boolean | null>(
      (ids) => (userId === null ? nothing() : threads.follows(userId, ids)),
      null,
    ),
    messageRights: batch<RightsInPlace | null>(
      (ids) => (userId === null ? nothing() : messages.rights(userId, ids)),
      null,
    ),
    pinned: batch<readonly MessageRecord[]>(
      (ids) => (userId === null ? nothing() : changes.pinned(userId, ids)),
      [],
    ),
    users: batch<UserRecord | null>(
      async (ids) => new Map((await users.byIds(ids)).map((user) => [user.id, user])),
      null,
    ),
    reported: batch<MessageRecord | null>((ids) => reports.messages(ids), null),
    newestMessage: batch<MessageRecord | null>(
      async (ids) =>
        messages.newestVisible((await access.loadMany(ids)).filter((entry) => isAccess(entry))),
      null,
    ),
    followCounts: batch<FollowCounts | null>((ids) => follows.counts(ids), null),
    viewerFollows: batch(
      (ids) => (userId === null ? nothing<boolean>() : follows.followed(userId, ids)),
      false,
    ),
    viewerMutes: batch(
      (ids) => (userId === null ? nothing<boolean>() : follows.muted(userId, ids)),
      false,
    ),
    viewerBlocks: batch(
      (ids) => (userId === null ? nothing<boolean>() : blocks.blocked(userId, ids)),
      false,
    ),
    lastSeen: batch<Date | null>((ids) => presence.lastSeen(ids), null),
    onlineCount: batch((ids) => conversations.countAmong(ids, presence.online()), 0),
  };
}

/** Neither nothing nor an error, which a loader answers in place of what it could not load. */
function isAccess(entry: Access | Error | null): entry is Access {
  if (entry instanceof Error) throw entry;
  return entry !== null;
}
