import type { Logger } from "../../kernel/logger.ts";
import type { LogEvent } from "../../log/event.ts";
import type { Log } from "../../log/log.ts";
import type { MembershipRecord } from "../conversation/conversation.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { ActivitySignal, SignalOf } from "../../signal/signal.ts";
import type { Signals } from "../../signal/signals.ts";
import type { SignalSink, SignalStream } from "../../signal/stream.ts";
import type { ActivityService } from "../activity/activity.service.ts";
import { memberJoined } from "../conversation/conversation.events.ts";
import { messageDeleted, messageEdited, messageSent } from "../message/message.events.ts";
import { showsReceiptsLive } from "./receipt.policy.ts";
import type { Mark, SeqPlace, ReceiptStore } from "./receipt.store.ts";

const KIND = "mark";

/** Sends mark movements to the members who watch the conversation, and to the user's own devices. */
export interface MarkSignals {
  /** Sends it on this and every other instance. */
  publish(user: UserRecord, mark: Mark): void;
  /** Opens a stream of a user's own marks; it starts with all of them. */
  open(userId: string, sink: SignalSink): SignalStream;
}

export interface MarkSignalsOptions {
  store: Pick<ReceiptStore, "members" | "states" | "statesOf">;
  signals: Signals;
  activity: ActivityService;
  log: Log;
  logger: Logger;
  /** Maximum number of members of a conversation with live marks. */
  liveMembers: number;
}

/** A message between instances. */
interface MarkMessage {
  user: UserRecord;
  mark: Mark;
}

/** The last marks sent to a listening user's devices, by conversation. */
type SentMarks = Map<string, Pick<Mark, "revision" | "position" | "mentions">>;

interface Listener {
  streams: number;
  sent: SentMarks;
}

/** Not an id, so no other signals use it. */
const subjectOf = (userId: string): string => `marks of ${userId}`;

export function makeMarkSignals(options: MarkSignalsOptions): MarkSignals {
  const { store, signals, activity, log, logger, liveMembers } = options;
  const listeners = new Map<string, Listener>();
  let stale = new Map<string, SeqPlace>();

  const dispatchOwn = (mark: Mark): void => {
    const listener = listeners.get(mark.userId);
    if (listener === undefined) return;
    const { conversationId, revision, position, mentions } = mark;
    const known = listener.sent.get(conversationId);
    if (known !== undefined) {
      const isOlder = revision < known.revision || position < known.position;
      const isNewer = revision > known.revision || position > known.position;
      // Each of the two marks is newer in one respect; the database has both.
      if (isOlder && isNewer) refresh([{ userId: mark.userId, conversationId }]);
      if (isOlder) return;
    }
    listener.sent.set(conversationId, { revision, position, mentions });
    signals.dispatch(subjectOf(mark.userId), ownSignal(mark));
  };

  const dispatchMark = ({ user, mark }: MarkMessage): void => {
    dispatchOwn(mark);
    if (!showsReceiptsLive(mark.memberCount, liveMembers)) return;
    const { conversationId, membershipId, readSeq, deliveredSeq, revision, lastSeq } = mark;
    const payload = {
      conversationId,
      user,
      membershipId,
      readSeq,
      deliveredSeq,
      revision,
      lastSeq,
    };
    signals.dispatch(conversationId, { type: "RECEIPT_MOVED", about: user.id, payload }, "others");
  };
  signals.exchange.on<MarkMessage>(KIND, dispatchMark);

  /** Reads marks again and sends those that changed; once for all marks of one event-loop turn. */
  const refresh = (places: readonly SeqPlace[]): void => {
    if (places.length === 0) return;
    if (stale.size === 0) setImmediate(() => void readStale());
    for (const place of places) stale.set(`${place.userId} ${place.conversationId}`, place);
  };
  const readStale = async (): Promise<void> => {
    const places = [...stale.values()];
    stale = new Map();
    try {
      for (const mark of await store.states(places)) dispatchOwn(mark);
    } catch (error) {
      // Ends the stream instead of failing silently; a reconnecting client receives the current state.
      logger.warn({ err: error }, "Marks could not be read");
    }
  };

  /** Returns the users whose counters an event may change beyond what the event or a mark movement shows. */
  const affectedUsers = (event: LogEvent): string[] => {
    if (memberJoined.is(event)) {
      const { id } = event.payload.membership.user;
      return listeners.has(id) ? [id] : [];
    }
    if (!messageSent.is(event) && !messageEdited.is(event) && !messageDeleted.is(event)) return [];
    const { mentions } = event.payload.message;
    if (mentions.some((mention) => mention.userId === null)) return [...listeners.keys()];
    const named = mentions.flatMap(({ userId }) =>
      userId !== null && listeners.has(userId) ? userId : [],
    );
    // The users mentioned before the edit are no longer known.
    const before = messageSent.is(event)
      ? []
      : [...listeners].flatMap(([userId, { sent }]) =>
          (sent.get(event.topic)?.mentions ?? 0) > 0 ? userId : [],
        );
    return [...named, ...before];
  };
  log.observe((event) => {
    if (listeners.size === 0) return;
    refresh(affectedUsers(event).map((userId) => ({ userId, conversationId: event.topic })));
  });

  activity.contribute(async (conversationId, viewerId) => {
    const members = await store.members(conversationId, liveMembers + 1);
    if (!showsReceiptsLive(members.length, liveMembers)) return [];
    return members.flatMap((member) => (member.user.id === viewerId ? [] : receiptSignal(member)));
  });

  return {
    publish: (user, mark) => {
      const message: MarkMessage = { user, mark };
      dispatchMark(message);
      signals.exchange.publish(KIND, `${mark.userId} ${mark.conversationId}`, message);
    },
    open: (userId, sink) => {
      const listener: Listener = listeners.get(userId) ?? { streams: 0, sent: new Map() };
      listeners.set(userId, listener);
      listener.streams += 1;
      const stream = signals.open({
        userId,
        subjects: [subjectOf(userId)],
        topic: null,
        settle: () => Promise.resolve(),
        currentState: async () => {
          const marks = await store.statesOf(userId);
          for (const { conversationId, revision, position, mentions } of marks) {
            const known = listener.sent.get(conversationId);
            if (known !== undefined && known.position > position) continue;
            listener.sent.set(conversationId, { revision, position, mentions });
          }
          return marks.map(ownSignal);
        },
        resendsState: true,
        sink,
      });
      let closed = false;
      const close = (): void => {
        if (closed) return;
        closed = true;
        stream.close();
        listener.streams -= 1;
        if (listener.streams === 0) listeners.delete(userId);
      };
      // A stream that fails to start must be closed here.
      stream.live.catch(close);
      return { live: stream.live, close };
    },
  };
}

function ownSignal(mark: Mark): SignalOf<"OWN_MARK_MOVED"> {
  const {
    userId,
    membershipId: _membership,
    memberCount: _members,
    position: _place,
    ...own
  } = mark;
  return { type: "OWN_MARK_MOVED", about: userId, payload: own };
}

/** Returns a member's marks as the initial state of a stream; they are at least as recent as the stream. */
function receiptSignal(member: MembershipRecord): ActivitySignal {
  const { id, conversationId, user, lastReadSeq, lastDeliveredSeq, markRevision } = member;
  return {
    type: "RECEIPT_MOVED",
    about: user.id,
    payload: {
      conversationId,
      user,
      membershipId: id,
      readSeq: lastReadSeq,
      deliveredSeq: lastDeliveredSeq,
      revision: markRevision,
      lastSeq: lastDeliveredSeq,
    },
  };
}
