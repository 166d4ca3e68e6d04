import type { RateLimits } from "../../infra/rate-limits.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { DeletedError, InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import { BlockedError } from "../block/block.errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { MutedError, SlowModeError } from "../room/room.errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { Log } from "../../log/log.ts";
import type { MessageRecord } from "./message.record.ts";
import type { UserRecord } from "../user/user.record.ts";
import type { ConversationService } from "../conversation/conversation.service.ts";
import type { DirectService } from "../direct/direct.service.ts";
import { requireAttachmentLimit, type UploadService } from "../upload/upload.service.ts";
import type { MentionService } from "./mention.service.ts";
import { bodyProblems } from "./message.policy.ts";
import type { Draft, MessageStore, SendOutcome } from "./message.store.ts";

export interface SendRequest {
  conversationId: string;
  body: string;
  /** A UUID that the sender generated; null to generate one here. */
  clientId: string | null;
  replyToId: string | null;
  /** Complete and unused uploads of the sender. */
  attachmentIds?: readonly string[];
  /** The root message of its thread; null outside threads. */
  threadRootId: string | null;
}

export interface Sent {
  message: MessageRecord;
  position: Position;
}

export interface SendService {
  /** With files, the text may be empty. @throws InvalidInputError if the text is invalid */
  requireBody(body: string, hasFiles?: boolean): void;
  /**
   * Checks a message before it is stored.
   *
   * @throws NotFoundError if the conversation lacks the message to reply to or the thread
   */
  requireWithin(
    conversationId: string,
    named: Pick<SendRequest, "replyToId" | "threadRootId">,
  ): Promise<void>;
  /**
   * Stores a message; resolves after COMMIT. A repeated `clientId` returns the first message.
   *
   * @throws InvalidInputError NotFoundError BannedError NotAMemberError ArchivedError BlockedError
   *   MutedError SlowModeError DeletedError RateLimitedError OverloadedError
   */
  send(viewer: UserRecord, request: SendRequest): Promise<Sent>;
}

export interface SendOptions {
  store: MessageStore;
  conversations: ConversationService;
  directs: DirectService;
  mentions: MentionService;
  uploads: UploadService;
  log: Log;
  clock: Clock;
  rates: RateLimits;
  /** Maximum length of a text, in characters. */
  bodyLength: number;
  /** Maximum number of messages that wait to be stored. */
  queue: number;
}

const REPLY = "message to reply to in this conversation";
const THREAD = "thread in this conversation";

export function makeSendService(options: SendOptions): SendService {
  const { store, conversations, directs, mentions, uploads, log, clock, rates } = options;
  const batchWriter = log.makeBatchWriter<Draft, SendOutcome>({
    write: store.append,
    queueLimit: options.queue,
  });
  // Two parallel sends of the same message must not enter the same batch.
  const pending = new Map<string, Promise<SendOutcome>>();

  const appendOnce = (draft: Draft): Promise<SendOutcome> => {
    const key = `${draft.author.id} ${draft.clientId}`;
    let outcome = pending.get(key);
    if (outcome === undefined) {
      outcome = batchWriter.append(draft).finally(() => pending.delete(key));
      pending.set(key, outcome);
    }
    return outcome;
  };

  /**
   * The log rejects messages in a direct conversation that has not begun; all other sends pay nothing for
   * this check.
   */
  const appendOrBegin = async (draft: Draft): Promise<SendOutcome> => {
    const outcome = await appendOnce(draft);
    if (outcome.status !== "BLOCKED") return outcome;
    const { author, conversationId, body } = draft;
    // The conversation begins with its first message, so only with one that can be sent.
    await requireWithin(conversationId, draft);
    if (!(await directs.begin(author.id, conversationId))) return outcome;
    // Resolves mentions again, because the others have only now become members.
    return appendOnce({
      ...draft,
      mentions: await mentions.resolve(author.id, conversationId, body),
    });
  };

  const requireWithin: SendService["requireWithin"] = async (
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

  const requireBody = (body: string, hasFiles = false): void => {
    const problems = bodyProblems(body, options.bodyLength, { hasFiles });
    if (problems.length > 0) throw new InvalidInputError(problems);
  };

  return {
    requireBody,
    requireWithin,
    send: async (viewer, request) => {
      const { conversationId, body, replyToId, threadRootId, attachmentIds = [] } = request;
      requireBody(body, attachmentIds.length > 0);
      requireAttachmentLimit(attachmentIds);
      rates.takeLocal("SEND", viewer.id);
      const clientId = request.clientId?.toLowerCase() ?? newId();
      const outcome = await appendOrBegin({
        id: newId(),
        conversationId,
        author: viewer,
        clientId,
        body,
        replyToId,
        threadRootId,
        // Resolved only if needed: a plain message waits for nothing before it is appended.
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
  };
}
