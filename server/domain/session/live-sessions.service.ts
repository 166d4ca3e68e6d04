import type { Clock } from "../../kernel/clock.ts";
import { EMPTY_LIST, toOneOrMany, toList } from "../../kernel/one-or-many.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { LiveSessions, SessionWatcher } from "../../kernel/viewer.ts";
import type { Log } from "../../log/log.ts";
import type { UserRecord } from "../user/user.record.ts";
import { userChanged } from "../user/user.events.ts";
import { sessionEnded } from "./session.events.ts";
import { LiveSession, makeSessionCache } from "./session-cache.service.ts";
import type { SessionStore } from "./session.store.ts";

export interface LivenessSettings {
  idleMs: number;
  /** How long a session counts as alive after its last heartbeat. */
  lockMs: number;
  /** Whether open sockets must report that they are alive. */
  reportAlive: boolean;
}

export interface LiveSessionsService extends LiveSessions {
  /** Starts to store uses and to check for expired sessions. */
  start(): void;
  /** Stores the last uses. */
  stop(): Promise<void>;
}

/** Interval of the check for expired sessions, in milliseconds. */
const SWEEP_MS = 500;
/** Interval at which uses are stored if no log-in waits for a session to expire, in milliseconds. */
const USE_FLUSH_MS = 30_000;

export interface LiveSessionsOptions {
  store: Pick<SessionStore, "findByTokenHashes" | "lastUsed" | "touch">;
  log: Pick<Log, "observe">;
  clock: Clock;
  logger: Logger;
  settings: LivenessSettings;
}

export function makeLiveSessions({
  store,
  log,
  clock,
  logger,
  settings,
}: LiveSessionsOptions): LiveSessionsService {
  const held = new Map<string, LiveSession>();
  /** Uses of sessions that are not held, since uses were last stored. */
  const used = new Map<string, number>();
  const timers: NodeJS.Timeout[] = [];
  const watchers: SessionWatcher[] = [];

  const cache = makeSessionCache({ store, clock, held: (sessionId) => held.get(sessionId) });

  const markUsed = (sessionId: string): void => {
    const live = held.get(sessionId);
    if (live === undefined) used.set(sessionId, clock.now());
    else {
      live.session.lastUsedMs = clock.now();
      live.isUsed = true;
    }
  };

  /** Ends a session on this instance and notifies its holders. */
  const end = (sessionId: string): void => {
    cache.end(sessionId);
    used.delete(sessionId);
    const live = held.get(sessionId);
    held.delete(sessionId);
    if (live === undefined) return;
    for (const watcher of watchers) watcher.released(live);
    for (const holder of toList(live.holders)) holder.sessionEnded();
    live.holders = EMPTY_LIST;
  };

  /** Updates the user of existing viewers, so that their messages show the current name. */
  const updateUser = (user: UserRecord): void => {
    cache.updateUser(user);
    for (const live of held.values()) {
      if (live.user.id !== user.id) continue;
      live.user = user;
      // Viewers that connected at the same moment may have separate objects.
      for (const { viewer } of toList(live.holders)) if (viewer !== null) viewer.user = user;
    }
  };

  const flushUses = async (): Promise<void> => {
    const aliveUntil = new Date(clock.now() + settings.lockMs);
    const uses: { id: string; lastUsedAt: Date | null; aliveUntil: Date }[] = [];
    for (const [id, at] of used) uses.push({ id, lastUsedAt: new Date(at), aliveUntil });
    for (const [id, live] of held) {
      if (!live.isUsed && !settings.reportAlive) continue;
      uses.push({ id, lastUsedAt: live.isUsed ? live.session.lastUsedAt : null, aliveUntil });
      live.isUsed = false;
    }
    used.clear();
    if (uses.length === 0) return;
    try {
      await store.touch(uses);
    } catch (error) {
      logger.warn({ err: error }, "Uses of sessions could not be stored");
    }
  };

  /** Ends held sessions that have expired. Another instance may have seen a later use of a session. */
  const sweep = async (): Promise<void> => {
    cache.prune();
    const now = clock.now();
    const expiring = [...held.values()].filter((live) => !live.canBeUsed(now, settings.idleMs));
    if (expiring.length === 0) return;
    const fresh = new Map(
      (await store.lastUsed(expiring.map(({ session }) => session.id))).map((row) => [
        row.id,
        row.lastUsedAt,
      ]),
    );
    for (const live of expiring) {
      const { id } = live.session;
      const used = fresh.get(id)?.getTime() ?? 0;
      live.session.lastUsedMs = Math.max(live.session.lastUsedMs, used);
      if (!live.canBeUsed(now, settings.idleMs)) end(id);
    }
  };

  log.observe((event) => {
    if (sessionEnded.is(event)) end(event.payload.sessionId);
    else if (userChanged.is(event)) updateUser(event.payload.user);
  });

  return {
    authenticate: async (token) => {
      const live = await cache.find(token);
      if (live === null || !live.canBeUsed(clock.now(), settings.idleMs)) return null;
      live.session.lastUsedMs = clock.now();
      markUsed(live.session.id);
      for (const watcher of watchers) watcher.used(live);
      return live;
    },
    hold: (holder) => {
      const { viewer } = holder;
      if (viewer === null) return;
      const { id } = viewer.session;
      if (cache.hasEnded(id)) {
        holder.sessionEnded();
        return;
      }
      const live = held.get(id);
      if (live === undefined) {
        const fresh = viewer instanceof LiveSession ? viewer : new LiveSession(viewer);
        fresh.session.lastUsedMs = clock.now();
        fresh.isUsed = used.delete(id);
        fresh.holders = holder;
        held.set(id, fresh);
        for (const watcher of watchers) watcher.held(fresh);
      } else live.holders = [...toList(live.holders), holder];
    },
    release: (holder) => {
      const id = holder.viewer?.session.id ?? "";
      const live = held.get(id);
      if (live === undefined) return;
      const holders = toList(live.holders);
      const left = holders.filter((other) => other !== holder);
      if (left.length === holders.length) return;
      live.holders = toOneOrMany(left);
      if (left.length > 0) return;
      held.delete(id);
      if (live.isUsed) used.set(id, live.session.lastUsedMs);
      live.isUsed = false;
      for (const watcher of watchers) watcher.released(live);
    },
    watch: (watcher) => {
      watchers.push(watcher);
    },
    recordUse: (viewer) => {
      markUsed(viewer.session.id);
      for (const watcher of watchers) watcher.used(viewer);
    },
    evictToken: cache.removeTokens,
    start: () => {
      const every = (milliseconds: number, work: () => Promise<void>): void => {
        const timer = setInterval(() => {
          work().catch((error: unknown) => {
            logger.warn({ err: error }, "Expired sessions could not be checked; trying again");
          });
        }, milliseconds);
        timer.unref();
        timers.push(timer);
      };
      every(settings.reportAlive ? Math.max(300, settings.lockMs / 3) : USE_FLUSH_MS, flushUses);
      every(SWEEP_MS, sweep);
    },
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await flushUses();
    },
  };
}
