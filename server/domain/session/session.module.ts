import type { UserRecord } from "../user/user.record.ts";
import { defineModule, type Needs } from "../../module.ts";
import { sessionEvents } from "./session.events.ts";
import { makeSessionService, type SessionService } from "./session.service.ts";
import { makeSessionStore, type CachedSession } from "./session.store.ts";
import { makeLiveSessions } from "./live-sessions.service.ts";
import "./session.schema.ts";
import "./session-events.schema.ts";

declare module "../../kernel/viewer.ts" {
  interface Viewer {
    user: UserRecord;
    session: CachedSession;
  }
}

declare module "../../graphql/services.ts" {
  interface Services {
    sessions: SessionService;
  }
}

const DAY_MS = 86_400_000;

export const sessionModule = defineModule({
  name: "session",
  events: sessionEvents,
  create: ({ config, database, log, clock, logger, audit }: Needs<"audit">) => {
    const store = makeSessionStore(database);
    const settings = {
      lifetimeMs: config.SESSION_DAYS * DAY_MS,
      idleMs: config.SESSION_IDLE_DAYS * DAY_MS,
      lockMs: config.SESSION_LOCK_SECONDS * 1_000,
      reportAlive: config.SESSION_POLICY === "reject",
    };
    const liveSessions = makeLiveSessions({ store, log, clock, logger, settings });
    const sessions = makeSessionService({ store, log, clock, audit, live: liveSessions, settings });
    return {
      services: { liveSessions, sessions },
      exportSections: [sessions.exportSection],
      start: liveSessions.start,
      stopAfterLog: liveSessions.stop,
    };
  },
});
