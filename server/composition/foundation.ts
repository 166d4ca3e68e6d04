import { makeActivityService } from "../domain/activity/activity.service.ts";
import { makeAdminService } from "../domain/admin/admin.service.ts";
import { makeAdminStore } from "../domain/admin/admin.store.ts";
import { makeAuditService } from "../domain/audit/audit.service.ts";
import { makeAuditStore } from "../domain/audit/audit.store.ts";
import {
  makeLiveSessions,
  type LiveSessionsService,
} from "../domain/session/live-sessions.service.ts";
import { makeSessionService } from "../domain/session/session.service.ts";
import { makeSessionStore } from "../domain/session/session.store.ts";
import { makeBlockService } from "../domain/block/block.service.ts";
import { makeBlockStore } from "../domain/block/block.store.ts";
import { makeConversationService } from "../domain/conversation/conversation.service.ts";
import { makeConversationStore } from "../domain/conversation/conversation.store.ts";
import { makeFollowStore, type FollowStore } from "../domain/follow/follow.store.ts";
import { makeMessageStore, type MessageStore } from "../domain/message/message.store.ts";
import { makePostStore, type PostStore } from "../domain/post/post.store.ts";
import { makeUserService } from "../domain/user/user.service.ts";
import { makeUserStore, type UserStore } from "../domain/user/user.store.ts";
import { makeRateLimits, type RateLimits } from "../infra/rate-limits.ts";
import { makeLog } from "../log/log.ts";
import { makeSignals } from "../signal/signals.ts";
import type { Services } from "../graphql/services.ts";
import type { Parts } from "./parts.ts";

const DAY_MS = 86_400_000;

/** What all domains stand on: the log, people, sessions, conversations and signals. */
export interface Foundation extends Pick<
  Services,
  | "log"
  | "users"
  | "audit"
  | "sessions"
  | "admin"
  | "conversations"
  | "blocks"
  | "signals"
  | "activity"
> {
  liveSessions: LiveSessionsService;
  rates: RateLimits;
  userStore: UserStore;
  messageStore: MessageStore;
  followStore: FollowStore;
  postStore: PostStore;
}

/** Makes what needs nothing but the parts. */
export function makeFoundation(parts: Parts): Foundation {
  const { config, database, bus, redis, logger, clock, instanceId } = parts;

  const rates = makeRateLimits({
    redis,
    windows: (limit) => (config.RATE_LIMITS ? config[`RATE_${limit}`] : "0"),
    now: clock.now,
  });
  const userStore = makeUserStore(database);
  const sessionStore = makeSessionStore(database);
  const conversationStore = makeConversationStore(database);
  const messageStore = makeMessageStore(database);
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
    loadTopics: async (tx, userIds) => [
      ...(await conversationStore.topicsOf(tx, userIds)),
      ...(await followStore.topicsOf(tx, userIds)),
    ],
    replayLimit: config.REPLAY_LIMIT,
    heartbeatMs: config.HEARTBEAT_SECONDS * 1_000,
    retentionMs: config.EVENT_RETENTION_DAYS * DAY_MS,
    now: clock.now,
  });
  const users = makeUserService(userStore);
  const audit = makeAuditService({
    store: makeAuditStore(database),
    clock,
    logger,
    retentionDays: config.AUDIT_RETENTION_DAYS,
  });
  const sessionSettings = {
    lifetimeMs: config.SESSION_DAYS * DAY_MS,
    idleMs: config.SESSION_IDLE_DAYS * DAY_MS,
    lockMs: config.SESSION_LOCK_SECONDS * 1_000,
    reportAlive: config.SESSION_POLICY === "reject",
  };
  const liveSessions = makeLiveSessions({
    store: sessionStore,
    log,
    clock,
    logger,
    settings: sessionSettings,
  });
  const sessions = makeSessionService({
    store: sessionStore,
    log,
    clock,
    audit,
    live: liveSessions,
    settings: sessionSettings,
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
  const blocks = makeBlockService({ store: makeBlockStore(database), users, log, rates });
  const signals = makeSignals({ bus, log, logger, instanceId });
  const activity = makeActivityService({ signals, conversations, log });

  return {
    rates,
    userStore,
    messageStore,
    followStore,
    postStore,
    log,
    users,
    audit,
    sessions,
    liveSessions,
    admin,
    conversations,
    blocks,
    signals,
    activity,
  };
}
