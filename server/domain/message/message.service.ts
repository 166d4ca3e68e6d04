import type { Clock } from "../../kernel/clock.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Db, Unit } from "../../log/unit.ts";
import { messageSent } from "./message.events.ts";
import type { MessageRecord } from "./message.record.ts";
import {
  canRead,
  type Access,
  type ConversationService,
} from "../conversation/conversation.service.ts";
import type { MessageRights } from "./message.policy.ts";
import type { MessagePage, MessageStore } from "./message.store.ts";
import type { SystemMessage } from "./system-message.ts";
import { insertSystemMessages } from "./system-message.store.ts";

export { bodyProblems } from "./message.policy.ts";
export type { MessagePage } from "./message.store.ts";
export type { SystemMessage } from "./system-message.ts";

/** The inputs of decisions about a message, and its conversation. */
export interface MessageAndRights extends MessageRights {
  conversationId: string;
  authorId: string;
}

export interface MessageService {
  /** The viewer's rights to each message; absent for messages that the viewer may not read. */
  rights(viewerId: string, ids: readonly string[], db?: Db): Promise<Map<string, MessageAndRights>>;
  /** The same for one message. @throws NotFoundError BannedError if the viewer may not read it */
  requireRights(viewerId: string, messageId: string, db?: Db): Promise<MessageAndRights>;
  /**
   * An administrator's rights to any message, even one that the administrator may not read. @throws
   * NotFoundError
   */
  administratorRights(viewerId: string, messageId: string, db?: Db): Promise<MessageAndRights>;
  /** Finds messages by id. The caller must have checked the permission. */
  find(ids: readonly string[]): Promise<Map<string, MessageRecord>>;
  /**
   * Appends SYSTEM messages to conversations, in the given order. For other services, inside a unit,
   * after the event of the same change: a user who loses access through that event does not receive the
   * message.
   */
  addSystemMessage(unit: Unit, ...notes: readonly SystemMessage[]): Promise<void>;
  /**
   * Returns no messages to banned users. @throws NotFoundError if the viewer may not know of the
   * conversation
   */
  page(viewerId: string, conversationId: string, page: MessagePage): Promise<MessageRecord[]>;
  /** @throws NotFoundError BannedError if the conversation has no such message that the viewer may read */
  around(
    viewerId: string,
    conversationId: string,
    messageId: string,
    count: number,
  ): Promise<MessageRecord[]>;
  /** The newest message of each readable conversation, by conversation. */
  newestVisible(access: readonly Access[]): Promise<Map<string, MessageRecord>>;
  /**
   * The conversations whose messages the viewer may read, with the number of their newest message.
   *
   * @param conversationIds only these; null for all
   */
  readable(
    viewerId: string,
    conversationIds: readonly string[] | null,
  ): Promise<{ conversationId: string; lastSeq: number }[]>;
  /** In the order of `ids`; null for messages that do not exist or that the viewer may not see. */
  visibleByIds(viewerId: string, ids: readonly string[]): Promise<(MessageRecord | null)[]>;
}

export interface MessageServiceOptions {
  store: MessageStore;
  conversations: ConversationService;
  clock: Clock;
}

export function makeMessageService({
  store,
  conversations,
  clock,
}: MessageServiceOptions): MessageService {
  /** Reads a page if the viewer may; permission and messages are from one snapshot. */
  const readPage = async (
    viewerId: string,
    conversationId: string,
    wanted: MessagePage,
  ): Promise<MessageRecord[]> => {
    const page = await store.page(viewerId, conversationId, wanted);
    if (page !== null && canRead(page.access)) return page.messages;
    await conversations.requireDiscoverable(viewerId, conversationId);
    return [];
  };

  const rightsTo = async (
    viewerId: string,
    ids: readonly string[],
    db?: Db,
  ): Promise<Map<string, MessageAndRights>> => {
    const places = await store.places(ids, db);
    const conversationIds = [...new Set(places.map(({ conversationId }) => conversationId))];
    const access = await conversations.access(viewerId, conversationIds, db);
    return new Map(
      places.flatMap(({ id, conversationId, authorId, kind: messageKind }) => {
        const found = access.get(conversationId);
        if (found === undefined || !canRead(found)) return [];
        const { kind, role, mutedUntil, archivedAt } = found;
        const own = { isAuthor: authorId === viewerId, isSystem: messageKind === "SYSTEM" };
        const now = { isArchived: archivedAt !== null, mutedUntil };
        return [[id, { conversationId, authorId, kind, role, ...own, ...now }]];
      }),
    );
  };

  return {
    rights: rightsTo,
    requireRights: async (viewerId, messageId, db) => {
      const rights = (await rightsTo(viewerId, [messageId], db)).get(messageId);
      if (rights !== undefined) return rights;
      const [place] = await store.places([messageId], db);
      if (place !== undefined) {
        await conversations.requireVisible(viewerId, place.conversationId, "message", db);
      }
      throw new NotFoundError("message");
    },
    administratorRights: async (viewerId, messageId, db) => {
      const [place] = await store.places([messageId], db);
      if (place === undefined) throw new NotFoundError("message");
      const { conversationId, authorId, kind: messageKind } = place;
      const access = (await conversations.access(viewerId, [conversationId], db)).get(
        conversationId,
      );
      if (access === undefined) throw new NotFoundError("message");
      const { kind, role, mutedUntil, archivedAt } = access;
      const own = { isAuthor: authorId === viewerId, isSystem: messageKind === "SYSTEM" };
      const now = { isArchived: archivedAt !== null, mutedUntil };
      return { conversationId, authorId, kind, role, ...own, ...now, isAdministrator: true };
    },
    find: store.findByIds,
    addSystemMessage: async (unit, ...notes) => {
      if (notes.length === 0) return;
      const named = notes.map((note) => ({ ...note, id: newId(clock.now()) }));
      const places = await unit.appendAll(
        named.map(({ id, conversationId }) => messageSent(conversationId, { messageId: id })),
      );
      await insertSystemMessages(
        unit.tx,
        named.flatMap((note, index) => {
          const place = places[index];
          return place === undefined ? [] : { ...note, position: place.position, at: place.at };
        }),
      );
    },
    page: readPage,
    around: async (viewerId, conversationId, messageId, count) => {
      const [found] = await store.findWithAccess(viewerId, [messageId]);
      if (found?.message.conversationId !== conversationId || !canRead(found.access)) {
        await conversations.requireVisible(viewerId, conversationId);
        throw new NotFoundError("message in this conversation");
      }
      const middle = found.message;
      const earlier = Math.floor((count - 1) / 2);
      const first = { limit: earlier, inverted: true, before: middle.seq, after: undefined };
      const rest = {
        limit: count - earlier - 1,
        inverted: false,
        before: undefined,
        after: middle.seq,
      };
      const [older, newer] = await Promise.all([
        readPage(viewerId, conversationId, first),
        readPage(viewerId, conversationId, rest),
      ]);
      return [...older.reverse(), middle, ...newer];
    },
    newestVisible: (access) =>
      store.newest(access.filter(canRead).map(({ conversationId }) => conversationId)),
    readable: async (viewerId, conversationIds) =>
      (await conversations.readable(viewerId, conversationIds)).filter(canRead),
    visibleByIds: async (viewerId, ids) => {
      const found = await store.findWithAccess(viewerId, ids);
      const readable = new Map(
        found.flatMap(({ message, access }) =>
          canRead(access) ? [[message.id, message] as const] : [],
        ),
      );
      return ids.map((id) => readable.get(id) ?? null);
    },
  };
}
