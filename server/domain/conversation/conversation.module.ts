import type DataLoader from "dataloader";
import { batchLoader, viewerLoader } from "../../graphql/loaders.ts";
import { conversationEvents } from "./conversation.events.ts";
import type { MembershipRecord } from "./conversation.record.ts";
import { defineModule, type Needs } from "../../module.ts";
import {
  makeConversationService,
  type Access,
  type ConversationService,
  type ConversationStats,
} from "./conversation.service.ts";
import { makeConversationStore } from "./conversation.store.ts";
import "./conversation.schema.ts";
import "./membership-events.schema.ts";
import "./conversation-errors.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    conversations: ConversationService;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** Counts and the newest activity, by conversation. */
    stats: DataLoader<string, ConversationStats | null>;
    /** The viewer's permissions, by conversation; null for a conversation that does not exist. */
    access: DataLoader<string, Access | null>;
    /** The viewer's own membership, by conversation. */
    viewerMembership: DataLoader<string, MembershipRecord | null>;
  }
}

export const conversationModule = defineModule({
  name: "conversation",
  events: conversationEvents,
  loaders: {
    stats: batchLoader<ConversationStats | null>(
      (ids, { services }) => services.conversations.stats(ids),
      null,
    ),
    access: viewerLoader<Access | null>(
      (userId, ids, { services }) => services.conversations.access(userId, ids),
      null,
    ),
    viewerMembership: viewerLoader<MembershipRecord | null>(
      (userId, ids, { services }) => services.conversations.memberships(userId, ids),
      null,
    ),
  },
  create: ({ database, downloads }: Needs<"downloads">) => {
    const store = makeConversationStore(database);
    const conversations = makeConversationService(store);
    downloads.registerOwners("ROOM", async (viewerId, ids) => {
      const rooms = await conversations.visibleByIds(viewerId, ids);
      return new Set(rooms.flatMap((room) => room?.id ?? []));
    });
    return {
      services: { conversations },
      exportSections: [conversations.exportSection],
      loadTopics: store.topicsOf,
    };
  },
});
