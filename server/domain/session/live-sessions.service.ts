import type { Clock } from "../../kernel/clock.ts";
import { EMPTY_LIST, toOneOrMany, toList, type OneOrMany } from "../../kernel/one-or-many.ts";
import { batchLoad } from "../../kernel/batch-load.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { LiveSessions, SessionHolder, SessionWatcher, Viewer } from "../../kernel/viewer.ts";
import type { Log } from "../../log/log.ts";
import type { UserRecord } from "../user/user.record.ts";
import { userChanged } from "../user/user.events.ts";
import { sessionEnded } from "./session.events.ts";
import { canUseSession } from "./session.policy.ts";
import type { CachedSession, SessionStore } from "./session.store.ts";
import { hashToken } from "./session-token.ts";

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

/** A recently used or held session. It is the viewer of all its requests. */
class Known implements Viewer {
  user: UserRecord;
  readonly session: CachedSession;
  /** Whether it was used since uses were last stored, while it is held. */
  isUsed = false;
  holders: OneOrMany<SessionHolder> = EMPTY_LIST;

  constructor({ user, session }: Viewer) {
    this.user = user;
    this.session = session;
  }

  canBeUsed(now: number, idleMs: number): boolean {
    const { expiresMs: expiresAt, lastUsedMs: lastUsedAt } = this.session;
    return canUseSession({ expiresAt, lastUsedAt }, now, idleMs);
  }
}

/** The cache entry of a token. Not part of the session, because a new token continues the session. */
interface Cached {
  known: Known;
  /** When it must be read again. */
  readUntil: number;
}

type LiveSessionStore = Pick<SessionStore, "findByTokenHashes" | "lastUsed" | "touch">;
type Found = Awaited<ReturnType<SessionStore["findByTokenHashes"]>>[number];

/** Maximum number of tokens in one look-up. */
const LOOK_UP_LIMIT = 500;
/** How long a token is cached: the maximum time for which an old token works after a renewal. */
const CACHE_MS = 1_000;
const CACHE_SIZE = 50_000;
/** How much longer it is cached while the database is unavailable, in milliseconds. */
const STALE_MS = 60_000;
/** Longer than any read of a session and any cache entry may last, in milliseconds. */
const MEMORY_MS = 2 * (STALE_MS + CACHE_MS);
const SWEEP_MS = 500;
/** Interval at which uses are stored if no log-in waits for a session to expire, in milliseconds. */
const USE_FLUSH_MS = 30_000;

export interface LiveSessionsOptions {
  store: LiveSessionStore;
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
  /** By hash of the token, most recently read last. */
  const cache = new Map<string, Cached>();
  /** Recently ended sessions: a row read earlier must not revive one. */
  const endedLately = new Map<string, number>();
  /** Recently changed users: a row read earlier must not restore the old state. */
  const changedLately = new Map<string, { user: UserRecord; at: number }>();
  const held = new Map<string, Known>();
  /** Uses of sessions that are not held, since uses were last stored. */
  const used = new Map<string, number>();
  const timers: NodeJS.Timeout[] = [];
  const watchers: SessionWatcher[] = [];

  // Concurrent look-ups, such as after a restart, share one query.
  const find = batchLoad(store.findByTokenHashes, LOOK_UP_LIMIT);

  const markUsed = (sessionId: string): void => {
    const known = held.get(sessionId);
    if (known === undefined) used.set(sessionId, clock.now());
    else {
      known.session.lastUsedMs = clock.now();
      known.isUsed = true;
    }
  };

  const forget = (sessionId: string): void => {
    endedLately.set(sessionId, clock.now());
    used.delete(sessionId);
    const session = held.get(sessionId);
    held.delete(sessionId);
    if (session === undefined) return;
    for (const watcher of watchers) watcher.released(session);
    for (const holder of toList(session.holders)) holder.sessionEnded();
    session.holders = EMPTY_LIST;
  };

  /** Updates the user of existing viewers, so that their messages show the current name. */
  const renew = (user: UserRecord): void => {
    changedLately.delete(user.id);
    changedLately.set(user.id, { user, at: clock.now() });
    for (const { known } of cache.values()) if (known.user.id === user.id) known.user = user;
    for (const session of held.values()) {
      if (session.user.id !== user.id) continue;
      session.user = user;
      // Viewers that connected at the same moment may have separate objects.
      for (const { viewer } of toList(session.holders)) if (viewer !== null) viewer.user = user;
    }
  };

  const flushUses = async (): Promise<void> => {
    const aliveUntil = new Date(clock.now() + settings.lockMs);
    const uses: { id: string; lastUsedAt: Date | null; aliveUntil: Date }[] = [];
    for (const [id, at] of used) uses.push({ id, lastUsedAt: new Date(at), aliveUntil });
    for (const [id, known] of held) {
      if (!known.isUsed && !settings.reportAlive) continue;
      uses.push({ id, lastUsedAt: known.isUsed ? known.session.lastUsedAt : null, aliveUntil });
      known.isUsed = false;
    }
    used.clear();
    if (uses.length === 0) return;
    try {
      await store.touch(uses);
    } catch (error) {
      logger.warn({ err: error }, "Uses of sessions could not be stored");
    }
  };

