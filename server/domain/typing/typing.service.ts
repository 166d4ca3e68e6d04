import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import type { Log } from "../../log/log.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { SignalOf } from "../../signal/signal.ts";
import type { Signals } from "../../signal/signals.ts";
import type { ActivityService } from "../activity/activity.service.ts";
import { makeTopicAccessCache } from "../../signal/topic-access-cache.ts";
import { messageSent } from "../message/message.events.ts";
import { canType } from "./typing.policy.ts";

/** How long a user counts as typing after the last call, in milliseconds. */
export const TYPING_MS = 6_000;
/** Repeated calls within this time have no effect, in milliseconds. */
const MIN_INTERVAL_MS = 1_000;
/** Number of remembered messages, to recognize a typing signal that arrives after its message. */
const SENT_MEMORY = 5_000;

const KIND = "typing";
const ASK = "typing-ask";

type TypingSignal = SignalOf<"TYPING_CHANGED">;

export interface TypingService {
  /**
   * Shows others that a user is typing or has stopped. It ends after six seconds, and with the user's
   * next message.
   *
   * @returns milliseconds until it ends; 0 after a stop
   * @throws NotFoundError NotAMemberError RateLimitedError
   */
  set(viewer: UserRecord, conversationId: string, typing: boolean): Promise<number>;
  /** Users currently typing, except the viewer, in the order in which they started. */
  others(conversationId: string, viewerId: string): UserRecord[];
  stop(): void;
}

interface Typist {
  signal: TypingSignal;
  /** When the latest call arrived here, in milliseconds. */
  since: number;
  /** Whether it came from a client of this instance. */
  isOwn: boolean;
  timer: NodeJS.Timeout;
}

/** A message between instances. */
interface TypingMessage {
  conversationId: string;
  user: UserRecord;
  typing: boolean;
  /** The log position of the sending instance at that time. */
  position: Position;
}

export interface TypingOptions {
  signals: Signals;
  activity: ActivityService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
}

/**
 * Creates the typing service. Every instance knows all users who type, which is the initial state of a
 * stream.
 */
export function makeTypingService(options: TypingOptions): TypingService {
  const { signals, activity, log, clock } = options;
  const conversations = new Map<string, Map<string, Typist>>();
  /** Log positions of users' latest messages, most recent last. */
  const sentAt = new Map<string, Position>();
  const topicAccess = makeTopicAccessCache(log);

  const dispatch = (conversationId: string, user: UserRecord, typing: boolean): TypingSignal => {
    const signal: TypingSignal = {
      type: "TYPING_CHANGED",
      about: user.id,
      payload: { conversationId, user, typing },
    };
    // Users do not see themselves on their other devices.
    signals.dispatch(conversationId, signal, "others");
    return signal;
  };
  const end = (conversationId: string, userId: string): void => {
    const typists = conversations.get(conversationId);
    const typist = typists?.get(userId);
    if (typists === undefined || typist === undefined) return;
    clearTimeout(typist.timer);
    typists.delete(userId);
    if (typists.size === 0) conversations.delete(conversationId);
    dispatch(conversationId, typist.signal.payload.user, false);
  };
  const begin = (message: TypingMessage, isOwn: boolean): void => {
    const { conversationId, user } = message;
    // Sent before the message that ended it, but received after it.
    if ((sentAt.get(`${conversationId} ${user.id}`) ?? 0) > message.position) return;
    const typists = conversations.get(conversationId) ?? new Map<string, Typist>();
    conversations.set(conversationId, typists);
    const known = typists.get(user.id);
    clearTimeout(known?.timer);
    const timer = setTimeout(() => {
      end(conversationId, user.id);
    }, TYPING_MS);
    timer.unref();
    const since = clock.now();
    if (known === undefined) {
      typists.set(user.id, { signal: dispatch(conversationId, user, true), since, isOwn, timer });
    } else Object.assign(known, { since, isOwn: known.isOwn || isOwn, timer });
  };
  const apply = (message: TypingMessage, isOwn: boolean): void => {
    if (message.typing) begin(message, isOwn);
    else end(message.conversationId, message.user.id);
  };
  const publish = (message: TypingMessage): void => {
    signals.exchange.publish(KIND, `${message.conversationId} ${message.user.id}`, message);
  };

  signals.exchange.on<TypingMessage>(KIND, (message) => {
    apply(message, false);
  });
  const publishOwn = (): void => {
    for (const typists of conversations.values())
      for (const { signal, isOwn } of typists.values())
        if (isOwn) publish({ ...signal.payload, position: log.position });
  };
  signals.exchange.on<object>(ASK, publishOwn);
  signals.exchange.onReconnect(() => {
    publishOwn();
    // Others may have recovered before this instance could hear them.
    signals.exchange.publish(ASK, "", {});
  });
  log.observe((event) => {
    if (messageSent.is(event)) {
      const { author } = event.payload.message;
      const key = `${event.topic} ${author.id}`;
      sentAt.delete(key);
      sentAt.set(key, event.position);
      // A Map keeps insertion order, so its first key is the oldest.
      const oldest = sentAt.keys().next();
      if (sentAt.size > SENT_MEMORY && oldest.done !== true) sentAt.delete(oldest.value);
      end(event.topic, author.id);
    }
    for (const [userId, topic] of event.authority?.revoke ?? []) end(topic, userId);
  });

  const others = (conversationId: string, viewerId: string): TypingSignal[] =>
    [...(conversations.get(conversationId)?.values() ?? [])].flatMap(({ signal }) =>
      signal.about === viewerId ? [] : signal,
    );
  activity.contribute(others);

  /** Reads no database while the user is connected here or has typed here recently. */
  const authorize = async (userId: string, conversationId: string): Promise<void> => {
    const access = await topicAccess.of(userId);
    if (canType({ isMember: access.sees(conversationId) })) return;
    await activity.settle(userId, conversationId);
    if (!canType({ isMember: access.sees(conversationId) })) throw new NotAMemberError();
  };

  return {
    set: async (viewer, conversationId, typing) => {
      await authorize(viewer.id, conversationId);
      const typist = conversations.get(conversationId)?.get(viewer.id);
      const age = typist === undefined ? Infinity : clock.now() - typist.since;
      if (typing ? age < MIN_INTERVAL_MS : typist === undefined)
        return typing ? TYPING_MS - age : 0;
      // Only calls that others see count.
      options.rates.takeLocal("TYPING", viewer.id);
      const message: TypingMessage = {
        conversationId,
        user: viewer,
        typing,
        position: log.position,
      };
      apply(message, true);
      publish(message);
      return typing ? TYPING_MS : 0;
    },
    others: (conversationId, viewerId) =>
      others(conversationId, viewerId).map(({ payload }) => payload.user),
    stop: () => {
      topicAccess.stop();
      for (const typists of conversations.values())
        for (const { timer } of typists.values()) clearTimeout(timer);
      conversations.clear();
    },
  };
}
