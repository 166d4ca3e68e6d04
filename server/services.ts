import { makeDeletionService } from "./domain/account/deletion.service.ts";
import { makeDeletionStore } from "./domain/account/deletion.store.ts";
import { makeExportService } from "./domain/account/export.service.ts";
import { makeExportStore } from "./domain/account/export.store.ts";
import { makeAdminService } from "./domain/admin/admin.service.ts";
import { makeAdminStore } from "./domain/admin/admin.store.ts";
import { makeAuditLogService } from "./domain/audit/audit-log.service.ts";
import { makeAuditService } from "./domain/audit/audit.service.ts";
import { makeAuditStore } from "./domain/audit/audit.store.ts";
import { makeOwnMessagesService } from "./domain/message/own-messages.service.ts";
import { makeOwnMessagesStore } from "./domain/message/own-messages.store.ts";
import { makeReportService } from "./domain/moderation/report.service.ts";
import { makeReportStore } from "./domain/moderation/report.store.ts";
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "./domain/auth/auth.policy.ts";
import { makeAuthService } from "./domain/auth/auth.service.ts";
import { makeAuthStore } from "./domain/auth/auth.store.ts";
import { makeSessionService } from "./domain/auth/session.service.ts";
import { makeSessionStore } from "./domain/auth/session.store.ts";
import { makeBlockService } from "./domain/block/block.service.ts";
import { makeBlockStore } from "./domain/block/block.store.ts";
import { makeBlockingService } from "./domain/block/blocking.service.ts";
import { makeConversationService } from "./domain/conversation/conversation.service.ts";
import { makeConversationStore } from "./domain/conversation/conversation.store.ts";
import { makeDirectService } from "./domain/direct/direct.service.ts";
import { makeDirectStore } from "./domain/direct/direct.store.ts";
import { makeFollowService } from "./domain/follow/follow.service.ts";
import { makeFollowStore } from "./domain/follow/follow.store.ts";
import { makeChangeService } from "./domain/message/change.service.ts";
import { makeChangeStore } from "./domain/message/change.store.ts";
import { makePostService } from "./domain/post/post.service.ts";
import { makePostStore } from "./domain/post/post.store.ts";
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
import { makeSearchService } from "./domain/search/search.service.ts";
import { makeSearchStore } from "./domain/search/search.store.ts";
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
import { makeUserSearchService } from "./domain/user/user-search.service.ts";
import { makeUserSearchStore } from "./domain/user/user-search.store.ts";
import { makeDownloadService } from "./domain/upload/download.service.ts";
import { makeReceiveService } from "./domain/upload/receive.service.ts";
import { makeSecretStore } from "./domain/upload/secret.store.ts";
import { makeSweepService } from "./domain/upload/sweep.service.ts";
import { ATTACHMENT_LIMIT, makeUploadService } from "./domain/upload/upload.service.ts";
import { makeUploadStore } from "./domain/upload/upload.store.ts";
import { makeProfileService } from "./domain/user/profile.service.ts";
import { makeThreadService } from "./domain/thread/thread.service.ts";
import { makeThreadStore } from "./domain/thread/thread.store.ts";
import { makeUserService, USERNAME_MAX_LENGTH } from "./domain/user/user.service.ts";
import { makeUserStore } from "./domain/user/user.store.ts";
import { openBlobStore } from "./infra/blobs/open-store.ts";
import { detectType } from "./infra/file-types.ts";
import { makeImages } from "./infra/images.ts";
import { makePasswords } from "./infra/passwords.ts";
import { makeLog } from "./log/log.ts";
import { makeSignals } from "./signal/signals.ts";
import { VERSION } from "./version.ts";
import type { Config } from "./config.ts";
import type { Services } from "./graphql/services.ts";
import { makeRateLimits, type RateLimits } from "./infra/rate-limits.ts";
import type { Bus } from "./infra/bus/bus.ts";
import type { Database } from "./infra/database/database.ts";
import type { Clock } from "./kernel/clock.ts";
import type { Logger } from "./kernel/logger.ts";

