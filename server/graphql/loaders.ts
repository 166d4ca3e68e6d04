import DataLoader from "dataloader";
import type { Viewer } from "../domain/auth/session.service.ts";
import type { ConversationStats } from "../domain/conversation/conversation.service.ts";
import type { DraftRecord } from "../domain/draft/draft.service.ts";
import type { RightsInPlace } from "../domain/message/message.service.ts";
import type { BanRecord } from "../domain/room/moderation.service.ts";
import type { Mark } from "../domain/receipt/receipt.service.ts";
import type { MembershipRecord, MessageRecord, NotificationRecord } from "../log/records.ts";
import type { Services } from "./services.ts";

/** What one operation reads in batches, so that a list costs a fixed number of statements. */
export interface Loaders {
  stats: DataLoader<string, ConversationStats | null>;
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
  /** The newest message that the viewer may see, by conversation. */
  newestMessage: DataLoader<string, MessageRecord | null>;
  /** When others last saw a person, by person; null when they never did. */
  lastSeen: DataLoader<string, Date | null>;
  /** How many members others see as online or away, by conversation. */
  onlineCount: DataLoader<string, number>;
}

/** New for every operation: nothing is remembered from one to the next. */
export function makeLoaders(services: Services, viewer: Viewer | null): Loaders {
  const { conversations, messages, changes, reactions, threads, drafts, presence } = services;
  const { receipts, notifications, moderation } = services;
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
  return {
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
    newestMessage: batch<MessageRecord | null>(
      (ids) => (userId === null ? nothing() : messages.newestVisible(userId, ids)),
      null,
    ),
    lastSeen: batch<Date | null>((ids) => presence.lastSeen(ids), null),
    onlineCount: batch((ids) => conversations.countAmong(ids, presence.online()), 0),
  };
}
