import type { Logger } from "../../kernel/logger.ts";
import type { LogEvent } from "../../log/event.ts";
import type { Log } from "../../log/log.ts";
import type { MembershipRecord } from "../conversation/conversation.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { ActivitySignal, SignalOf } from "../../signal/signal.ts";
import type { Signals } from "../../signal/signals.ts";
import type { SignalSink, SignalStream } from "../../signal/stream.ts";
import type { ActivityService } from "../activity/activity.service.ts";
import { showsReceiptsLive } from "./receipt.policy.ts";
import type { Mark, SeqPlace, ReceiptStore } from "./receipt.store.ts";

const KIND = "mark";

/** Tells of marks that moved: the members who look at the conversation, and the person's own devices. */
export interface MarkSignals {
  /** Tells it here and on every other instance. */
  tell(user: UserRecord, mark: Mark): void;
  /** A stream of a person's own marks; it begins with all of them. */
  open(userId: string, sink: SignalSink): SignalStream;
}

export interface MarkSignalsOptions {
  store: Pick<ReceiptStore, "members" | "states" | "statesOf">;
  signals: Signals;
  activity: ActivityService;
  log: Log;
  logger: Logger;
  /** Most members of a conversation whose marks are shown live to the others. */
  liveMembers: number;
}

/** What instances tell each other. */
interface Word {
  user: UserRecord;
  mark: Mark;
}

/** What the devices of a person who listens here were told last, by conversation. */
type Told = Map<string, Pick<Mark, "revision" | "position" | "mentions">>;

interface Listener {
  streams: number;
  told: Told;
}

/** No id, so nothing else is dispatched there. */
const subjectOf = (userId: string): string => `marks of ${userId}`;

export function makeMarkSignals(options: MarkSignalsOptions): MarkSignals {
  const { store, signals, activity, log, logger, liveMembers } = options;
  const listeners = new Map<string, Listener>();
  let stale = new Map<string, SeqPlace>();

  const tellOwn = (mark: Mark): void => {
    const listener = listeners.get(mark.userId);
    if (listener === undefined) return;
    const { conversationId, revision, position, mentions } = mark;
    const known = listener.told.get(conversationId);
    if (known !== undefined) {
      const isOlder = revision < known.revision || position < known.position;
      const isNewer = revision > known.revision || position > known.position;
      // Each knows what the other does not: what is in the database now knows both.
      if (isOlder && isNewer) refresh([{ userId: mark.userId, conversationId }]);
      if (isOlder) return;
    }
    listener.told.set(conversationId, { revision, position, mentions });
    signals.dispatch(subjectOf(mark.userId), ownSignal(mark));
  };

  const hear = ({ user, mark }: Word): void => {
    tellOwn(mark);
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
  signals.exchange.on<Word>(KIND, hear);

  /** Reads marks anew and tells those that are news; once for all of one turn of the event loop. */
  const refresh = (places: readonly SeqPlace[]): void => {
    if (places.length === 0) return;
    if (stale.size === 0) setImmediate(() => void readStale());
    for (const place of places) stale.set(`${place.userId} ${place.conversationId}`, place);
  };
  const readStale = async (): Promise<void> => {
    const places = [...stale.values()];
    stale = new Map();
    try {
      for (const mark of await store.states(places)) tellOwn(mark);
    } catch (error) {
      // Never silent: who opens the stream again gets the present state.
      logger.warn({ err: error }, "Marks could not be read to be told");
    }
  };

  /** Whose numbers an event may change in a way that neither it nor a move of a mark tells. */
  const concerned = (event: LogEvent): string[] => {
    if (event.type === "MEMBER_JOINED") {
      const { id } = event.payload.membership.user;
      return listeners.has(id) ? [id] : [];
    }
    if (
      event.type !== "MESSAGE_SENT" &&
      event.type !== "MESSAGE_EDITED" &&
      event.type !== "MESSAGE_DELETED"
    )
      return [];
    const { mentions } = event.payload.message;
    if (mentions.some((mention) => mention.userId === null)) return [...listeners.keys()];
    const named = mentions.flatMap(({ userId }) =>
      userId !== null && listeners.has(userId) ? userId : [],
    );
    // Whom it named before is not known any more.
    const before =
      event.type === "MESSAGE_SENT"
        ? []
        : [...listeners].flatMap(([userId, { told }]) =>
            (told.get(event.topic)?.mentions ?? 0) > 0 ? userId : [],
          );
    return [...named, ...before];
  };
  log.observe((event) => {
    if (listeners.size === 0) return;
    refresh(concerned(event).map((userId) => ({ userId, conversationId: event.topic })));
  });

  activity.contribute(async (conversationId, viewerId) => {
    const members = await store.members(conversationId, liveMembers + 1);
    if (!showsReceiptsLive(members.length, liveMembers)) return [];
    return members.flatMap((member) => (member.user.id === viewerId ? [] : receiptSignal(member)));
  });

  return {
    tell: (user, mark) => {
      const word: Word = { user, mark };
      hear(word);
      signals.exchange.publish(KIND, `${mark.userId} ${mark.conversationId}`, word);
    },
    open: (userId, sink) => {
      const listener: Listener = listeners.get(userId) ?? { streams: 0, told: new Map() };
      listeners.set(userId, listener);
      listener.streams += 1;
      const stream = signals.open({
        userId,
        subjects: [subjectOf(userId)],
        topic: null,
        settle: () => Promise.resolve(),
        present: async () => {
          const marks = await store.statesOf(userId);
          for (const { conversationId, revision, position, mentions } of marks) {
            const known = listener.told.get(conversationId);
            if (known !== undefined && known.position > position) continue;
            listener.told.set(conversationId, { revision, position, mentions });
          }
          return marks.map(ownSignal);
        },
        repeats: true,
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
      // A stream that cannot begin is closed by nobody else.
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

/** How far somebody is as a conversation's streams begin with it: known to be no older than they are. */
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
