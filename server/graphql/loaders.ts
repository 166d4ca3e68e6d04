import DataLoader from "dataloader";
import type { Viewer } from "../domain/auth/session.service.ts";
import type { ConversationStats } from "../domain/conversation/conversation.service.ts";
import type { RightsInPlace } from "../domain/message/message.service.ts";
import type { BanRecord } from "../domain/room/moderation.service.ts";
import type { MembershipRecord, MessageRecord } from "../log/records.ts";
import type { Services } from "./services.ts";

/** What one operation reads in batches, so that a list costs a fixed number of statements. */
export interface Loaders {
  stats: DataLoader<string, ConversationStats | null>;
  /** The viewer's own unread count, by conversation. */
  unread: DataLoader<string, number>;
  /** The viewer's own membership, by conversation. */
  viewerMembership: DataLoader<string, MembershipRecord | null>;
  /** The viewer's own ban in force, by room. */
  viewerBan: DataLoader<string, BanRecord | null>;
  /** The emoji that the viewer reacted with, by message. */
  ownReactions: DataLoader<string, ReadonlySet<string>>;
  /** What the viewer may do with a message; null when they may not read it. */
  messageRights: DataLoader<string, RightsInPlace | null>;
  /** The pinned messages that the viewer may see, by conversation. */
  pinned: DataLoader<string, readonly MessageRecord[]>;
  /** The newest message that the viewer may see, by conversation. */
  newestMessage: DataLoader<string, MessageRecord | null>;
}

/** New for every operation: nothing is remembered from one to the next. */
export function makeLoaders(services: Services, viewer: Viewer | null): Loaders {
  const { conversations, messages, changes, reactions, moderation } = services;
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
    viewerBan: batch<BanRecord | null>(
      (ids) => (userId === null ? nothing() : moderation.bansOf(userId, ids)),
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
    newestMessage: batch<MessageRecord | null>(
      (ids) => (userId === null ? nothing() : messages.newestVisible(userId, ids)),
      null,
    ),
  };
}
