import { INT_MAX } from "../../kernel/int.ts";
import { InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import type { MessageRecord } from "../message/message.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { SignalSink, SignalStream } from "../../signal/stream.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { MarkSignals } from "./mark-signals.service.ts";
import { canSeeReceipts } from "./receipt.policy.ts";
import type {
  AuditPage,
  AuditRow,
  Mark,
  MarkRequest,
  MovedMark,
  ReceiptPage,
  ReceiptRow,
  ReceiptStore,
  UnreadTotals,
} from "./receipt.store.ts";

export type { AuditRow, Mark, ReceiptKey, ReceiptRow, UnreadTotals } from "./receipt.store.ts";

/** Maximum number of marks in one `markDelivered`. */
export const MARKS_LIMIT = 100;

/** A position in a conversation. */
export interface MarkMoved {
  conversationId: string;
  seq: number;
}

export interface ReceiptService {
  /**
   * Moves the read mark forward, never back and never past the last message.
   *
   * @throws InvalidInputError NotFoundError NotAMemberError OverloadedError
   */
  markRead(viewer: UserRecord, reached: MarkMoved): Promise<Mark>;
  /**
   * The same for deliveries to a device. Ignores conversations of which the viewer is not a member.
   *
   * @throws InvalidInputError OverloadedError
   */
  markDelivered(viewer: UserRecord, reached: readonly MarkMoved[]): Promise<Mark[]>;
  /**
   * Moves the read mark back, to before a message; never forward.
   *
   * @throws InvalidInputError NotFoundError NotAMemberError
   */
  markUnread(viewer: UserRecord, reached: MarkMoved): Promise<Mark>;
  /** The user's own current marks by conversation; absent without a membership. */
  marks(userId: string, conversationIds: readonly string[]): Promise<Map<string, Mark>>;
  totals(userId: string): Promise<UnreadTotals>;
  /** Opens a stream of the user's own marks; it starts with all of them. */
  openOwn(userId: string, sink: SignalSink): SignalStream;
  /**
   * The users whom a message has reached.
   *
   * @param rights the viewer's; null if the viewer may not read the message
   * @param read only users who have read it
   * @throws NotFoundError NotAMemberError
   */
  receipts(
    rights: { role: string | null } | null,
    message: Pick<MessageRecord, "id">,
    read: boolean,
    page: ReceiptPage,
  ): Promise<ReceiptRow[]>;
  /** The stored unread counts, and a fresh count of the messages. */
  audit(userId: string, page: AuditPage): Promise<AuditRow[]>;
  /**
   * Locks the log and subtracts a message that is being deleted from all counters. Returns the counters of the
   * conversation afterwards. Callers must call it once for each message.
   */
  discount(unit: Unit, messageId: string): Promise<{ lastSeq: number; counted: number }>;
}

export interface ReceiptServiceOptions {
  store: ReceiptStore;
  conversations: ConversationService;
  signals: MarkSignals;
  log: Log;
  /** Maximum number of marks that wait to be stored. */
  queue: number;
}

export function makeReceiptService(options: ReceiptServiceOptions): ReceiptService {
  const { store, conversations, signals } = options;

  // Every reader moves a mark for every message, so many marks share one commit, like messages.
  const queue = options.log.makeBatchWriter<MarkRequest, MovedMark | null>({
    queueLimit: options.queue,
    write: async (requests) => {
      const outcomes = await store.move(requests);
      return Promise.all(
        outcomes.map(async (outcome, index) => {
          const request = requests[index];
          if (outcome !== "BUSY" || request === undefined)
            return { outcome: outcome === "BUSY" ? null : outcome, event: null };
          return { outcome: await store.moveOne(request), event: null };
        }),
      );
    },
  });

  const requireSeq = (seq: number, least: number, field = "seq"): void => {
    if (seq >= least && seq <= INT_MAX) return;
    const message = `The number of a message is at least ${String(least)}.`;
    throw new InvalidInputError([{ field, code: "INVALID_VALUE", message }]);
  };
  const publishMoved = (viewer: UserRecord, { mark, moved }: MovedMark): Mark => {
    if (moved) signals.publish(viewer, mark);
    return mark;
  };
  const requireMoved = async (
    viewer: UserRecord,
    conversationId: string,
    outcome: MovedMark | null,
  ): Promise<Mark> => {
    if (outcome !== null) return publishMoved(viewer, outcome);
    await conversations.requireVisible(viewer.id, conversationId);
    throw new NotAMemberError();
  };

  return {
    markRead: async (viewer, { conversationId, seq }) => {
      requireSeq(seq, 0);
      const request = { userId: viewer.id, conversationId, read: seq, delivered: 0, back: null };
      return requireMoved(viewer, conversationId, await queue.append(request));
    },
    markDelivered: async (viewer, reached) => {
      if (reached.length === 0 || reached.length > MARKS_LIMIT) {
        const message = `Give between 1 and ${String(MARKS_LIMIT)} marks.`;
        const code = reached.length === 0 ? "REQUIRED" : "TOO_LONG";
        throw new InvalidInputError([{ field: "marks", code, message }]);
      }
      reached.forEach(({ seq }, index) => {
        requireSeq(seq, 0, `marks.${String(index)}.seq`);
      });
      const furthest = new Map<string, number>();
      for (const { conversationId, seq } of reached)
        furthest.set(conversationId, Math.max(seq, furthest.get(conversationId) ?? 0));
      const outcomes = await Promise.all(
        [...furthest].map(([conversationId, delivered]) =>
          queue.append({ userId: viewer.id, conversationId, read: 0, delivered, back: null }),
        ),
      );
      return outcomes.flatMap((outcome) => (outcome === null ? [] : publishMoved(viewer, outcome)));
    },
    markUnread: async (viewer, { conversationId, seq }) => {
      requireSeq(seq, 1);
      // Bypasses the queue: in a batch with a forward move, their order would be unknown.
      const outcome = await store.moveOne({
        userId: viewer.id,
        conversationId,
        read: 0,
        delivered: 0,
        back: seq - 1,
      });
      return requireMoved(viewer, conversationId, outcome);
    },
    marks: async (userId, conversationIds) => {
      const marks = await store.states(
        conversationIds.map((conversationId) => ({ userId, conversationId })),
      );
      return new Map(marks.map((mark) => [mark.conversationId, mark]));
    },
    totals: store.totals,
    openOwn: signals.open,
    receipts: async (rights, message, read, page) => {
      if (rights === null) throw new NotFoundError("message");
      if (!canSeeReceipts(rights)) throw new NotAMemberError();
      return store.receipts(message.id, read, page);
    },
    audit: store.audit,
    discount: (unit, messageId) => store.discount(unit.tx, messageId),
  };
}
