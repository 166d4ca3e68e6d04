import type { Position } from "../../kernel/cursor.ts";
import {
  DeletedError,
  InvalidInputError,
  LimitReachedError,
  NotAMemberError,
} from "../../kernel/errors.ts";
import type { Log } from "../../log/log.ts";
import type { MessageRecord, UserRecord } from "../../log/records.ts";
import type { MessageService } from "../message/message.service.ts";
import { canReact, isEmoji } from "./reaction.policy.ts";
import type { ReactionStore } from "./reaction.store.ts";

/** Most different emoji on one message. */
export const REACTION_LIMIT = 50;

export interface Reacted {
  message: MessageRecord;
  position: Position;
}

export interface ReactionService {
  /**
   * Adds or takes back a reaction; doing it again changes nothing.
   *
   * @throws InvalidInputError NotFoundError NotAMemberError DeletedError LimitReachedError
   */
  set(viewer: UserRecord, messageId: string, emoji: string, present: boolean): Promise<Reacted>;
  /** The emoji that the person reacted with, by message. */
  own(userId: string, messageIds: readonly string[]): Promise<Map<string, Set<string>>>;
}

export function makeReactionService(
  store: ReactionStore,
  messages: MessageService,
  log: Log,
): ReactionService {
  return {
    own: store.own,
    set: async (viewer, messageId, emoji, present) => {
      if (!isEmoji(emoji)) {
        const message = "A reaction is exactly one emoji.";
        throw new InvalidInputError([{ field: "emoji", code: "INVALID_FORMAT", message }]);
      }
      const { rights } = await messages.requireMessage(viewer.id, messageId);
      if (!canReact(rights)) throw new NotAMemberError();
      return log.write(async (tx, append) => {
        if (!(await store.lockMessage(tx, messageId))) throw new DeletedError();
        const changed = present
          ? await store.add(tx, messageId, viewer.id, emoji)
          : await store.remove(tx, messageId, viewer.id, emoji);
        const { message } = await messages.requireMessage(viewer.id, messageId);
        if (message.reactions.length > REACTION_LIMIT) {
          throw new LimitReachedError(
            `A message has at most ${String(REACTION_LIMIT)} different reactions.`,
          );
        }
        if (!changed) return { message, position: await log.headInSnapshot() };
        const type = present ? "REACTION_ADDED" : "REACTION_REMOVED";
        const [event] = await append([
          { type, topic: message.conversationId, payload: { message, user: viewer, emoji } },
        ]);
        return { message, position: event?.position ?? (await log.headInSnapshot()) };
      });
    },
  };
}