const MINUTE_MS = 60_000;
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
export function makeServices(parts: Parts): Services & { rates: RateLimits } {
  const { config, database, bus, logger, clock, instanceId } = parts;
  const rates = makeRateLimits({
    redisUrl: config.REDIS_URL,
    windows: (limit) => (config.RATE_LIMITS ? config[`RATE_${limit}`] : "0"),
    now: clock.now,
  });
  const userStore = makeUserStore(database);
  const conversationStore = makeConversationStore(database);
  const messageStore = makeMessageStore(database);
  const sessionStore = makeSessionStore(database);
  const followStore = makeFollowStore(database);
  const postStore = makePostStore(database);

  const log = makeLog({
    database,
    bus,
    logger,
    loadMessages: messageStore.findByIds,
    loadPeople: async (ids) =>
      new Map((await userStore.findByIds(ids)).map((user) => [user.id, user])),
    loadPosts: postStore.findByIds,
    // One after the other: both read in the snapshot in progress, which is one connection.
    loadTopics: async (userIds) => [
      ...(await conversationStore.topicsOf(userIds)),
      ...(await followStore.topicsOf(userIds)),
    ],
    replayLimit: config.REPLAY_LIMIT,
    heartbeatMs: config.HEARTBEAT_SECONDS * 1_000,
    retentionMs: config.EVENT_RETENTION_DAYS * DAY_MS,
    now: clock.now,
  });

  const users = makeUserService(userStore);
  const audit = makeAuditService(
    makeAuditStore(database),
    clock,
    logger,
    config.AUDIT_RETENTION_DAYS,
  );
  const sessions = makeSessionService(sessionStore, log, clock, logger, audit, {
    lifetimeMs: config.SESSION_DAYS * DAY_MS,
    idleMs: config.SESSION_IDLE_DAYS * DAY_MS,
    lockMs: config.SESSION_LOCK_SECONDS * 1_000,
    reportAlive: config.SESSION_POLICY === "reject",
  });
  const admin = makeAdminService({
    store: makeAdminStore(database),
    users,
    sessions,
    audit,
    log,
    clock,
    usernames: config.ADMIN_USERNAMES,
  });
  const conversations = makeConversationService(conversationStore);
  const blockStore = makeBlockStore(database);
  const blocks = makeBlockService(blockStore);
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
  const blobs = openBlobStore(config);
  const uploadStore = makeUploadStore(database);
  const secrets = makeSecretStore(database);
  const uploads = makeUploadService(
    uploadStore,
    clock,
    {
      fileBytes: config.FILE_MAX_BYTES,
      pictureBytes: Math.min(config.PICTURE_MAX_BYTES, config.FILE_MAX_BYTES),
      ticketMs: config.UPLOAD_TICKET_MINUTES * MINUTE_MS,
    },
    rates,
  );
  const receiving = makeReceiveService({
    store: uploadStore,
    blobs,
    images: makeImages({
      pixels: config.PICTURE_MAX_PIXELS,
      concurrency: config.IMAGE_CONCURRENCY,
      queue: config.IMAGE_QUEUE,
    }),
    detectType,
    clock,
    logger,
    allowedTypes: config.FILE_TYPES,
    pictureBytes: uploads.limits.pictureBytes,
    keepMs: config.UPLOAD_KEEP_MINUTES * MINUTE_MS,
  });
  const sweep = makeSweepService({
    store: uploadStore,
    blobs,
    log,
    clock,
    logger,
    intervalMs: config.UPLOAD_SWEEP_SECONDS * 1_000,
    deployment: async () => Buffer.from(await secrets.get("deployment")).toString("hex"),
  });
  const messages = makeMessageService(
    messageStore,
    conversations,
    directs,
    mentions,
    log,
    clock,
    uploads,
    {
      bodyLength: config.MESSAGE_MAX_LENGTH,
      queue: config.APPEND_QUEUE,
      rates,
    },
  );
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
    uploads,
    log,
    clock,
    rates,
  });
  const moderation = makeModerationService({
    store: moderationStore,
    entry,
    conversations,
    messages,
    users,
    audit,
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
    rates,
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
    admin,
    audit,
    log,
    clock,
    bodyLength: config.MESSAGE_MAX_LENGTH,
  });
  const reactions = makeReactionService(makeReactionStore(database), changes, rates);
  const userSearch = makeUserSearchService(makeUserSearchStore(database));
  const search = makeSearchService(makeSearchStore(database), messages);
  const follows = makeFollowService(followStore, users, blocks, log, rates);
  const blocking = makeBlockingService({ store: blockStore, users, follows, directs, log, rates });
  const posts = makePostService({
    store: postStore,
    blocks,
    log,
    clock,
    rates,
    bodyLength: config.MESSAGE_MAX_LENGTH,
  });
  const fileLinkSecret = config.FILE_LINK_SECRET;
  const downloads = makeDownloadService({
    store: uploadStore,
    blobs,
    messages,
    conversations,
    clock,
    key: () =>
      fileLinkSecret === undefined
        ? secrets.get("file-links")
        : Promise.resolve(Buffer.from(fileLinkSecret)),
    linkMs: config.FILE_LINK_MINUTES * MINUTE_MS,
  });
  const profiles = makeProfileService(userStore, uploads, log, clock);
  const threads = makeThreadService(makeThreadStore(database), messages, conversations, log, rates);
  const drafts = makeDraftService(
    makeDraftStore(database),
    messages,
    conversations,
    log,
    clock,
    rates,
  );
  const scheduleStore = makeScheduleStore(database);
  const schedules = makeScheduleService(scheduleStore, messages, conversations, log, clock, rates);
  const scheduleSender = makeScheduleSender({
    store: scheduleStore,
    messages,
    users,
    log,
    clock,
    logger,
  });
  const typing = makeTypingService({ signals, activity, log, clock, rates });
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
    admin,
    audit,
    passwords: makePasswords({
      concurrency: config.PASSWORD_CONCURRENCY,
      queueLimit: config.PASSWORD_QUEUE,
      memoryMiB: config.PASSWORD_MEMORY_MIB,
      shortest: PASSWORD_MIN_LENGTH,
    }),
    ownWords: [config.SERVER_NAME, "parley"],
    log,
    clock,
    rates,
    policy: config.SESSION_POLICY,
  });
  const reports = makeReportService({
    store: makeReportStore(database),
    users,
    messages,
    conversations,
    admin,
    audit,
    log,
    clock,
    rates,
  });
  const ownMessages = makeOwnMessagesService(makeOwnMessagesStore(database), changes);
  const exports = makeExportService({
    store: makeExportStore(database),
    auth,
    audit,
    log,
    clock,
    rates,
    // Each slice that keeps something of a person's adds it here.
    sections: [
      users.ownData,
      sessions.ownData,
      conversations.ownData,
      ownMessages.ownData,
      uploads.ownData,
      reactions.ownData,
      drafts.ownData,
      schedules.ownData,
      reports.ownData,
      presence.ownData,
      ...follows.ownData,
      blocks.ownData,
      posts.ownData,
      audit.ownData,
    ],
    timeoutMs: config.EXPORT_SECONDS * 1_000,
  });
  const deletions = makeDeletionService({
    store: makeDeletionStore(database),
    auth,
    sessions,
    users,
    memberships: release,
    messages: ownMessages,
    admin,
    audit,
    // Each slice that keeps something that says who a person is removes it here.
    forget: [
      exports.forget,
      reports.forget,
      presence.forget,
      uploads.forget,
      follows.forget,
      posts.forget,
      blocks.forget,
      directs.forget,
      drafts.forget,
      schedules.forget,
      threads.forget,
    ],
    log,
    clock,
    logger,
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
    directPeople: config.DIRECT_MAX_PEOPLE,
    conversationPageSize: CONVERSATION_PAGE_SIZE,
    attachments: ATTACHMENT_LIMIT,
    fileBytes: uploads.limits.fileBytes,
    pictureBytes: uploads.limits.pictureBytes,
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
    search,
    userSearch,
    follows,
    posts,
    blocks,
    blocking,
    directs,
    uploads,
    receiving,
    downloads,
    sweep,
    profiles,
    threads,
    drafts,
    schedules,
    scheduleSender,
    server,
    receipts,
    notifications,
    admin,
    audit,
    auditLog: makeAuditLogService(audit, admin, conversations),
    reports,
    exports,
    deletions,
    rates,
    activity,
    typing,
    presence,
    log,
    signals,
  };
}
