import DataLoader from "dataloader";
import type { Viewer } from "../domain/auth/session.service.ts";
import type { ConversationStats } from "../domain/conversation/conversation.service.ts";
import type { RightsInPlace } from "../domain/message/message.service.ts";
import type { MembershipRecord, MessageRecord, UserRecord } from "../log/records.ts";
import type { Services } from "./services.ts";

/** What one operation reads in batches, so that a list costs a fixed number of statements. */
export interface Loaders {
  stats: DataLoader<string, ConversationStats | null>;
  /** The viewer's own unread count, by conversation. */
  unread: DataLoader<string, number>;
  /** The viewer's own membership, by conversation. */
  viewerMembership: DataLoader<string, MembershipRecord | null>;
  /** The emoji that the viewer reacted with, by message. */
  ownReactions: DataLoader<string, ReadonlySet<string>>;
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
  /** When others last saw a person, by person; null when they never did. */
  lastSeen: DataLoader<string, Date | null>;
  /** How many members others see as online or away, by conversation. */
  onlineCount: DataLoader<string, number>;
}

/** New for every operation: nothing is remembered from one to the next. */
export function makeLoaders(services: Services, viewer: Viewer | null): Loaders {
  const { conversations, messages, changes, reactions, users, reports, presence } = services;
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
    unread: batch(
      (ids) => (userId === null ? nothing<number>() : conversations.unread(userId, ids)),
      0,
    ),
    viewerMembership: batch<MembershipRecord | null>(
      (ids) => (userId === null ? nothing() : conversations.memberships(userId, ids)),
      null,
    ),
    ownReactions: batch<ReadonlySet<string>>(
      (ids) => (userId === null ? nothing() : reactions.own(userId, ids)),
      new Set(),
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
      (ids) => (userId === null ? nothing() : messages.newestVisible(userId, ids)),
      null,
    ),
    lastSeen: batch<Date | null>((ids) => presence.lastSeen(ids), null),
    onlineCount: batch((ids) => conversations.countAmong(ids, presence.online()), 0),
  };
}
