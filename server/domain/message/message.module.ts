import type DataLoader from "dataloader";
import { batchLoader, viewerLoader } from "../../graphql/loaders.ts";
import { messageEvents, messageReference } from "./message.events.ts";
import type { MessageRecord } from "./message.record.ts";
import { loadedBy } from "../../log/reference.ts";
import { defineModule, type Needs } from "../../module.ts";
import type { Access } from "../conversation/conversation.service.ts";
import { makeMessageUpdateService, type MessageUpdateService } from "./message-update.service.ts";
import { makeMentionService, type MentionService } from "./mention.service.ts";
import {
  makeMessageService,
  type MessageService,
  type MessageAndRights,
} from "./message.service.ts";
import { makeSendService, type SendService } from "./send.service.ts";
import { makeMessageUpdateStore } from "./message-update.store.ts";
import { makeMentionStore } from "./mention.store.ts";
import { makeMessageStore } from "./message.store.ts";
import { makeOwnMessagesService, type OwnMessagesService } from "./own-messages.service.ts";
import { makeOwnMessagesStore } from "./own-messages.store.ts";
import "./message.schema.ts";
import "./message-update.schema.ts";
import "./mention.schema.ts";
import "./system-message.schema.ts";
import "./message-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    messages: MessageService;
    sending: SendService;
    mentions: MentionService;
    messageUpdates: MessageUpdateService;
    ownMessages: OwnMessagesService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface LocalLimits {
    SEND: true;
  }
}

declare module "../../graphql/loaders.ts" {
  interface Loaders {
    /** The viewer's permissions, by message; null for a message that the viewer may not read. */
    messageRights: DataLoader<string, MessageAndRights | null>;
    /** Pinned messages that the viewer may see, by conversation. */
    pinned: DataLoader<string, readonly MessageRecord[]>;
    /** The newest message that the viewer may see, by conversation. */
    newestMessage: DataLoader<string, MessageRecord | null>;
  }
}

type MessageNeeds = Needs<
  "admin" | "audit" | "conversations" | "directs" | "downloads" | "receipts" | "uploads"
>;

export const messageModule = defineModule({
  name: "message",
  events: messageEvents,
  loaders: {
    messageRights: viewerLoader<MessageAndRights | null>(
      (userId, ids, { services }) => services.messages.rights(userId, ids),
      null,
    ),
    pinned: viewerLoader<readonly MessageRecord[]>(
      (userId, ids, { services }) => services.messageUpdates.pinned(userId, ids),
      [],
    ),
    newestMessage: batchLoader<MessageRecord | null>(async (ids, { services, loaders }) => {
      const access = await loaders.access.loadMany(ids);
      return services.messages.newestVisible(access.filter(isAccess));
    }, null),
  },
  create: (context: MessageNeeds) => {
    const { config, database, log, clock, rates } = context;
    const { admin, audit, conversations, directs, downloads, receipts, uploads } = context;
    const store = makeMessageStore(database);
    const messages = makeMessageService({ store, conversations, clock });
    const mentions = makeMentionService({
      store: makeMentionStore(database),
      smallRoom: config.MENTION_ALL_MEMBERS,
    });
    const sending = makeSendService({
      store,
      conversations,
      directs,
      mentions,
      uploads,
      log,
      clock,
      rates,
      bodyLength: config.MESSAGE_MAX_LENGTH,
      queue: config.APPEND_QUEUE,
    });
    const messageUpdates = makeMessageUpdateService({
      store: makeMessageUpdateStore(database),
      messages,
      receipts,
      mentions,
      admin,
      audit,
      log,
      clock,
      bodyLength: config.MESSAGE_MAX_LENGTH,
    });
    const ownMessages = makeOwnMessagesService({
      store: makeOwnMessagesStore(database),
      messageUpdates,
    });
    downloads.registerOwners(
      "MESSAGE",
      async (viewerId, ids) => new Set((await messages.rights(viewerId, ids)).keys()),
    );
    return {
      services: { messages, mentions, sending, messageUpdates, ownMessages },
      exportSections: [ownMessages.exportSection],
      referenceLoaders: [loadedBy(messageReference, store.findByIds)],
    };
  },
});

/** Leaves out conversations that do not exist. @throws the error of a conversation that could not be read */
function isAccess(entry: Access | Error | null): entry is Access {
  if (entry instanceof Error) throw entry;
  return entry !== null;
}
