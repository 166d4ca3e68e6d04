import { createHash, randomBytes } from "node:crypto";
import { NotFoundError } from "../../kernel/errors.ts";
import { NONE, fewOf, listOf, type Few } from "../../kernel/few.ts";
import { gather } from "../../kernel/gather.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import { newId } from "../../kernel/ids.ts";
import type { Origin } from "../../kernel/origin.ts";
import { ownDataPage, type OwnDataSection } from "../../kernel/own-data.ts";
import type { AuditService } from "../audit/audit.service.ts";
import type { NewEvent } from "../../log/event.ts";
import type { Log, Transaction } from "../../log/log.ts";
import type { UserRecord } from "../../log/records.ts";
import { canUseSession } from "./session.policy.ts";
import type {
  KeptSession,
  LiveAt,
  NewSession,
  SessionPage,
  SessionRecord,
  SessionStore,
} from "./session.store.ts";

export type { Origin } from "../../kernel/origin.ts";
export { KeptSession } from "./session.store.ts";
export type { SessionPage, SessionRecord } from "./session.store.ts";

/** Who is behind a request or a socket. */
export interface Viewer {
  user: UserRecord;
  session: KeptSession;
}

export interface SessionSettings {
  lifetimeMs: number;
  idleMs: number;
  /** How long after its last sign of life a session counts as alive. */
  lockMs: number;
  /** Whether being alive matters, so that open sockets have to report it. */
  reportAlive: boolean;
}

export interface SessionService {
  /** The viewer that a token stands for; null when it stands for nobody (any more). Counts as a use. */
  authenticate(token: string): Promise<Viewer | null>;
  /** Makes a session for the transaction in progress. The token is in the answer and nowhere else. */
  open(user: UserRecord, origin: Origin): Promise<{ session: SessionRecord; token: string }>;
  /** Gives the session a new token; the old one is worthless at once. */
  rotate(session: SessionRecord): Promise<string>;
  /** Makes log-ins of one person wait for each other until the transaction ends. */
  takeTurns(tx: Transaction, userId: string): Promise<void>;
  /** Ends sessions in the transaction in progress; answers the events that tell everyone. */
  end(userId: string, sessionIds: readonly string[]): Promise<NewEvent[]>;
  /** Sessions of a person that are going on. */
  going(userId: string): Promise<(SessionRecord & { aliveUntil: Date })[]>;
  /**
   * Ends one of the viewer's own sessions everywhere.
   *
   * @throws NotFoundError
   */
  revoke(viewer: Viewer, sessionId: string, origin: Origin): Promise<SessionRecord>;
  own(viewer: Viewer, page: SessionPage): Promise<SessionRecord[]>;
  findOwn(viewer: Viewer, sessionId: string): Promise<SessionRecord | null>;
  /** Keeps the session of something that is open (a socket) alive until it is released, and tells it of its end. */
  hold(holder: SessionHolder): void;
  release(holder: SessionHolder): void;
  /** Removes all that is known of a person's sessions, which have ended before. */
  forgetAll(tx: Transaction, userId: string): Promise<void>;
  /** A person's sessions, for their own export. */
  readonly ownData: OwnDataSection;
  /** Tells a watcher of everything that happens to open sessions here. */
  watch(watcher: SessionWatcher): void;
  /** Tells watchers that the person did something over a socket that is open already. */
  noteUse(viewer: Viewer): void;
  start(): void;
  stop(): Promise<void>;
}

/** Something that is open for a session. There are very many, so it is told by itself. */
export interface SessionHolder {
  /** On whose behalf it is open; the person is kept as they are now. */
  readonly viewer: Viewer | null;
  /** The session has ended. */
  sessionEnded(): void;
}

/** Learns of sessions on this instance. */
export interface SessionWatcher {
  /** Something is open for the session now, and nothing was before. */
  held(viewer: Viewer): void;
  /** Nothing is open for it any more. */
  released(viewer: Viewer): void;
  /** Its person did something, wherever it is held. */
  used(viewer: Viewer): void;
}

/** A session that was asked for lately or that something keeps open. Whoever comes with it is this viewer. */
class Known implements Viewer {
  user: UserRecord;
  readonly session: KeptSession;
  lastUsedAt: number;
  /** Whether it was used since uses were last stored, while something holds it. */
  isUsed = false;
  holders: Few<SessionHolder> = NONE;

  constructor({ user, session }: Viewer) {
    this.user = user;
    this.session = session;
    this.lastUsedAt = session.lastUsedAt.getTime();
  }

  canBeUsed(now: number, idleMs: number): boolean {
    return canUseSession(
      { expiresAt: this.session.expiresMs, lastUsedAt: this.lastUsedAt },
      now,
      idleMs,
    );
  }
}

