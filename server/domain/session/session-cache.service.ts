import { batchLoad } from "../../kernel/batch-load.ts";
import type { Clock } from "../../kernel/clock.ts";
import { EMPTY_LIST, type OneOrMany } from "../../kernel/one-or-many.ts";
import type { SessionHolder, Viewer } from "../../kernel/viewer.ts";
import type { UserRecord } from "../user/user.record.ts";
import { canUseSession } from "./session.policy.ts";
import { hashToken } from "./session-token.ts";
import type { CachedSession, SessionStore } from "./session.store.ts";

/** A recently used or held session. It is the viewer of all its requests. */
export class LiveSession implements Viewer {
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

/** Finds the sessions of tokens and caches them for a short time. */
export interface SessionCache {
  /** Returns the session of a token; null if it does not exist or has ended. */
  find(token: string): Promise<LiveSession | null>;
  hasEnded(sessionId: string): boolean;
  /** Records that a session has ended, so that a row read earlier does not revive it. */
  end(sessionId: string): void;
  /** Updates the user of cached sessions. A row read earlier does not restore the old state. */
  updateUser(user: UserRecord): void;
  /** Removes the tokens of a session. */
  removeTokens(sessionId: string): void;
  /** Removes entries that no read needs any more. */
  prune(): void;
}

/** The cache entry of a token. Not part of the session, because a new token continues the session. */
interface CacheEntry {
  live: LiveSession;
  /** When it must be read again. */
  readUntil: number;
}

type Row = Awaited<ReturnType<SessionStore["findByTokenHashes"]>>[number];

/** Maximum number of tokens in one look-up. */
const LOOK_UP_LIMIT = 500;
/** How long a token is cached: the maximum time for which an old token works after a renewal. */
const CACHE_MS = 1_000;
const CACHE_SIZE = 50_000;
/** How much longer it is cached while the database is unavailable, in milliseconds. */
const STALE_MS = 60_000;
/** Longer than any read of a session and any cache entry may last, in milliseconds. */
const MEMORY_MS = 2 * (STALE_MS + CACHE_MS);

export interface SessionCacheOptions {
  store: Pick<SessionStore, "findByTokenHashes">;
  clock: Clock;
  /** Returns the session if it is held on this instance. */
  held: (sessionId: string) => LiveSession | undefined;
}

export function makeSessionCache({ store, clock, held }: SessionCacheOptions): SessionCache {
  /** By hash of the token, most recently read last. */
  const entries = new Map<string, CacheEntry>();
  const recentlyEnded = new Map<string, number>();
  const recentlyChanged = new Map<string, { user: UserRecord; at: number }>();

  // Concurrent look-ups, such as after a restart, share one query.
  const readRow = batchLoad(store.findByTokenHashes, LOOK_UP_LIMIT);

  /** All viewers of a held session share one object, with its latest use and the latest user. */
  const toLiveSession = (row: NonNullable<Row>): LiveSession => {
    const live = held(row.session.id) ?? new LiveSession(row);
    live.session.lastUsedMs = Math.max(live.session.lastUsedMs, row.session.lastUsedAt.getTime());
    for (const user of [row.user, recentlyChanged.get(row.user.id)?.user])
      if (user !== undefined && changedAt(user) > changedAt(live.user)) live.user = user;
    return live;
  };

  return {
    find: async (token) => {
      const tokenHash = hashToken(token);
      const key = tokenHash.toString("base64");
      const entry = entries.get(key);
      const hasEnded = (): boolean =>
        entry !== undefined && recentlyEnded.has(entry.live.session.id);
      if (hasEnded()) return null;
      if (entry !== undefined && entry.readUntil > clock.now()) return entry.live;
      let row: Row;
      try {
        row = await readRow(tokenHash);
      } catch (error) {
        // The database is unavailable: a recent viewer passes, so that the operation can return a more
        // specific error. The end of a session still arrives through the bus.
        const isFresh = entry !== undefined && clock.now() - entry.readUntil < STALE_MS;
        if (isFresh && entries.get(key) === entry && !hasEnded()) return entry.live;
        throw error;
      }
      entries.delete(key);
      if (row === null || recentlyEnded.has(row.session.id)) return null;
      const live = toLiveSession(row);
      if (entries.size >= CACHE_SIZE) entries.clear();
      entries.set(key, { live, readUntil: clock.now() + CACHE_MS });
      return live;
    },
    hasEnded: (sessionId) => recentlyEnded.has(sessionId),
    end: (sessionId) => {
      recentlyEnded.set(sessionId, clock.now());
    },
    updateUser: (user) => {
      recentlyChanged.delete(user.id);
      recentlyChanged.set(user.id, { user, at: clock.now() });
      for (const { live } of entries.values()) if (live.user.id === user.id) live.user = user;
    },
    // Rarely called, so it searches the cache instead of storing a token in each session.
    removeTokens: (sessionId) => {
      for (const [key, { live }] of entries) if (live.session.id === sessionId) entries.delete(key);
    },
    prune: () => {
      const now = clock.now();
      for (const [id, at] of recentlyEnded) if (now - at > MEMORY_MS) recentlyEnded.delete(id);
      for (const [id, { at }] of recentlyChanged) {
        if (now - at <= MEMORY_MS) break;
        recentlyChanged.delete(id);
      }
      for (const [key, { readUntil }] of entries) {
        if (now - readUntil < STALE_MS) break;
        entries.delete(key);
      }
    },
  };
}

/** Time of the user's last change, in milliseconds. */
function changedAt(user: UserRecord): number {
  return user.changedAt?.getTime() ?? 0;
}
