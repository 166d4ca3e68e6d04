import type { Clock } from "../../kernel/clock.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Origin } from "../../kernel/origin.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { NewEvent } from "../../log/event.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { AuditService } from "../audit/audit.service.ts";
import type { LiveSessions, Viewer } from "../../kernel/viewer.ts";
import { sessionEnded } from "./session.events.ts";
import type {
  LiveAt,
  NewSession,
  SessionPage,
  SessionRecord,
  SessionStore,
} from "./session.store.ts";
import { hashToken, newToken } from "./session-token.ts";

export type { SessionRecord } from "./session.store.ts";

export interface SessionSettings {
  lifetimeMs: number;
  idleMs: number;
  /** How long a session counts as alive after its last heartbeat. */
  lockMs: number;
}

/** A user's sessions; each row has the hash of its token. */
export interface SessionService {
  /**
   * Creates a session and returns its token. Only a hash of the token is stored, so it cannot be read again.
   */
  open(
    unit: Unit,
    user: UserRecord,
    origin: Origin,
  ): Promise<{ session: SessionRecord; token: string }>;
  /** Gives the session a new token and immediately invalidates the old one. */
  rotate(unit: Unit, session: SessionRecord): Promise<string>;
  /** Locks a user's log-ins until the transaction ends. */
  lockUser(unit: Unit, userId: string): Promise<void>;
  /** Ends sessions. Returns the events that the caller must append. */
  end(unit: Unit, userId: string, sessionIds: readonly string[]): Promise<NewEvent[]>;
  /** A user's active sessions. */
  active(unit: Unit, userId: string): Promise<(SessionRecord & { aliveUntil: Date })[]>;
  /**
   * Ends one of the viewer's own sessions on all instances.
   *
   * @throws NotFoundError
   */
  revoke(viewer: Viewer, sessionId: string, origin: Origin): Promise<SessionRecord>;
  own(viewer: Viewer, page: SessionPage): Promise<SessionRecord[]>;
  findOwn(viewer: Viewer, sessionId: string): Promise<SessionRecord | null>;
  /** Removes the rows of a user's ended sessions. */
  removeAll(unit: Unit, userId: string): Promise<void>;
  /** A user's sessions, for the user's export. */
  readonly exportSection: ExportSection;
}

const DEVICE_MAX_LENGTH = 200;

export interface SessionServiceOptions {
  store: SessionStore;
  log: Log;
  clock: Clock;
  audit: AuditService;
  live: LiveSessions;
  settings: SessionSettings;
}

export function makeSessionService({
  store,
  log,
  clock,
  audit,
  live,
  settings,
}: SessionServiceOptions): SessionService {
  const liveAt = (): LiveAt => ({
    now: new Date(clock.now()),
    idleSince: new Date(clock.now() - settings.idleMs),
  });

  return {
    open: async (unit, user, origin) => {
      const now = clock.now();
      const token = newToken();
      const session: NewSession = {
        id: newId(now),
        userId: user.id,
        device: printable(origin.device).slice(0, DEVICE_MAX_LENGTH),
        address: origin.address,
        createdAt: new Date(now),
        lastUsedAt: new Date(now),
        expiresAt: new Date(now + settings.lifetimeMs),
        aliveUntil: new Date(now + settings.lockMs),
        tokenHash: hashToken(token),
      };
      await store.create(unit.tx, session);
      return { session, token };
    },
    rotate: async (unit, session) => {
      const token = newToken();
      await store.setTokenHash(unit.tx, session.id, hashToken(token));
      live.evictToken(session.id);
      return token;
    },
    end: async (unit, userId, sessionIds) => {
      await store.end(unit.tx, sessionIds, new Date(clock.now()));
      return sessionIds.map((sessionId) => sessionEnded(userId, { sessionId }));
    },
    lockUser: (unit, userId) => store.lockUser(unit.tx, userId),
    active: (unit, userId) => store.active(unit.tx, userId, liveAt()),
    revoke: async (viewer, sessionId, origin) =>
      log.write(async (unit) => {
        const session = await store.findOwn(viewer.user.id, sessionId, liveAt(), unit.tx);
        if (session === null) throw new NotFoundError("session");
        await store.end(unit.tx, [sessionId], new Date(clock.now()));
        await audit.record(unit, {
          action: "SESSION_REVOKED",
          actorId: viewer.user.id,
          origin,
          details: { sessionId },
        });
        await unit.append(sessionEnded(viewer.user.id, { sessionId }));
        return session;
      }),
    own: (viewer, page) => store.page(viewer.user.id, liveAt(), page),
    findOwn: (viewer, sessionId) => store.findOwn(viewer.user.id, sessionId, liveAt()),
    removeAll: (unit, userId) => store.removeAll(unit.tx, userId),
    exportSection: {
      type: "session",
      page: async (userId, after, limit) => {
        const rows = await store.ofUser(userId, after, limit + 1);
        return exportPage(
          rows,
          limit,
          ({ id }) => id,
          ({ userId: _, ...session }) => session,
        );
      },
    },
  };
}

/** Removes NUL, which PostgreSQL cannot store, and invisible characters. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]+/gu, " ").trim();
}
