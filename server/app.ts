import { randomUUID } from "node:crypto";
import type { Config } from "./config.ts";
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "./domain/auth/auth.policy.ts";
import { makeAuthService } from "./domain/auth/auth.service.ts";
import { makeAuthStore } from "./domain/auth/auth.store.ts";
import { makeSessionService } from "./domain/auth/session.service.ts";
import { makeSessionStore } from "./domain/auth/session.store.ts";
import { makeConversationService } from "./domain/conversation/conversation.service.ts";
import { makeConversationStore } from "./domain/conversation/conversation.store.ts";
import { makeFollowService } from "./domain/follow/follow.service.ts";
import { makeFollowStore } from "./domain/follow/follow.store.ts";
import { makeChangeService } from "./domain/message/change.service.ts";
import { makeChangeStore } from "./domain/message/change.store.ts";
import { makePostService } from "./domain/post/post.service.ts";
import { makePostStore } from "./domain/post/post.store.ts";
import { makeReactionService } from "./domain/reaction/reaction.service.ts";
import { makeReactionStore } from "./domain/reaction/reaction.store.ts";
import { makeMessageService } from "./domain/message/message.service.ts";
import { makeMessageStore } from "./domain/message/message.store.ts";
import { makeRoomService, ROOM_NAME_MAX_LENGTH } from "./domain/room/room.service.ts";
import { makeRoomStore } from "./domain/room/room.store.ts";
import { makeServerService } from "./domain/server/server.service.ts";
import { makeUserService, USERNAME_MAX_LENGTH } from "./domain/user/user.service.ts";
import { makeUserStore } from "./domain/user/user.store.ts";
import { usePrisma } from "./graphql/builder.ts";
import { makeExecutor } from "./graphql/execute.ts";
import { schema } from "./graphql/schema.ts";
import { makeEventStreams } from "./http/event-streams.ts";
import { makeGraphQLHandler } from "./http/graphql-http.ts";
import { makeHttpServer } from "./http/http-server.ts";
import { makeSocketServer } from "./http/websocket.ts";
import type { Bus } from "./infra/bus/bus.ts";
import { makeRedisBus } from "./infra/bus/redis-bus.ts";
import { makeSoloBus } from "./infra/bus/solo-bus.ts";
import { openDatabase } from "./infra/database/database.ts";
import { makePasswords } from "./infra/passwords.ts";
import { systemClock } from "./kernel/clock.ts";
import { makeLogger } from "./kernel/logger.ts";
import { StartupError } from "./kernel/startup-error.ts";
import { makeLog } from "./log/log.ts";
import { VERSION } from "./version.ts";

const DAY_MS = 86_400_000;
const CONVERSATION_PAGE_SIZE = 500;

/** One running instance. */
export interface App {
  readonly port: number;
  /** What is held open at this moment. */
  counts(): { sockets: number; streams: number; subscribers: number; groups: number };
  /** Stops accepting, finishes what is under way, and frees everything. */
  stop(): Promise<void>;
}

/**
 * Composes an instance and starts to serve.
 *
 * @param config      the settings
 * @param databaseUrl PostgreSQL with all migrations applied
 * @throws StartupError when the port, the database or Redis cannot be had
 */
export async function startApp(config: Config, databaseUrl: string): Promise<App> {
  const instanceId = randomUUID();
  const logger = makeLogger(config.LOG_LEVEL, { instance: instanceId.slice(0, 8) });
  const clock = systemClock;
  const database = openDatabase(databaseUrl, config.DATABASE_POOL);
  const bus: Bus =
    config.REDIS_URL === undefined
      ? makeSoloBus()
      : makeRedisBus(config.REDIS_URL, instanceId, logger);

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
    loadPosts: postStore.findByIds,
    loadTopics: async (userId) => [
      ...(await conversationStore.topicsOf(userId)),
      ...(await followStore.topicsOf(userId)),
    ],
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
  const rooms = makeRoomService(makeRoomStore(database), conversations, log, clock);
  const messages = makeMessageService(messageStore, conversations, log, {
    bodyLength: config.MESSAGE_MAX_LENGTH,
    queue: config.APPEND_QUEUE,
  });
  const changes = makeChangeService({
    store: makeChangeStore(database),
    messages,
    log,
    clock,
    bodyLength: config.MESSAGE_MAX_LENGTH,
  });
  const reactions = makeReactionService(makeReactionStore(database), changes);
  const follows = makeFollowService(followStore, users, log);
  const posts = makePostService({
    store: postStore,
    log,
    clock,
    bodyLength: config.MESSAGE_MAX_LENGTH,
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

  usePrisma(database.prisma);
  const services = {
    auth,
    sessions,
    users,
    conversations,
    rooms,
    messages,
    changes,
    reactions,
    follows,
    posts,
    server,
    log,
  };
  const executor = makeExecutor({
    schema,
    services,
    database,
    logger,
    introspection: config.INTROSPECTION,
  });
  const streams = makeEventStreams(executor, log);
  const sockets = makeSocketServer({ config, executor, sessions, streams, logger });
  const graphql = makeGraphQLHandler({ config, executor, sessions, logger });
  const ready = async (): Promise<void> => {
    await Promise.all([database.ping(), bus.ping()]);
  };
  const http = makeHttpServer({ config, graphql, sockets, health: { ready } });

  const dispose = async (): Promise<void> => {
    await log.stop();
    await sessions.stop();
    await bus.close();
    await database.close();
  };

  try {
    await connected(bus);
    await log.start();
    sessions.start();
    const port = await http.listen();
    logger.debug({ port }, `listening on http://${config.HOST}:${String(port)}`);
    return {
      port,
      counts: () => ({ ...log.counts(), sockets: sockets.size, groups: streams.groups }),
      stop: async () => {
        await http.close(config.SHUTDOWN_SECONDS * 1_000);
        await dispose();
      },
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

const REDIS_PATIENCE_MS = 3_000;

/** Waits until Redis answers for the first time: an instance that starts deaf is more likely misconfigured. */
async function connected(bus: Bus): Promise<void> {
  const deadline = Date.now() + REDIS_PATIENCE_MS;
  for (;;) {
    try {
      await bus.ping();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        throw new StartupError(
          `Redis at REDIS_URL cannot be reached: ${error instanceof Error ? error.message : "no answer"}.`,
          "Start Redis, correct REDIS_URL, or leave it out to run a single instance.",
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
