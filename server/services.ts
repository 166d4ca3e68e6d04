import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "./domain/auth/auth.policy.ts";
import { makeAuthService } from "./domain/auth/auth.service.ts";
import { makeAuthStore } from "./domain/auth/auth.store.ts";
import { makeSessionService } from "./domain/auth/session.service.ts";
import { makeSessionStore } from "./domain/auth/session.store.ts";
import { makeConversationService } from "./domain/conversation/conversation.service.ts";
import { makeConversationStore } from "./domain/conversation/conversation.store.ts";
import { makeChangeService } from "./domain/message/change.service.ts";
import { makeChangeStore } from "./domain/message/change.store.ts";
import { makeReactionService } from "./domain/reaction/reaction.service.ts";
import { makeReactionStore } from "./domain/reaction/reaction.store.ts";
import { makeDraftService } from "./domain/draft/draft.service.ts";
import { makeDraftStore } from "./domain/draft/draft.store.ts";
import { makeMentionService } from "./domain/message/mention.service.ts";
import { makeMentionStore } from "./domain/message/mention.store.ts";
import { makeMessageService } from "./domain/message/message.service.ts";
import { makeMessageStore } from "./domain/message/message.store.ts";
import { makeEntryService } from "./domain/room/entry.service.ts";
import { makeInviteService } from "./domain/room/invite.service.ts";
import { makeInviteStore } from "./domain/room/invite.store.ts";
import { makeModerationService } from "./domain/room/moderation.service.ts";
import { makeModerationStore } from "./domain/room/moderation.store.ts";
import { makeReleaseService } from "./domain/room/release.service.ts";
import { makeRoomService, ROOM_NAME_MAX_LENGTH } from "./domain/room/room.service.ts";
import { makeRoomStore } from "./domain/room/room.store.ts";
import { makeMarkSignals } from "./domain/receipt/mark-signals.service.ts";
import { makeReceiptService } from "./domain/receipt/receipt.service.ts";
import { makeReceiptStore } from "./domain/receipt/receipt.store.ts";
import { makeNotificationService } from "./domain/notification/notification.service.ts";
import { makeNotificationStore } from "./domain/notification/notification.store.ts";
import { makeScheduleSender } from "./domain/schedule/schedule-sender.service.ts";
import { makeScheduleService } from "./domain/schedule/schedule.service.ts";
import { makeScheduleStore } from "./domain/schedule/schedule.store.ts";
import { makeActivityService } from "./domain/activity/activity.service.ts";
import { makePresenceService } from "./domain/presence/presence.service.ts";
import { makePresenceStore } from "./domain/presence/presence.store.ts";
import { makeTypingService } from "./domain/typing/typing.service.ts";
import { makeServerService } from "./domain/server/server.service.ts";
import { makeThreadService } from "./domain/thread/thread.service.ts";
import { makeThreadStore } from "./domain/thread/thread.store.ts";
import { makeUserService, USERNAME_MAX_LENGTH } from "./domain/user/user.service.ts";
import { makeUserStore } from "./domain/user/user.store.ts";
import { makePasswords } from "./infra/passwords.ts";
import { makeLog } from "./log/log.ts";
import { makeSignals } from "./signal/signals.ts";
import { VERSION } from "./version.ts";
import type { Config } from "./config.ts";
import type { Services } from "./graphql/services.ts";
import type { Bus } from "./infra/bus/bus.ts";
import type { Database } from "./infra/database/database.ts";
import type { Clock } from "./kernel/clock.ts";
import type { Logger } from "./kernel/logger.ts";

const DAY_MS = 86_400_000;
const CONVERSATION_PAGE_SIZE = 500;

/** What services are made of. */
export interface Parts {
  config: Config;
  database: Database;
  bus: Bus;
  logger: Logger;
  clock: Clock;
  /** Tells this instance from others. */
  instanceId: string;
}

