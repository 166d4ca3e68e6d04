import { makeDirectService } from "../domain/direct/direct.service.ts";
import { makeDirectStore } from "../domain/direct/direct.store.ts";
import { makeDraftService } from "../domain/draft/draft.service.ts";
import { makeDraftStore } from "../domain/draft/draft.store.ts";
import { makeChangeService } from "../domain/message/change.service.ts";
import { makeChangeStore } from "../domain/message/change.store.ts";
import { makeMentionService } from "../domain/message/mention.service.ts";
import { makeMentionStore } from "../domain/message/mention.store.ts";
import { makeMessageService } from "../domain/message/message.service.ts";
import { makeSendService } from "../domain/message/send.service.ts";
import {
  makeOwnMessagesService,
  type OwnMessagesService,
} from "../domain/message/own-messages.service.ts";
import { makeOwnMessagesStore } from "../domain/message/own-messages.store.ts";
import { makeNotificationService } from "../domain/notification/notification.service.ts";
import { makeNotificationStore } from "../domain/notification/notification.store.ts";
import { makeReactionService } from "../domain/reaction/reaction.service.ts";
import { makeReactionStore } from "../domain/reaction/reaction.store.ts";
import { makeMarkSignals } from "../domain/receipt/mark-signals.service.ts";
import { makeReceiptService } from "../domain/receipt/receipt.service.ts";
import { makeReceiptStore } from "../domain/receipt/receipt.store.ts";
import {
  makeScheduleSender,
  type ScheduleSender,
} from "../domain/schedule/schedule-sender.service.ts";
import { makeScheduleService } from "../domain/schedule/schedule.service.ts";
import { makeScheduleStore } from "../domain/schedule/schedule.store.ts";
import { makeSearchService } from "../domain/search/search.service.ts";
import { makeSearchStore } from "../domain/search/search.store.ts";
import { makeThreadService } from "../domain/thread/thread.service.ts";
import { makeThreadStore } from "../domain/thread/thread.store.ts";
import { makeDownloadService } from "../domain/upload/download.service.ts";
import type { Services } from "../graphql/services.ts";
import type { Parts } from "./parts.ts";
import type { Foundation } from "./foundation.ts";
import type { Files } from "./files.ts";

const MINUTE_MS = 60_000;

/** Messages and all that is done with them. */
export interface Talk extends Pick<
  Services,
  | "directs"
  | "receipts"
  | "notifications"
  | "mentions"
  | "messages"
  | "sending"
  | "downloads"
  | "changes"
  | "reactions"
  | "search"
  | "threads"
  | "drafts"
  | "schedules"
> {
  scheduleSender: ScheduleSender;
  ownMessages: OwnMessagesService;
}

export interface TalkOptions {
  parts: Parts;
  made: Foundation & Files;
}

/** Makes what writes, reads and changes messages. */
export function makeTalk({ parts, made }: TalkOptions): Talk {
  const { config, database, logger, clock } = parts;
  const {
    activity,
    admin,
    audit,
    blobs,
    blocks,
    conversations,
    log,
    messageStore,
    rates,
    secrets,
    signals,
    uploadStore,
    uploads,
    users,
  } = made;

  const directs = makeDirectService({
    store: makeDirectStore(database),
    users,
    blocks,
    conversations,
    log,
    clock,
    rates,
    peopleLimit: config.DIRECT_MAX_PEOPLE,
  });
  const receiptStore = makeReceiptStore(database);
  const receipts = makeReceiptService({
    store: receiptStore,
    conversations,
    signals: makeMarkSignals({
      store: receiptStore,
      signals,
      activity,
      log,
      logger,
      liveMembers: config.RECEIPTS_LIVE_MEMBERS,
    }),
    log,
    queue: config.APPEND_QUEUE,
  });
  const notifications = makeNotificationService({
    store: makeNotificationStore(database),
    conversations,
    log,
    clock,
  });
  const mentions = makeMentionService({
    store: makeMentionStore(database),
    smallRoom: config.MENTION_ALL_MEMBERS,
  });
  const messages = makeMessageService({ store: messageStore, conversations, clock });
  const sending = makeSendService({
    store: messageStore,
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
  const fileLinkSecret = config.FILE_LINK_SECRET;
  const downloads = makeDownloadService({
    store: uploadStore,
    blobs,
    clock,
    key: () =>
      fileLinkSecret === undefined
        ? secrets.get("file-links")
        : Promise.resolve(Buffer.from(fileLinkSecret)),
    linkMs: config.FILE_LINK_MINUTES * MINUTE_MS,
  });
  downloads.registerOwners(
    "MESSAGE",
    async (viewerId, ids) => new Set((await messages.rights(viewerId, ids)).keys()),
  );
  downloads.registerOwners("ROOM", async (viewerId, ids) => {
    const rooms = await conversations.visibleByIds(viewerId, ids);
    return new Set(rooms.flatMap((room) => room?.id ?? []));
  });
  const changes = makeChangeService({
    store: makeChangeStore(database),
    messages,
    receipts,
    mentions,
    admin,
    audit,
    log,
    clock,
    bodyLength: config.MESSAGE_MAX_LENGTH,
  });
  const reactions = makeReactionService({ store: makeReactionStore(database), changes, rates });
  const search = makeSearchService({ store: makeSearchStore(database), messages });
  const threads = makeThreadService({
    store: makeThreadStore(database),
    messages,
    conversations,
    log,
    rates,
  });
  const drafts = makeDraftService({
    store: makeDraftStore(database),
    sending,
    conversations,
    log,
    clock,
    rates,
  });
  const scheduleStore = makeScheduleStore(database);
  const schedules = makeScheduleService({
    store: scheduleStore,
    sending,
    conversations,
    log,
    clock,
    rates,
  });
  const scheduleSender = makeScheduleSender({
    store: scheduleStore,
    sending,
    users,
    log,
    clock,
    logger,
  });
  const ownMessages = makeOwnMessagesService({ store: makeOwnMessagesStore(database), changes });

  return {
    directs,
    receipts,
    notifications,
    mentions,
    messages,
    sending,
    downloads,
    changes,
    reactions,
    search,
    threads,
    drafts,
    schedules,
    scheduleSender,
    ownMessages,
  };
}
