import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import {
  ArchivedError,
  BlockedError,
  DeletedError,
  InvalidInputError,
  MutedError,
  NotAMemberError,
  NotFoundError,
  SlowModeError,
} from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Append, Log, Transaction } from "../../log/log.ts";
import type { MessageRecord, UserRecord } from "../../log/records.ts";
import type { Access, ConversationService } from "../conversation/conversation.service.ts";
import { requireFewAttachments, type UploadService } from "../upload/upload.service.ts";
import type { DirectService } from "../direct/direct.service.ts";
import type { MentionService } from "./mention.service.ts";
import { bodyProblems, canReadMessages, type MessageRights } from "./message.policy.ts";
import type { Note } from "./note.ts";
import { insertNotes } from "./note.store.ts";
import type { Draft, MessagePage, MessageStore, SendOutcome } from "./message.store.ts";

export { bodyProblems } from "./message.policy.ts";
export type { MessagePage } from "./message.store.ts";
export type { Note } from "./note.ts";

export interface SendRequest {
  conversationId: string;
  body: string;
  /** A UUID of the sender's making; null lets the server make one. */
  clientId: string | null;
  replyToId: string | null;
  /** Complete uploads of the sender that no message has yet. */
  attachmentIds?: readonly string[];
  /** The first message of the thread that it belongs to; null outside threads. */
  threadRootId: string | null;
}

export interface Sent {
  message: MessageRecord;
  position: Position;
}

/** What decides about a message, and the conversation that it stands in. */
export interface RightsInPlace extends MessageRights {
  conversationId: string;
  authorId: string;
}

export interface MessageService {
  /** What decides what the viewer may do with each message; missing for what they may not read. */
  rights(viewerId: string, ids: readonly string[]): Promise<Map<string, RightsInPlace>>;
  /** The same for one message. @throws NotFoundError BannedError when the viewer may not read it */
  requireRights(viewerId: string, messageId: string): Promise<RightsInPlace>;
  /** What an administrator may do with any message, also where they may not read. @throws NotFoundError */
  administratorRights(viewerId: string, messageId: string): Promise<RightsInPlace>;
  /** Messages by their ids, for whoever is known to be allowed to read them. */
  find(ids: readonly string[]): Promise<Map<string, MessageRecord>>;
  /** With files, the text may be empty. @throws InvalidInputError when a message cannot say this */
  requireBody(body: string, hasFiles?: boolean): void;
  /**
   * For a message that is not sent yet.
   *
   * @throws NotFoundError when it could not answer this message, or stand in this thread, in the conversation
   */
  requireWithin(
    conversationId: string,
    named: Pick<SendRequest, "replyToId" | "threadRootId">,
  ): Promise<void>;
  /**
   * Stores a message; the promise resolves after COMMIT. Repeating a `clientId` answers the first message.
   *
   * @throws InvalidInputError NotFoundError BannedError NotAMemberError ArchivedError BlockedError MutedError SlowModeError
   *   DeletedError RateLimitedError OverloadedError
   */
  send(viewer: UserRecord, request: SendRequest): Promise<Sent>;
  /**
   * Puts messages of the kind SYSTEM into the histories of conversations, in the order given. For other
   * services, inside `log.write`, after the event that tells of the same: so whoever loses sight of the
   * conversation with that does not see the note.
   */
  announce(tx: Transaction, append: Append, ...notes: readonly Note[]): Promise<void>;
  /** None for those who are banned. @throws NotFoundError when the viewer may not know of the conversation */
  page(viewerId: string, conversationId: string, page: MessagePage): Promise<MessageRecord[]>;
  /** @throws NotFoundError BannedError when there is no such message in this conversation that the viewer may read */
  around(
    viewerId: string,
    conversationId: string,
    messageId: string,
    count: number,
  ): Promise<MessageRecord[]>;
  /** The newest message of each conversation that may be read, by conversation. */
  newestVisible(access: readonly Access[]): Promise<Map<string, MessageRecord>>;
  /**
   * The conversations whose messages the viewer may read, with the number of their newest message.
   *
   * @param conversationIds among which ones; null for all
   */
  readable(
    viewerId: string,
    conversationIds: readonly string[] | null,
  ): Promise<{ conversationId: string; lastSeq: number }[]>;
  /** In the order of `ids`; null for what does not exist or may not be seen. */
  visibleByIds(viewerId: string, ids: readonly string[]): Promise<(MessageRecord | null)[]>;
}

