import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import {
  DeletedError,
  InvalidInputError,
  LimitReachedError,
  NotAllowedError,
} from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Append, Log, Transaction } from "../../log/log.ts";
import type { MessageRecord, UserRecord } from "../../log/records.ts";
import {
  bodyProblems,
  canDeleteMessage,
  canEditMessage,
  canPinMessage,
  canSeeEdits,
  type MessageRights,
} from "./message.policy.ts";
import type { ChangeStore, EditPage, EditRecord } from "./change.store.ts";
import type { MessageService } from "./message.service.ts";

export type { EditKey, EditRecord } from "./change.store.ts";

/** Most pinned messages of one conversation. */
export const PIN_LIMIT = 50;

export interface Changed {
  message: MessageRecord;
  position: Position;
}

export interface ChangeService {
  /** @throws NotFoundError NotAllowedError DeletedError InvalidInputError */
  edit(viewer: UserRecord, messageId: string, body: string): Promise<Changed>;
  /** Deleting again changes nothing. @throws NotFoundError NotAllowedError */
  remove(viewer: UserRecord, messageId: string): Promise<Changed>;
  /** Pins or unpins; doing it again changes nothing. @throws NotFoundError NotAllowedError DeletedError LimitReachedError */
  pin(viewer: UserRecord, messageId: string, pinned: boolean): Promise<Changed>;
  /** @throws NotFoundError NotAllowedError */
  edits(viewerId: string, messageId: string, page: EditPage): Promise<EditRecord[]>;
  /** The pinned messages of a conversation, the last pinned first. @throws NotFoundError */
  pinned(viewerId: string, conversationId: string): Promise<MessageRecord[]>;
}

export interface ChangeServiceOptions {
  store: ChangeStore;
  messages: MessageService;
  log: Log;
  clock: Clock;
  bodyLength: number;
}

export function makeChangeService(options: ChangeServiceOptions): ChangeService {
  const { store, messages, log, clock } = options;

  interface Change {
    tx: Transaction;
    append: Append;
    /** The text as it is now; null when the message is deleted. */
    body: string | null;
  }

  /** Checks the right, lets changes of one message take turns, and changes it. */
  const change = async (
    viewer: UserRecord,
    messageId: string,
    can: (rights: MessageRights) => boolean,
    work: (change: Change) => Promise<Position | null>,
  ): Promise<Changed> => {
    const { rights } = await messages.requireMessage(viewer.id, messageId);
    if (!can(rights)) throw new NotAllowedError();
    return log.write(async (tx, append) => {
      const body = await store.lockBody(tx, messageId);
      const position = await work({ tx, append, body });
      const { message } = await messages.requireMessage(viewer.id, messageId);
      return { message, position: position ?? (await log.headInSnapshot()) };
    });
  };

  const current = async (viewer: UserRecord, messageId: string): Promise<MessageRecord> =>
    (await messages.requireMessage(viewer.id, messageId)).message;

  return {
    edit: async (viewer, messageId, text) => {
      const problems = bodyProblems(text, options.bodyLength);
      if (problems.length > 0) throw new InvalidInputError(problems);
      return change(viewer, messageId, canEditMessage, async ({ tx, append, body }) => {
        if (body === null) throw new DeletedError();
        if (body === text) return null;
        const now = clock.now();
        await store.edit(tx, messageId, text, { id: newId(now), body, editedAt: new Date(now) });
        const message = await current(viewer, messageId);
        const [event] = await append([
          { type: "MESSAGE_EDITED", topic: message.conversationId, payload: { message } },
        ]);
        return event?.position ?? null;
      });
    },
    remove: (viewer, messageId) =>
      change(viewer, messageId, canDeleteMessage, async ({ tx, append, body }) => {
        if (body === null) return null;
        await store.erase(tx, messageId, new Date(clock.now()));
        const message = await current(viewer, messageId);
        const [event] = await append([
          { type: "MESSAGE_DELETED", topic: message.conversationId, payload: { message } },
        ]);
        return event?.position ?? null;
      }),
    pin: (viewer, messageId, pinned) =>
      change(viewer, messageId, canPinMessage, async ({ tx, append, body }) => {
        if (body === null) throw new DeletedError();
        const before = await current(viewer, messageId);
        if ((before.pinnedAt !== null) === pinned) return null;
        const others = await store.pinned(before.conversationId, PIN_LIMIT);
        if (pinned && others.length >= PIN_LIMIT) {
          throw new LimitReachedError(`At most ${String(PIN_LIMIT)} messages may be pinned.`);
        }
        if (pinned) await store.pin(tx, before.conversationId, messageId, new Date(clock.now()));
        else await store.unpin(tx, messageId);
        const message = await current(viewer, messageId);
        const type = pinned ? "MESSAGE_PINNED" : "MESSAGE_UNPINNED";
        const [event] = await append([
          { type, topic: message.conversationId, payload: { message, user: viewer } },
        ]);
        return event?.position ?? null;
      }),
    edits: async (viewerId, messageId, page) => {
      const { rights } = await messages.requireMessage(viewerId, messageId);
      if (!canSeeEdits(rights)) throw new NotAllowedError();
      return store.edits(messageId, page);
    },
    pinned: async (viewerId, conversationId) => {
      await messages.requireReadable(viewerId, conversationId);
      const ids = await store.pinned(conversationId, PIN_LIMIT);
      return (await messages.visibleByIds(viewerId, ids)).flatMap((message) => message ?? []);
    },
  };
}