/** What a token stands for: not a session's own, which a new token takes over. */
interface Cached {
  known: Known;
  /** Until when it need not be read again. */
  readUntil: number;
}

type Found = Awaited<ReturnType<SessionStore["findByTokenHashes"]>>[number];

/** Most tokens that are looked up at once. */
const LOOK_UP_LIMIT = 500;
/** How long a token is remembered: at most as long as an old one may still work after it was renewed. */
const CACHE_MS = 1_000;
const CACHE_SIZE = 50_000;
/** How much longer it is remembered while the database cannot be asked, in milliseconds. */
const STALE_MS = 60_000;
/** Longer than any read of a session may take, and than a token is remembered, in milliseconds. */
const ENDED_MEMORY_MS = 2 * (STALE_MS + CACHE_MS);
const SWEEP_MS = 500;
/** How often uses are stored where nobody waits for a session to lapse, in milliseconds. */
const USE_FLUSH_MS = 30_000;
const DEVICE_MAX_LENGTH = 200;

export function makeSessionService(
  store: SessionStore,
  log: Log,
  clock: Clock,
  logger: Logger,
  audit: AuditService,
  settings: SessionSettings,
): SessionService {
  /** By the hash of the token. Whoever was looked up last stands last. */
  const cache = new Map<string, Cached>();
  /** Sessions whose end was heard of lately: a row read before that must not bring one back. */
  const endedLately = new Map<string, number>();
  const held = new Map<string, Known>();
  /** When sessions that nothing holds were used, since uses were last stored. */
  const used = new Map<string, number>();
  const timers: NodeJS.Timeout[] = [];
  const watchers: SessionWatcher[] = [];

  // All who come at once, as after a restart, are looked up together.
  const find = gather(store.findByTokenHashes, LOOK_UP_LIMIT);

  const liveAt = (): LiveAt => ({
    now: new Date(clock.now()),
    idleSince: new Date(clock.now() - settings.idleMs),
  });

  const markUsed = (sessionId: string): void => {
    const session = held.get(sessionId);
    if (session === undefined) used.set(sessionId, clock.now());
    else {
      session.lastUsedAt = clock.now();
      session.isUsed = true;
    }
  };

  /** Rarely asked for: to know the token of each session would cost each of them. */
  const uncache = (sessionId: string): void => {
    for (const [key, { known }] of cache) if (known.session.id === sessionId) cache.delete(key);
  };

  const forget = (sessionId: string): void => {
    endedLately.set(sessionId, clock.now());
    used.delete(sessionId);
    const session = held.get(sessionId);
    held.delete(sessionId);
    if (session === undefined) return;
    for (const watcher of watchers) watcher.released(session);
    for (const holder of listOf(session.holders)) holder.sessionEnded();
    session.holders = NONE;
  };

  /** Whoever is here from before acts as the person they are now: what they write shows it. */
  const renew = (user: UserRecord): void => {
    for (const { known } of cache.values()) if (known.user.id === user.id) known.user = user;
    for (const session of held.values()) {
      if (session.user.id !== user.id) continue;
      session.user = user;
      // Those who came at the same moment may each have been looked up by themselves.
      for (const { viewer } of listOf(session.holders)) if (viewer !== null) viewer.user = user;
    }
  };

  const flushUses = async (): Promise<void> => {
    const aliveUntil = new Date(clock.now() + settings.lockMs);
    const uses: { id: string; lastUsedAt: Date | null; aliveUntil: Date }[] = [];
    for (const [id, at] of used) uses.push({ id, lastUsedAt: new Date(at), aliveUntil });
    for (const [id, session] of held) {
      if (!session.isUsed && !settings.reportAlive) continue;
      const lastUsedAt = session.isUsed ? new Date(session.lastUsedAt) : null;
      uses.push({ id, lastUsedAt, aliveUntil });
      session.isUsed = false;
    }
    used.clear();
    if (uses.length === 0) return;
    try {
      await store.touch(uses);
    } catch (error) {
      logger.warn({ err: error }, "Signs of life of sessions could not be stored");
    }
  };

  /** Another instance may have seen the session in use later than we did. */
  const sweep = async (): Promise<void> => {
    const now = clock.now();
    for (const [id, at] of endedLately) if (now - at > ENDED_MEMORY_MS) endedLately.delete(id);
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
      suspect.lastUsedAt = Math.max(suspect.lastUsedAt, fresh.get(id)?.getTime() ?? 0);
      if (!suspect.canBeUsed(now, settings.idleMs)) forget(id);
    }
  };

  log.observe((event) => {
    if (event.type === "SESSION_ENDED") forget(event.payload.sessionId);
    else if (event.type === "USER_CHANGED") renew(event.payload.user);
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
      // The database is away: whoever was just here gets the answer of what they ask for, which can
      // say more than that nobody knows them. The end of a session is still heard of.
      const isFresh = cached !== undefined && clock.now() - cached.readUntil < STALE_MS;
      if (isFresh && cache.get(key) === cached && !hasEnded()) return cached.known;
      throw error;
    }
    cache.delete(key);
    if (row === null || endedLately.has(row.session.id)) return null;
    // What is held is one for all who come with it.
    const known = held.get(row.session.id) ?? new Known(row);
    known.lastUsedAt = Math.max(known.lastUsedAt, row.session.lastUsedAt.getTime());
    if (changedAt(row.user) > changedAt(known.user)) known.user = row.user;
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
      entry.lastUsedAt = clock.now();
      markUsed(entry.session.id);
      for (const watcher of watchers) watcher.used(entry);
      return entry;
    },
    open: async (user, origin) => {
      const now = clock.now();
      const token = newToken();
      const session: NewSession = {
        id: newId(now),
        userId: user.id,
        device: shown(origin.device).slice(0, DEVICE_MAX_LENGTH),
        address: origin.address,
        createdAt: new Date(now),
        lastUsedAt: new Date(now),
        expiresAt: new Date(now + settings.lifetimeMs),
        aliveUntil: new Date(now + settings.lockMs),
        tokenHash: hashToken(token),
      };
      await store.create(session);
      return { session, token };
    },
    rotate: async (session) => {
      const token = newToken();
      await store.setTokenHash(session.id, hashToken(token));
      uncache(session.id);
      return token;
    },
    end: async (userId, sessionIds) => {
      await store.end(sessionIds, new Date(clock.now()));
      return sessionIds.map((sessionId) => ({
        type: "SESSION_ENDED",
        topic: userId,
        payload: { sessionId },
      }));
    },
    takeTurns: store.lockUser,
    going: (userId) => store.going(userId, liveAt()),
    revoke: async (viewer, sessionId, origin) =>
      log.write(async (tx, append) => {
        const session = await store.findOwn(viewer.user.id, sessionId, liveAt());
        if (session === null) throw new NotFoundError("session");
        await store.end([sessionId], new Date(clock.now()));
        await audit.record(tx, {
          action: "SESSION_REVOKED",
          actorId: viewer.user.id,
          origin,
          details: { sessionId },
        });
        await append([{ type: "SESSION_ENDED", topic: viewer.user.id, payload: { sessionId } }]);
        return session;
      }),
    own: (viewer, page) => store.page(viewer.user.id, liveAt(), page),
    findOwn: (viewer, sessionId) => store.findOwn(viewer.user.id, sessionId, liveAt()),
    hold: (holder) => {
      const { viewer } = holder;
      if (viewer === null) return;
      const { id } = viewer.session;
      if (endedLately.has(id)) {
        holder.sessionEnded();
        return;
      }
      const session = held.get(id);
      if (session === undefined) {
        const fresh = viewer instanceof Known ? viewer : new Known(viewer);
        fresh.lastUsedAt = clock.now();
        fresh.isUsed = used.delete(id);
        fresh.holders = holder;
        held.set(id, fresh);
        for (const watcher of watchers) watcher.held(fresh);
      } else session.holders = [...listOf(session.holders), holder];
    },
    release: (holder) => {
      const id = holder.viewer?.session.id ?? "";
      const session = held.get(id);
      if (session === undefined) return;
      const holders = listOf(session.holders);
      const left = holders.filter((other) => other !== holder);
      if (left.length === holders.length) return;
      session.holders = fewOf(left);
      if (left.length > 0) return;
      held.delete(id);
      if (session.isUsed) used.set(id, session.lastUsedAt);
      session.isUsed = false;
      for (const watcher of watchers) watcher.released(session);
    },
    forgetAll: store.removeAll,
    ownData: {
      type: "session",
      page: async (userId, after, limit) => {
        const rows = await store.ofUser(userId, after, limit + 1);
        return ownDataPage(
          rows,
          limit,
          ({ id }) => id,
          ({ userId: _, ...session }) => session,
        );
      },
    },
    watch: (watcher) => {
      watchers.push(watcher);
    },
    noteUse: (viewer) => {
      for (const watcher of watchers) watcher.used(viewer);
    },
    start: () => {
      const every = (milliseconds: number, work: () => Promise<void>): void => {
        const timer = setInterval(() => {
          work().catch((error: unknown) => {
            logger.warn({ err: error }, "Sessions could not be looked after; trying again");
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

/** Without characters that cannot be shown or, as NUL, stored. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}]+/gu, " ").trim();
}

/** When a person last changed, in milliseconds. */
function changedAt(user: UserRecord): number {
  return user.changedAt?.getTime() ?? 0;
}

/** 256 random bits. */
function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** A token has 256 random bits, so a fast hash is enough to make the stored form useless. */
function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