const REPLY = "message to reply to in this conversation";
const THREAD = "thread in this conversation";

export function makeMessageService(
  store: MessageStore,
  conversations: ConversationService,
  directs: DirectService,
  mentions: MentionService,
  log: Log,
  clock: Clock,
  uploads: UploadService,
  limits: { bodyLength: number; queue: number; rates: RateLimits },
): MessageService {
  const appender = log.makeBatchWriter<Draft, SendOutcome>(store.append, limits.queue);
  // The same send twice at the same time must not stand twice in one batch.
  const underWay = new Map<string, Promise<SendOutcome>>();

  const appendOnce = (draft: Draft): Promise<SendOutcome> => {
    const key = `${draft.author.id} ${draft.clientId}`;
    let outcome = underWay.get(key);
    if (outcome === undefined) {
      outcome = appender.append(draft).finally(() => underWay.delete(key));
      underWay.set(key, outcome);
    }
    return outcome;
  };

  /** The log takes no message in a direct conversation that has not begun, which costs all others nothing. */
  const appendOrBegin = async (draft: Draft): Promise<SendOutcome> => {
    const outcome = await appendOnce(draft);
    if (outcome.status !== "BLOCKED") return outcome;
    const { author, conversationId, body } = draft;
    // It begins with its first message, and not with one that cannot be sent.
    await requireWithin(conversationId, draft);
    if (!(await directs.begin(author.id, conversationId))) return outcome;
    // Whom it calls is asked again: they are members only now.
    return appendOnce({
      ...draft,
      mentions: await mentions.resolve(author.id, conversationId, body),
    });
  };

  const requireWithin: MessageService["requireWithin"] = async (
    conversationId,
    { replyToId, threadRootId },
  ) => {
    if (replyToId === null && threadRootId === null) return;
    const ids = [replyToId ?? [], threadRootId ?? []].flat();
    const places = new Map((await store.places(ids)).map((place) => [place.id, place]));
    const isHere = (id: string): boolean => places.get(id)?.conversationId === conversationId;
    if (replyToId !== null && !isHere(replyToId)) throw new NotFoundError(REPLY);
    if (threadRootId === null) return;
    const root = places.get(threadRootId);
    if (!isHere(threadRootId) || root?.threadRootId !== null || root.kind !== "TEXT")
      throw new NotFoundError(THREAD);
  };

  /** What of a page may be read: whether it may is of the same moment as what it says. */
  const readPage = async (
    viewerId: string,
    conversationId: string,
    wanted: MessagePage,
  ): Promise<MessageRecord[]> => {
    const page = await store.page(viewerId, conversationId, wanted);
    if (page !== null && canReadMessages(page.access)) return page.messages;
    await conversations.requireKnown(viewerId, conversationId);
    return [];
  };

  const rightsTo = async (
    viewerId: string,
    ids: readonly string[],
  ): Promise<Map<string, RightsInPlace>> => {
    const places = await store.places(ids);
    const conversationIds = [...new Set(places.map(({ conversationId }) => conversationId))];
    const access = await conversations.access(viewerId, conversationIds);
    return new Map(
      places.flatMap(({ id, conversationId, authorId, kind: messageKind }) => {
        const found = access.get(conversationId);
        if (found === undefined || !canReadMessages(found)) return [];
        const { kind, role, mutedUntil, archivedAt } = found;
        const own = { isAuthor: authorId === viewerId, isSystem: messageKind === "SYSTEM" };
        const now = { isArchived: archivedAt !== null, mutedUntil };
        return [[id, { conversationId, authorId, kind, role, ...own, ...now }]];
      }),
    );
  };

  const requireBody = (body: string, hasFiles = false): void => {
    const problems = bodyProblems(body, limits.bodyLength, { hasFiles });
    if (problems.length > 0) throw new InvalidInputError(problems);
  };

  return {
    rights: rightsTo,
    requireBody,
    requireWithin,
    requireRights: async (viewerId, messageId) => {
      const rights = (await rightsTo(viewerId, [messageId])).get(messageId);
      if (rights !== undefined) return rights;
      const [place] = await store.places([messageId]);
      if (place !== undefined) {
        await conversations.requireVisible(viewerId, place.conversationId, "message");
      }
      throw new NotFoundError("message");
    },
    administratorRights: async (viewerId, messageId) => {
      const [place] = await store.places([messageId]);
      if (place === undefined) throw new NotFoundError("message");
      const { conversationId, authorId, kind: messageKind } = place;
      const access = (await conversations.access(viewerId, [conversationId])).get(conversationId);
      if (access === undefined) throw new NotFoundError("message");
      const { kind, role, mutedUntil, archivedAt } = access;
      const own = { isAuthor: authorId === viewerId, isSystem: messageKind === "SYSTEM" };
      const now = { isArchived: archivedAt !== null, mutedUntil };
      return { conversationId, authorId, kind, role, ...own, ...now, isAdministrator: true };
    },
    find: store.findByIds,
    send: async (viewer, request) => {
      const { conversationId, body, replyToId, threadRootId, attachmentIds = [] } = request;
      requireBody(body, attachmentIds.length > 0);
      requireFewAttachments(attachmentIds);
      limits.rates.takeHere("SEND", viewer.id);
      const clientId = request.clientId?.toLowerCase() ?? newId();
      const outcome = await appendOrBegin({
        id: newId(),
        conversationId,
        author: viewer,
        clientId,
        body,
        replyToId,
        threadRootId,
        // Asked for only where there may be one: a plain message waits for nothing before it is appended.
        mentions: body.includes("@") ? await mentions.resolve(viewer.id, conversationId, body) : [],
        attachments: await uploads.attachments(viewer.id, attachmentIds),
      });
      switch (outcome.status) {
        case "SENT":
          return outcome;
        case "DUPLICATE": {
          const message = (await store.findByIds([outcome.id])).get(outcome.id);
          if (message === undefined) throw new NotFoundError("message");
          return { message, position: outcome.position };
        }
        case "NOT_A_MEMBER":
          await conversations.requireVisible(viewer.id, conversationId);
          throw new NotAMemberError();
        case "NO_SUCH_REPLY":
          throw new NotFoundError(REPLY);
        case "NO_SUCH_FILE":
          throw new NotFoundError("complete and unused file of yours");
        case "NO_SUCH_THREAD":
          throw new NotFoundError(THREAD);
        case "REPLY_DELETED":
          throw new DeletedError();
        case "ARCHIVED":
          throw new ArchivedError();
        case "BLOCKED":
          throw new BlockedError();
        case "MUTED":
          throw new MutedError(outcome.until.getTime() - clock.now());
        case "SLOW_MODE":
          throw new SlowModeError(outcome.until.getTime() - clock.now());
      }
    },
    announce: async (tx, append, ...notes) => {
      if (notes.length === 0) return;
      const named = notes.map((note) => ({ ...note, id: newId(clock.now()) }));
      const places = await append(
        named.map(({ id, conversationId }) => ({
          type: "MESSAGE_SENT",
          topic: conversationId,
          payload: { messageId: id },
        })),
      );
      await insertNotes(
        tx,
        named.flatMap((note, index) => {
          const place = places[index];
          return place === undefined ? [] : { ...note, position: place.position, at: place.at };
        }),
      );
    },
    page: readPage,
    around: async (viewerId, conversationId, messageId, count) => {
      const [found] = await store.findWithAccess(viewerId, [messageId]);
      if (found?.message.conversationId !== conversationId || !canReadMessages(found.access)) {
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
      store.newest(access.filter(canReadMessages).map(({ conversationId }) => conversationId)),
    readable: async (viewerId, conversationIds) =>
      (await conversations.reach(viewerId, conversationIds)).filter(canReadMessages),
    visibleByIds: async (viewerId, ids) => {
      const found = await store.findWithAccess(viewerId, ids);
      const readable = new Map(
        found.flatMap(({ message, access }) =>
          canReadMessages(access) ? [[message.id, message] as const] : [],
        ),
      );
      return ids.map((id) => readable.get(id) ?? null);
    },
  };
}
