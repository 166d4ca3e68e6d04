import type { Clock } from "../../kernel/clock.ts";
import { InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { OwnDataSection } from "../../kernel/own-data.ts";
import type { Log, Transaction } from "../../log/log.ts";
import type { UserRecord } from "../../log/records.ts";
import type { PresenceRecord, SignalOf } from "../../signal/signal.ts";
import type { Signals } from "../../signal/signals.ts";
import type { SignalSink, SignalStream } from "../../signal/stream.ts";
import type { ActivityService } from "../activity/activity.service.ts";
import type { SessionService, Viewer } from "../auth/session.service.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { UserService } from "../user/user.service.ts";
import { LINGER_MS, makeDevices } from "./devices.service.ts";
import { makeLastSeen } from "./last-seen.service.ts";
import { makePeople, type Present, type Source } from "./people.service.ts";
import { isShownToOthers, type LiveStatus } from "./presence.policy.ts";
import type { PresenceStore } from "./presence.store.ts";
import { makeRosters, type WatchedRoster } from "./roster.service.ts";

/** Most people whose presence one subscription follows. */
export const FOLLOW_LIMIT = 200;

type PresenceSignal = SignalOf<"PRESENCE_CHANGED">;

/** Presence without its time, which has to be read when a person is not there. */
export type PresenceNow = Omit<PresenceRecord, "lastSeenAt">;

export interface PresenceService {
  /** How a person is shown to others at this moment. */
  now(userId: string): PresenceNow;
  /** The same as they see it themselves. Reads the database when they are not connected to this instance. */
  own(userId: string): Promise<PresenceNow>;
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
  /** Removes what is stored of a person, in the transaction in progress. */
  forget(tx: Transaction, userId: string): Promise<void>;
  /** What is stored of a person, for their own export. */
  readonly ownData: OwnDataSection;
  counts(): { people: number };
  start(): void;
  stop(): Promise<void>;
}

export interface PresenceOptions {
  store: PresenceStore;
  sessions: SessionService;
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

/** How a person who is there is shown: to others, if they do not hide, and to themselves. */
interface Shown {
  others: PresenceSignal | null;
  own: PresenceSignal;
}

export function makePresenceService(options: PresenceOptions): PresenceService {
  const { store, sessions, users, conversations, activity, signals, log, clock, logger } = options;
  const { exchange } = signals;
  const lastSeen = makeLastSeen(store, clock, logger);
  const shown = new Map<string, Shown>();
  let online: string[] | null = null;

  const signalOf = (
    user: UserRecord,
    presence: Omit<PresenceRecord, "userId">,
  ): PresenceSignal => ({
    type: "PRESENCE_CHANGED",
    about: user.id,
    payload: { user, presence: { userId: user.id, ...presence } },
  });
  const offline = (user: UserRecord, lastSeenAt: Date | null): PresenceSignal =>
    signalOf(user, { status: "OFFLINE", lastSeenAt, invisible: false });

  const tell = (signal: PresenceSignal, audience: "own" | "others"): void => {
    signals.dispatch(personSubject(signal.about), signal, audience);
    for (const conversationId of rosters.of(signal.about))
      signals.dispatch(conversationSubject(conversationId), signal, audience);
  };

  /** Tells what is different for those who see it, and nothing when nothing is. */
  const changed = (userId: string, at: number, source: Source): void => {
    const being = people.of(userId);
    const before = shown.get(userId) ?? null;
    const after = being === null ? null : show(being, before);
    if (after === null) shown.delete(userId);
    else shown.set(userId, after);
    const [wasSeen, isSeen] = [before?.others ?? null, after?.others ?? null];
    if (wasSeen !== isSeen) {
      if (isSeen === null) lastSeen.note(userId, at, source !== "told");
      const gone = wasSeen === null ? null : offline(wasSeen.payload.user, new Date(at));
      const signal = isSeen ?? gone;
      if (signal !== null) tell(signal, "others");
    }
    if ((wasSeen === null) !== (isSeen === null)) online = null;
    if (before?.own === after?.own) return;
    const user = before?.own.payload.user;
    if (after !== null) tell(after.own, "own");
    else if (user !== undefined) tell(offline(user, new Date(at)), "own");
  };
  /** Keeps the signals that still hold, for everything that was rendered of them holds too. */
  const show = (being: Present, before: Shown | null): Shown => {
    const { user, status, invisible } = being;
    const keep = (signal: PresenceSignal | null | undefined): PresenceSignal => {
      const known = signal?.payload.presence;
      const isSame = known?.status === status && known.invisible === invisible;
      return signal && isSame ? signal : signalOf(user, { status, lastSeenAt: null, invisible });
    };
    const others = isShownToOthers(being) ? keep(before?.others) : null;
    return { others, own: others ?? keep(before?.own) };
  };

  const people = makePeople({
    exchange,
    clock,
    ttlMs: options.ttlMs,
    moveMs: LINGER_MS,
    changed,
  });
  const devices = makeDevices({
    store,
    sessions,
    exchange,
    people,
    lastSeen,
    clock,
    logger,
    idleMs: options.idleMs,
  });
  const rosters = makeRosters(conversations, log, (conversationId, userId) => {
    const { others, own } = shown.get(userId) ?? { others: null, own: null };
    const subject = conversationSubject(conversationId);
    if (others !== null) signals.dispatch(subject, others, "others");
    if (own !== null) signals.dispatch(subject, own, "own");
  });

  const signalFor = (viewerId: string, userId: string): PresenceSignal | null => {
    const known = shown.get(userId);
    return (viewerId === userId ? known?.own : known?.others) ?? null;
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
    now: (userId) => ({
      userId,
      status: shown.get(userId)?.others?.payload.presence.status ?? "OFFLINE",
      invisible: false,
    }),
    own: async (userId) => {
      const known = shown.get(userId)?.own.payload.presence;
      if (known !== undefined) return known;
      const [row] = await store.find([userId]);
      return { userId, status: "OFFLINE", invisible: row?.invisible ?? false };
    },
    forget: options.store.remove,
    ownData: {
      type: "presence",
      page: async (userId) => {
        const rows = await options.store.find([userId]);
        const items = rows.map(({ lastSeenAt, invisible }) => ({ lastSeenAt, invisible }));
        return { items, next: null };
      },
    },
    lastSeen: lastSeen.of,
    online: () =>
      (online ??= [...shown].flatMap(([userId, { others }]) => (others === null ? [] : userId))),
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
      if (ids.length > FOLLOW_LIMIT) {
        const message = `At most ${String(FOLLOW_LIMIT)} people at once.`;
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

function personSubject(userId: string): string {
  return `presence ${userId}`;
}

function conversationSubject(conversationId: string): string {
  return `presence in ${conversationId}`;
}
