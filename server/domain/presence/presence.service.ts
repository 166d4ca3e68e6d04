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

/** Most people whose presence one subscription follows. */
export const PRESENCE_USERS_LIMIT = 200;

type PresenceSignal = SignalOf<"PRESENCE_CHANGED">;

/** Presence without its time, which has to be read when a person is not there. */
export type CurrentPresence = Omit<PresenceRecord, "lastSeenAt">;

export interface PresenceService {
  /** How a person is shown to others at this moment. */
  now(userId: string): CurrentPresence;
  /** The same as they see it themselves. Reads the database when they are not connected to this instance. */
  own(userId: string): Promise<CurrentPresence>;
  /** When people were last seen; missing for whoever was never seen. */
  lastSeen(userIds: readonly string[]): Promise<Map<string, Date>>;
  /** The people whom others see as online or away. */
  online(): readonly string[];
  /** Says how a person is with the device of this session, and whether they hide; null leaves it as it is. */
  set(viewer: Viewer, status: LiveStatus | null, invisible: boolean | null): Promise<void>;
  /**
   * Answers what opens a stream of some people's presence; it fails with NotFoundError where one does
   * not exist.
   *
   * @throws InvalidInputError when there are too many
   */
  follow(viewerId: string, userIds: readonly string[]): (sink: SignalSink) => SignalStream;
  /** Opens a stream of the presence of a conversation's members; it fails with NotFoundError or NotAMemberError. */
  followConversation(viewerId: string, conversationId: string, sink: SignalSink): SignalStream;
  /** Removes what is stored of a person in the unit. */
  eraseUser(unit: Unit, userId: string): Promise<void>;
  /** What is stored of a person, for their own export. */
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
  /** How people who are there are shown: to themselves, and to others, if they do not hide. */
  const shown = new Map<string, ConnectedUser>();
  /**
   * All who ask how somebody is get the same signal, for everything that was rendered of it is remembered with
   * it. Most people are asked for by nobody, and have none.
   */
  const asked = new WeakMap<ConnectedUser, PresenceSignal>();
  let online: string[] | null = null;

  const offline = (user: UserRecord, lastSeenAt: Date | null): PresenceSignal =>
    signalOf(user, { status: "OFFLINE", lastSeenAt, invisible: false });

  const askedOf = (being: ConnectedUser): PresenceSignal => {
    let signal = asked.get(being);
    if (signal === undefined) asked.set(being, (signal = signalFrom(being)));
    return signal;
  };

  const tell = (signal: PresenceSignal, audience: "own" | "others"): void => {
    signals.dispatch(personSubject(signal.about), signal, audience);
    for (const conversationId of rosters.of(signal.about))
      signals.dispatch(conversationSubject(conversationId), signal, audience);
  };

  /** Tells what is different for those who see it, and nothing when nothing is. */
  const changed = (userId: string, at: number, source: Source): void => {
    const being = people.of(userId);
    const before = shown.get(userId) ?? null;
    if (isTheSame(before, being)) return;
    if (being === null) shown.delete(userId);
    else shown.set(userId, being);
    const [wasSeen, isSeen] = [isShownToOthers(before), isShownToOthers(being)];
    const gone = before === null ? null : offline(before.user, new Date(at));
    const news = being === null ? gone : signalFrom(being);
    if (wasSeen && !isSeen) lastSeen.note(userId, at, source !== "told");
    if (wasSeen !== isSeen) online = null;
    const toOthers = isSeen ? news : gone;
    if ((wasSeen || isSeen) && toOthers !== null) tell(toOthers, "others");
    if (news !== null) tell(news, "own");
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
    joined: (conversationId, userId) => {
      const being = shown.get(userId);
      if (being === undefined) return;
      const subject = conversationSubject(conversationId);
      const signal = askedOf(being);
      if (isShownToOthers(being)) signals.dispatch(subject, signal, "others");
      signals.dispatch(subject, signal, "own");
    },
  });

  const signalFor = (viewerId: string, userId: string): PresenceSignal | null => {
    const being = shown.get(userId);
    if (being === undefined) return null;
    return viewerId === userId || isShownToOthers(being) ? askedOf(being) : null;
  };

  /** The present state of people, whether they are there or not. */
  const presentOf = async (viewerId: string, ids: readonly string[]): Promise<PresenceSignal[]> => {
    const records = new Map((await users.byIds(ids)).map((user) => [user.id, user]));
    if (records.size < ids.length) throw new NotFoundError("user");
    const seen = await lastSeen.of(ids);
    return [...records.values()].map(
      (user) => signalFor(viewerId, user.id) ?? offline(user, seen.get(user.id) ?? null),
    );
  };

  return {
    now: (userId) => {
      const being = shown.get(userId) ?? null;
      const status = isShownToOthers(being) ? being.status : "OFFLINE";
      return { userId, status, invisible: false };
    },
    own: async (userId) => {
      const known = shown.get(userId);
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
      (online ??= [...shown].flatMap(([userId, being]) => (isShownToOthers(being) ? userId : []))),
    set: async (viewer, status, invisible) => {
      if (status === null && invisible === null) {
        const message = "Say how you are, or whether you hide.";
        throw new InvalidInputError([{ field: "status", code: "REQUIRED", message }]);
      }
      // First hidden, then shown as online: never the other way round.
      if (invisible !== null) await devices.hide(viewer, invisible);
      if (status !== null) devices.say(viewer, status);
    },
    follow: (viewerId, userIds) => {
      const ids = [...new Set(userIds)];
      if (ids.length > PRESENCE_USERS_LIMIT) {
        const message = `At most ${String(PRESENCE_USERS_LIMIT)} people at once.`;
        throw new InvalidInputError([{ field: "userIds", code: "TOO_LONG", message }]);
      }
      return (sink) =>
        signals.open({
          userId: viewerId,
          subjects: ids.map(personSubject),
          topic: null,
          settle: () => Promise.resolve(),
          present: () => presentOf(viewerId, ids),
          // Instances tell each other again by themselves, and streams what is different then.
          repeats: false,
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
        present: async () => {
          roster = rosters.watch(conversationId);
          return [...(await roster.members)].flatMap((userId) => signalFor(viewerId, userId) ?? []);
        },
        repeats: false,
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

function signalFrom({ user, status, invisible }: ConnectedUser): PresenceSignal {
  return signalOf(user, { status, lastSeenAt: null, invisible });
}

function isTheSame(one: ConnectedUser | null, other: ConnectedUser | null): boolean {
  return one?.status === other?.status && one?.invisible === other?.invisible;
}

function personSubject(userId: string): string {
  return `presence ${userId}`;
}

function conversationSubject(conversationId: string): string {
  return `presence in ${conversationId}`;
}
