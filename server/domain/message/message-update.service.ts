import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import {
  DeletedError,
  InvalidInputError,
  LimitReachedError,
  NotAllowedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import { ArchivedError } from "../conversation/conversation.errors.ts";
import { MutedError } from "../room/room.errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Origin } from "../../kernel/origin.ts";
import type { NewEvent } from "../../log/event.ts";
import type { Log } from "../../log/log.ts";
import type { Unit } from "../../log/unit.ts";
import { messageDeleted, messageEdited, messagePinned, messageUnpinned } from "./message.events.ts";
import type { MessageRecord } from "./message.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { AdminService } from "../admin/admin.service.ts";
import type { AuditService } from "../audit/audit.service.ts";
import {
  bodyProblems,
  canDeleteMessage,
  canEditMessage,
  canPinMessage,
  canSeeEdits,
  isMuted,
  type MessageRights,
} from "./message.policy.ts";
import type { MessageUpdateStore, EditPage, EditRecord } from "./message-update.store.ts";
import { targetsOf } from "./mention.ts";
import type { MentionService } from "./mention.service.ts";
import type { MessageService } from "./message.service.ts";
import type { ReceiptService } from "../receipt/receipt.service.ts";

export type { EditKey, EditRecord } from "./message-update.store.ts";
export type { MessageRights } from "./message.policy.ts";

/** Maximum number of pinned messages in one conversation. */
export const PIN_LIMIT = 50;

export interface MessageUpdated {
  message: MessageRecord;
  position: Position;
}

/** A change of one message, in a unit that has locked the message. */
export interface MessageChange {
  unit: Unit;
  messageId: string;
  conversationId: string;
  authorId: string;
  /** The current text; null if the message is deleted. */
  body: string | null;
}

/** Result of a change; null if nothing changed. */
export type ChangeOutcome = {
  /** The event, or a function that locks the log and makes the event from data that only the lock keeps stable. */
  event: NewEvent | (() => Promise<NewEvent>);
  /** Changes rows that every append also changes. Runs after the log is locked. */
  settle?: () => Promise<void>;
  /** Throws if the change must be rolled back. Runs after the log is locked. */
  verify?: () => Promise<void>;
} | null;

export interface MessageUpdateService {
  /** @throws NotFoundError BannedError NotAllowedError ArchivedError MutedError DeletedError InvalidInputError */
  edit(viewer: UserRecord, messageId: string, body: string): Promise<MessageUpdated>;
  /**
   * Also allowed in archived conversations. Repeating it has no effect. @throws NotFoundError BannedError
   * NotAllowedError
   */
  remove(viewer: UserRecord, messageId: string, origin: Origin): Promise<MessageUpdated>;
  /** Deletes messages of an author whom the caller has verified. Returns the events to append. */
  eraseOwn(unit: Unit, messageIds: readonly string[]): Promise<NewEvent[]>;
  /**
   * Pins or unpins a message; repeating it has no effect.
   *
   * @throws NotFoundError BannedError NotAllowedError ArchivedError MutedError DeletedError
   *   LimitReachedError
   */
  pin(viewer: UserRecord, messageId: string, pinned: boolean): Promise<MessageUpdated>;
  /**
   * Former texts of a message.
   *
   * @param rights the viewer's; null if the viewer may not read the message
   * @throws NotFoundError NotAllowedError
   */
  edits(
    rights: MessageRights | null,
    message: Pick<MessageRecord, "id" | "editedAt">,
    page: EditPage,
  ): Promise<EditRecord[]>;
  /** Pinned messages by conversation, latest pin first; only those that the viewer may read. */
  pinned(
    viewerId: string,
    conversationIds: readonly string[],
  ): Promise<Map<string, MessageRecord[]>>;
  /**
   * Changes a message in one transaction. For other services.
   *
   * @param check throws if the rights do not allow the change
   * @param rightsOf returns the rights; by default those of the viewer, who must be able to read the
   *   message
   * @throws NotFoundError BannedError, and the errors of `check` and `work`
   */
  change(
    viewerId: string,
    messageId: string,
    check: (rights: MessageRights) => void,
    work: (change: MessageChange) => Promise<ChangeOutcome>,
    rightsOf?: MessageService["requireRights"],
  ): Promise<MessageUpdated>;
  /** For checks of other services. @throws ArchivedError MutedError if the viewer may not send here */
  requireOpen(rights: MessageRights): void;
}

export interface MessageUpdateServiceOptions {
  store: MessageUpdateStore;
  messages: MessageService;
  receipts: Pick<ReceiptService, "discount">;
  mentions: MentionService;
  admin: AdminService;
  audit: AuditService;
  log: Log;
  clock: Clock;
  bodyLength: number;
}

export function makeMessageUpdateService(
  options: MessageUpdateServiceOptions,
): MessageUpdateService {
  const { store, messages, mentions, receipts, admin, audit, log, clock } = options;

  const change: MessageUpdateService["change"] = async (
    viewerId,
    messageId,
    check,
    work,
    rightsOf = messages.requireRights,
  ) => {
    const rights = await rightsOf(viewerId, messageId);
    check(rights);
    const { conversationId, authorId } = rights;
    const position = await log.write(async (unit) => {
      const body = await store.lockBody(unit.tx, messageId);
      const outcome = await work({ unit, messageId, conversationId, authorId, body });
      if (outcome === null) return log.head(unit.tx);
      const { event } = outcome;
      const { position: appendedAt } = await unit.append(
        typeof event === "function" ? await event() : event,
      );
      // Checks again under the lock: from here to COMMIT, the viewer cannot leave or lose a role.
      check(await rightsOf(viewerId, messageId, unit.tx));
      await outcome.settle?.();
      await outcome.verify?.();
      return appendedAt;
    });
    // Read after COMMIT, so that it is not older than the returned position.
    const message = (await messages.find([messageId])).get(messageId);
    if (message === undefined) throw new NotFoundError("message");
    return { message, position };
  };

  const deleted = async (
    unit: Unit,
    messageId: string,
    conversationId: string,
  ): Promise<NewEvent> =>
    messageDeleted(conversationId, { messageId, ...(await receipts.discount(unit, messageId)) });

  const requireOpen = (rights: MessageRights): void => {
    if (rights.isArchived) throw new ArchivedError();
    if (isMuted(rights, clock.now()))
      throw new MutedError((rights.mutedUntil?.getTime() ?? 0) - clock.now());
  };
  const requires =
    (isAllowed: (rights: MessageRights) => boolean) =>
    (rights: MessageRights): void => {
      if (!isAllowed(rights)) throw new NotAllowedError();
    };
  const requiresOpen =
    (can: (rights: MessageRights) => boolean) =>
    (rights: MessageRights): void => {
      requires(can)(rights);
      requireOpen(rights);
    };

  return {
    change,
    requireOpen,
    edit: async (viewer, messageId, text) => {
      const problems = bodyProblems(text, options.bodyLength);
      if (problems.length > 0) throw new InvalidInputError(problems);
      return change(viewer.id, messageId, requiresOpen(canEditMessage), async (own) => {
        if (own.body === null) throw new DeletedError();
        if (own.body === text) return null;
        const now = clock.now();
        const former = { id: newId(now), body: own.body, editedAt: new Date(now) };
        const mentioned = await mentions.resolve(viewer.id, own.conversationId, text, own.unit.tx);
        await store.edit(own.unit.tx, messageId, { body: text, mentions: mentioned, former });
        await store.setTargets(own.unit.tx, messageId, targetsOf(mentioned, viewer.id));
        return {
          event: messageEdited(own.conversationId, { messageId }),
        };
      });
    },
    remove: async (viewer, messageId, origin) => {
      const asAdministrator = await admin.isAdministrator(viewer);
      return change(
        viewer.id,
        messageId,
        requires(canDeleteMessage),
        async ({ unit, conversationId, authorId, body }) => {
          if (body === null) return null;
          if (authorId !== viewer.id) {
            await audit.record(unit, {
              action: "MESSAGE_DELETED",
              actorId: viewer.id,
              targetId: authorId,
              conversationId,
              messageId,
              origin,
            });
          }
          await store.erase(unit.tx, [messageId], new Date(clock.now()));
          return {
            event: () => deleted(unit, messageId, conversationId),
            settle: () => store.leaveThread(unit.tx, messageId),
          };
        },
        asAdministrator ? messages.administratorRights : messages.requireRights,
      );
    },
    eraseOwn: async (unit, messageIds) => {
      const whole = await store.lockWhole(unit.tx, messageIds);
      const ids = whole.map(({ id }) => id);
      await store.erase(unit.tx, ids, new Date(clock.now()));
      const events: NewEvent[] = [];
      for (const { id, conversationId } of whole) {
        // Locks the log, which `leaveThread` requires.
        events.push(await deleted(unit, id, conversationId));
        await store.leaveThread(unit.tx, id);
      }
      return events;
    },
    pin: (viewer, messageId, pinned) =>
      change(viewer.id, messageId, requiresOpen(canPinMessage), async ({ unit, ...own }) => {
        if (own.body === null) throw new DeletedError();
        if ((await store.isPinned(unit.tx, messageId)) === pinned) return null;
        const pinEvent = pinned ? messagePinned : messageUnpinned;
        if (pinned) await store.pin(unit.tx, own.conversationId, messageId, new Date(clock.now()));
        else await store.unpin(unit.tx, messageId);
        return {
          event: pinEvent(own.conversationId, { messageId, user: viewer }),
          // Counts under the lock, because two messages may be pinned at the same time.
          verify: async () => {
            if (!pinned || (await store.pinCount(unit.tx, own.conversationId)) <= PIN_LIMIT) return;
            throw new LimitReachedError(`You can pin at most ${String(PIN_LIMIT)} messages.`);
          },
        };
      }),
    edits: async (rights, message, page) => {
      if (rights === null) throw new NotFoundError("message");
      if (!canSeeEdits(rights)) throw new NotAllowedError();
      return message.editedAt === null ? [] : store.edits(message.id, page);
    },
    pinned: async (viewerId, conversationIds) => {
      const pins = await store.pinned(conversationIds);
      const ids = pins.map(({ messageId }) => messageId);
      const visible = await messages.visibleByIds(viewerId, ids);
      const byConversation = new Map<string, MessageRecord[]>();
      for (const message of visible) {
        // The message was unpinned after the pins were read.
        if (message === null || message.pinnedAt === null) continue;
        const { conversationId } = message;
        byConversation.set(conversationId, [
          ...(byConversation.get(conversationId) ?? []),
          message,
        ]);
      }
      return byConversation;
    },
  };
}