/** Composes everything that resolvers may call. Nothing runs before the `start` of log, signals, sessions and the sender of scheduled messages. */
export function makeServices(parts: Parts): Services {
  const { config, database, bus, logger, clock, instanceId } = parts;
  const userStore = makeUserStore(database);
  const conversationStore = makeConversationStore(database);
  const messageStore = makeMessageStore(database);
  const sessionStore = makeSessionStore(database);

  const log = makeLog({
    database,
    bus,
    logger,
    loadMessages: messageStore.findByIds,
    loadTopics: conversationStore.topicsOf,
    replayLimit: config.REPLAY_LIMIT,
    heartbeatMs: config.HEARTBEAT_SECONDS * 1_000,
    retentionMs: config.EVENT_RETENTION_DAYS * DAY_MS,
    now: clock.now,
  });

  const users = makeUserService(userStore);
  const sessions = makeSessionService(sessionStore, log, clock, logger, {
    lifetimeMs: config.SESSION_DAYS * DAY_MS,
    idleMs: config.SESSION_IDLE_DAYS * DAY_MS,
    lockMs: config.SESSION_LOCK_SECONDS * 1_000,
    reportAlive: config.SESSION_POLICY === "reject",
  });
  const conversations = makeConversationService(conversationStore);
  const signals = makeSignals({ bus, log, logger, instanceId });
  const activity = makeActivityService(signals, conversations, log);
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
  const notifications = makeNotificationService(
    makeNotificationStore(database),
    conversations,
    log,
    clock,
  );
  const mentions = makeMentionService(makeMentionStore(database), config.MENTION_ALL_MEMBERS);
  const messages = makeMessageService(messageStore, conversations, mentions, log, clock, {
    bodyLength: config.MESSAGE_MAX_LENGTH,
    queue: config.APPEND_QUEUE,
  });
  const roomStore = makeRoomStore(database);
  const inviteStore = makeInviteStore(database);
  const moderationStore = makeModerationStore(database);
  const entry = makeEntryService({
    rooms: roomStore,
    invites: inviteStore,
    conversations,
    messages,
    log,
    clock,
    announceMembersMax: config.ANNOUNCE_MEMBERS_MAX,
  });
  const rooms = makeRoomService({
    store: roomStore,
    invites: inviteStore,
    entry,
    conversations,
    messages,
    log,
    clock,
  });
  const moderation = makeModerationService({
    store: moderationStore,
    entry,
    conversations,
    messages,
    users,
    log,
    clock,
  });
  const invites = makeInviteService({
    store: inviteStore,
    rooms: roomStore,
    entry,
    conversations,
    users,
    log,
    clock,
  });
  const release = makeReleaseService({
    store: moderationStore,
    invites: inviteStore,
    rooms,
    conversations,
    messages,
    announceMembersMax: config.ANNOUNCE_MEMBERS_MAX,
  });
  const changes = makeChangeService({
    store: makeChangeStore(database),
    messages,
    receipts,
    mentions,
    log,
    clock,
    bodyLength: config.MESSAGE_MAX_LENGTH,
  });
  const reactions = makeReactionService(makeReactionStore(database), changes);
  const threads = makeThreadService(makeThreadStore(database), messages, conversations, log);
  const drafts = makeDraftService(makeDraftStore(database), messages, conversations, log, clock);
  const scheduleStore = makeScheduleStore(database);
  const schedules = makeScheduleService(scheduleStore, messages, conversations, log, clock);
  const scheduleSender = makeScheduleSender({
    store: scheduleStore,
    messages,
    users,
    log,
    clock,
    logger,
  });
  const typing = makeTypingService({ signals, activity, log, clock });
  const presence = makePresenceService({
    store: makePresenceStore(database),
    sessions,
    users,
    conversations,
    activity,
    signals,
    log,
    clock,
    logger,
    ttlMs: config.PRESENCE_TTL_SECONDS * 1_000,
    idleMs: config.PRESENCE_IDLE_SECONDS * 1_000,
  });
  const auth = makeAuthService({
    store: makeAuthStore(database),
    sessions,
    users,
    rooms,
    passwords: makePasswords(config.PASSWORD_CONCURRENCY, config.PASSWORD_QUEUE),
    log,
    clock,
    policy: config.SESSION_POLICY,
  });
  const server = makeServerService({
    name: config.SERVER_NAME,
    version: VERSION,
    sessionPolicy: config.SESSION_POLICY,
    messageLength: config.MESSAGE_MAX_LENGTH,
    pageSize: config.PAGE_SIZE_MAX,
    passwordMinLength: PASSWORD_MIN_LENGTH,
    passwordMaxLength: PASSWORD_MAX_LENGTH,
    usernameMaxLength: USERNAME_MAX_LENGTH,
    roomNameLength: ROOM_NAME_MAX_LENGTH,
    conversationPageSize: CONVERSATION_PAGE_SIZE,
  });

  return {
    auth,
    sessions,
    users,
    conversations,
    rooms,
    moderation,
    invites,
    release,
    messages,
    mentions,
    changes,
    reactions,
    threads,
    drafts,
    schedules,
    scheduleSender,
    server,
    receipts,
    notifications,
    activity,
    typing,
    presence,
    log,
    signals,
  };
}