  /** Another instance may have seen a later use of the session. */
  const sweep = async (): Promise<void> => {
    const now = clock.now();
    for (const [id, at] of endedLately) if (now - at > MEMORY_MS) endedLately.delete(id);
    for (const [id, { at }] of changedLately) {
      if (now - at <= MEMORY_MS) break;
      changedLately.delete(id);
    }
    for (const [key, { readUntil }] of cache) {
      if (now - readUntil < STALE_MS) break;
      cache.delete(key);
    }
    const suspects = [...held.values()].filter(
      (session) => !session.canBeUsed(now, settings.idleMs),
    );
    if (suspects.length === 0) return;
    const fresh = new Map(
      (await store.lastUsed(suspects.map(({ session }) => session.id))).map((row) => [
        row.id,
        row.lastUsedAt,
      ]),
    );
    for (const suspect of suspects) {
      const { id } = suspect.session;
      const used = fresh.get(id)?.getTime() ?? 0;
      suspect.session.lastUsedMs = Math.max(suspect.session.lastUsedMs, used);
      if (!suspect.canBeUsed(now, settings.idleMs)) forget(id);
    }
  };

  log.observe((event) => {
    if (sessionEnded.is(event)) forget(event.payload.sessionId);
    else if (userChanged.is(event)) renew(event.payload.user);
  });

  const lookUp = async (key: string, tokenHash: Buffer): Promise<Known | null> => {
    const cached = cache.get(key);
    const hasEnded = (): boolean =>
      cached !== undefined && endedLately.has(cached.known.session.id);
    if (hasEnded()) return null;
    if (cached !== undefined && cached.readUntil > clock.now()) return cached.known;
    let row: Found;
    try {
      row = await find(tokenHash);
    } catch (error) {
      // The database is unavailable: a recent viewer passes, so that the operation can return a more
      // specific error. The end of a session still arrives through the bus.
      const isFresh = cached !== undefined && clock.now() - cached.readUntil < STALE_MS;
      if (isFresh && cache.get(key) === cached && !hasEnded()) return cached.known;
      throw error;
    }
    cache.delete(key);
    if (row === null || endedLately.has(row.session.id)) return null;
    // All viewers of a held session share one object.
    const known = held.get(row.session.id) ?? new Known(row);
    known.session.lastUsedMs = Math.max(known.session.lastUsedMs, row.session.lastUsedAt.getTime());
    for (const user of [row.user, changedLately.get(row.user.id)?.user])
      if (user !== undefined && changedAt(user) > changedAt(known.user)) known.user = user;
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(key, { known, readUntil: clock.now() + CACHE_MS });
    return known;
  };

  return {
    authenticate: async (token) => {
      const tokenHash = hashToken(token);
      const entry = await lookUp(tokenHash.toString("base64"), tokenHash);
      if (entry === null) return null;
      if (!entry.canBeUsed(clock.now(), settings.idleMs)) return null;
      entry.session.lastUsedMs = clock.now();
      markUsed(entry.session.id);
      for (const watcher of watchers) watcher.used(entry);
      return entry;
    },
    hold: (holder) => {
      const { viewer } = holder;
      if (viewer === null) return;
      const { id } = viewer.session;
      if (endedLately.has(id)) {
        holder.sessionEnded();
        return;
      }
      const known = held.get(id);
      if (known === undefined) {
        const fresh = viewer instanceof Known ? viewer : new Known(viewer);
        fresh.session.lastUsedMs = clock.now();
        fresh.isUsed = used.delete(id);
        fresh.holders = holder;
        held.set(id, fresh);
        for (const watcher of watchers) watcher.held(fresh);
      } else known.holders = [...toList(known.holders), holder];
    },
    release: (holder) => {
      const id = holder.viewer?.session.id ?? "";
      const known = held.get(id);
      if (known === undefined) return;
      const holders = toList(known.holders);
      const left = holders.filter((other) => other !== holder);
      if (left.length === holders.length) return;
      known.holders = toOneOrMany(left);
      if (left.length > 0) return;
      held.delete(id);
      if (known.isUsed) used.set(id, known.session.lastUsedMs);
      known.isUsed = false;
      for (const watcher of watchers) watcher.released(known);
    },
    watch: (watcher) => {
      watchers.push(watcher);
    },
    noteUse: (viewer) => {
      markUsed(viewer.session.id);
      for (const watcher of watchers) watcher.used(viewer);
    },
    // Rarely called, so it searches the cache instead of storing a token in each session.
    forgetToken: (sessionId) => {
      for (const [key, { known }] of cache) if (known.session.id === sessionId) cache.delete(key);
    },
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

/** Time of the user's last change, in milliseconds. */
function changedAt(user: UserRecord): number {
  return user.changedAt?.getTime() ?? 0;
}
