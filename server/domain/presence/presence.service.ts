import type { Clock } from "../../kernel/clock.ts";
import { InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { ExportSection } from "../../kernel/export-section.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { PresenceRecord, SignalOf } from "../../signal/signal.ts";
import type { Signals } from "../../signal/signals.ts";
import type { SignalSink, SignalStream } from "../../signal/stream.ts";
import type { ActivityService } from "../activity/activity.service.ts";
import type { LiveSessions, Viewer } from "../../kernel/viewer.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { UserService } from "../user/user.service.ts";
import { LINGER_MS, makeDevices } from "./devices.service.ts";
import { makeLastSeen } from "./last-seen.service.ts";
import { makeSharedPresence, type ConnectedUser, type Source } from "./shared-presence.service.ts";
import { isShownToOthers, type LiveStatus } from "./presence.policy.ts";
import type { PresenceStore } from "./presence.store.ts";
import { makeRosters, type WatchedRoster } from "./roster.service.ts";

/** Maximum number of users in one presence subscription. */
export const PRESENCE_USERS_LIMIT = 200;

type PresenceSignal = SignalOf<"PRESENCE_CHANGED">;

/** Presence without the last-seen time, which requires a read for disconnected users. */
export type CurrentPresence = Omit<PresenceRecord, "lastSeenAt">;

export interface PresenceService {
  /** A user's presence as others currently see it. */
  now(userId: string): CurrentPresence;
  /** A user's own presence. Reads the database if the user is not connected to this instance. */
  own(userId: string): Promise<CurrentPresence>;
  /** When users were last seen; users who were never seen are absent. */
  lastSeen(userIds: readonly string[]): Promise<Map<string, Date>>;
  /** The users whom others see as online or away. */
  online(): readonly string[];
  /** Sets a user's status on the device of this session, and invisibility; null leaves a value unchanged. */
  set(viewer: Viewer, status: LiveStatus | null, invisible: boolean | null): Promise<void>;
  /**
   * Returns a function that opens a stream of some users' presence; the stream fails with NotFoundError
   * if a user does not exist.
   *
   * @throws InvalidInputError if there are too many users
   */
  follow(viewerId: string, userIds: readonly string[]): (sink: SignalSink) => SignalStream;
  /**
   * Opens a stream of the presence of a conversation's members; it fails with NotFoundError or
   * NotAMemberError.
   */
  followConversation(viewerId: string, conversationId: string, sink: SignalSink): SignalStream;
  /** Removes a user's stored presence in the unit. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
  /** A user's stored presence, for the user's export. */
  readonly exportSection: ExportSection;
  counts(): { people: number };
  start(): void;
  stop(): Promise<void>;
}

export interface PresenceOptions {
  store: PresenceStore;
  liveSessions: LiveSessions;
  users: UserService;
  conversations: ConversationService;
  activity: ActivityService;
  signals: Signals;
  log: Log;
  clock: Clock;
  logger: Logger;
  ttlMs: number;
  idleMs: number;
}

export function makePresenceService(options: PresenceOptions): PresenceService {
  const { store, liveSessions, users, conversations, activity, signals, log, clock, logger } =
    options;
  const { exchange } = signals;
  const lastSeen = makeLastSeen({ store, clock, logger });
  /** Current presence of connected users, as they see it themselves. Others see it unless it is invisible. */
  const current = new Map<string, ConnectedUser>();
  /**
   * The signal of each user, shared by all streams, because rendered results are cached by signal. Most
   * users have none, because no stream asks for them.
   */
  const signalByState = new WeakMap<ConnectedUser, PresenceSignal>();
  let online: string[] | null = null;

  const offline = (user: UserRecord, lastSeenAt: Date | null): PresenceSignal =>
    signalOf(user, { status: "OFFLINE", lastSeenAt, invisible: false });

  const sharedSignal = (state: ConnectedUser): PresenceSignal => {
    let signal = signalByState.get(state);
    if (signal === undefined) signalByState.set(state, (signal = toSignal(state)));
    return signal;
  };

  const dispatch = (signal: PresenceSignal, audience: "own" | "others"): void => {
    signals.dispatch(userSubject(signal.about), signal, audience);
    for (const conversationId of rosters.of(signal.about))
      signals.dispatch(conversationSubject(conversationId), signal, audience);
  };

  /** Publishes changes to the streams that may see them, and nothing without a change. */
  const changed = (userId: string, at: number, source: Source): void => {
    const state = people.of(userId);
    const before = current.get(userId) ?? null;
    if (haveEqualStates(before, state)) return;
    if (state === null) current.delete(userId);
    else current.set(userId, state);
    const [wasSeen, isSeen] = [isShownToOthers(before), isShownToOthers(state)];
    const wentOffline = before === null ? null : offline(before.user, new Date(at));
    const own = state === null ? wentOffline : toSignal(state);
    if (wasSeen && !isSeen) lastSeen.note(userId, at, source !== "remote");
    if (wasSeen !== isSeen) online = null;
    const others = isSeen ? own : wentOffline;
    if ((wasSeen || isSeen) && others !== null) dispatch(others, "others");
    if (own !== null) dispatch(own, "own");
  };

  const people = makeSharedPresence({
    exchange,
    clock,
    ttlMs: options.ttlMs,
    moveMs: LINGER_MS,
    changed,
  });
  const devices = makeDevices({
    store,
    liveSessions,
    exchange,
    people,
    lastSeen,
    clock,
    logger,
    idleMs: options.idleMs,
  });
  const rosters = makeRosters({
    conversations,
    log,
    onJoin: (conversationId, userId) => {
      const state = current.get(userId);
      if (state === undefined) return;
      const subject = conversationSubject(conversationId);
      const signal = sharedSignal(state);
      if (isShownToOthers(state)) signals.dispatch(subject, signal, "others");
      signals.dispatch(subject, signal, "own");
    },
  });

  const signalFor = (viewerId: string, userId: string): PresenceSignal | null => {
    const state = current.get(userId);
    if (state === undefined) return null;
    return viewerId === userId || isShownToOthers(state) ? sharedSignal(state) : null;
  };

  /** The current presence of users, connected or not. */
  const currentSignals = async (
    viewerId: string,
    ids: readonly string[],
  ): Promise<PresenceSignal[]> => {
    const records = new Map((await users.byIds(ids)).map((user) => [user.id, user]));
    if (records.size < ids.length) throw new NotFoundError("user");
    const seen = await lastSeen.of(ids);
    return [...records.values()].map(
      (user) => signalFor(viewerId, user.id) ?? offline(user, seen.get(user.id) ?? null),
    );
  };

  return {
    now: (userId) => {
      const state = current.get(userId) ?? null;
      const status = isShownToOthers(state) ? state.status : "OFFLINE";
      return { userId, status, invisible: false };
    },
    own: async (userId) => {
      const known = current.get(userId);
      if (known !== undefined) return { userId, status: known.status, invisible: known.invisible };
      const [row] = await store.find([userId]);
      return { userId, status: "OFFLINE", invisible: row?.invisible ?? false };
    },
    eraseUser: (unit, userId) => options.store.remove(unit.tx, userId),
    exportSection: {
      type: "presence",
      page: async (userId) => {
        const rows = await options.store.find([userId]);
        const items = rows.map(({ lastSeenAt, invisible }) => ({ lastSeenAt, invisible }));
        return { items, next: null };
      },
    },
    lastSeen: lastSeen.of,
    online: () =>
      (online ??= [...current].flatMap(([userId, state]) =>
        isShownToOthers(state) ? userId : [],
      )),
    set: async (viewer, status, invisible) => {
      if (status === null && invisible === null) {
        const message = "Set `status`, `invisible` or both.";
        throw new InvalidInputError([{ field: "status", code: "REQUIRED", message }]);
      }
      // First invisible, then online: the other order would briefly reveal the user.
      if (invisible !== null) await devices.setInvisible(viewer, invisible);
      if (status !== null) devices.setStatus(viewer, status);
    },
    follow: (viewerId, userIds) => {
      const ids = [...new Set(userIds)];
      if (ids.length > PRESENCE_USERS_LIMIT) {
        const message = `At most ${String(PRESENCE_USERS_LIMIT)} users are allowed.`;
        throw new InvalidInputError([{ field: "userIds", code: "TOO_LONG", message }]);
      }
      return (sink) =>
        signals.open({
          userId: viewerId,
          subjects: ids.map(userSubject),
          topic: null,
          settle: () => Promise.resolve(),
          currentState: () => currentSignals(viewerId, ids),
          // After an outage, instances exchange their state again, and streams receive the changes.
          resendsState: false,
          sink,
        });
    },
    followConversation: (viewerId, conversationId, sink) => {
      let roster: WatchedRoster | null = null;
      const stream = signals.open({
        userId: viewerId,
        subjects: [conversationSubject(conversationId)],
        topic: conversationId,
        settle: () => activity.settle(viewerId, conversationId),
        currentState: async () => {
          roster = rosters.watch(conversationId);
          return [...(await roster.members)].flatMap((userId) => signalFor(viewerId, userId) ?? []);
        },
        resendsState: false,
        sink,
      });
      const close = (): void => {
        stream.close();
        roster?.leave();
      };
      return { live: stream.live, close };
    },
    counts: () => ({ people: devices.size }),
    start: () => {
      people.start();
      devices.start();
    },
    stop: async () => {
      await devices.stop();
      people.stop();
    },
  };
}

function signalOf(user: UserRecord, presence: Omit<PresenceRecord, "userId">): PresenceSignal {
  return {
    type: "PRESENCE_CHANGED",
    about: user.id,
    payload: { user, presence: { userId: user.id, ...presence } },
  };
}

function toSignal({ user, status, invisible }: ConnectedUser): PresenceSignal {
  return signalOf(user, { status, lastSeenAt: null, invisible });
}

function haveEqualStates(one: ConnectedUser | null, other: ConnectedUser | null): boolean {
  return one?.status === other?.status && one?.invisible === other?.invisible;
}

function userSubject(userId: string): string {
  return `presence ${userId}`;
}

function conversationSubject(conversationId: string): string {
  return `presence in ${conversationId}`;
}
