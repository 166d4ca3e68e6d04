import { DeletedError, InvalidInputError, LimitReachedError } from "../../kernel/errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { exportPage, type ExportSection } from "../../kernel/export-section.ts";
import type { RateLimits } from "../../infra/rate-limits.ts";
import type { UserRecord } from "../user/user.record.ts";
import type {
  MessageUpdated,
  MessageUpdateService,
  MessageRights,
} from "../message/message-update.service.ts";
import { reactionAdded, reactionRemoved } from "./reaction.events.ts";
import { canReact, emojiOf } from "./reaction.policy.ts";
import type { ReactionStore } from "./reaction.store.ts";

export type { MessageUpdated } from "../message/message-update.service.ts";

/** Maximum number of different emoji on one message. */
export const REACTION_LIMIT = 50;

export interface ReactionService {
  /**
   * Adds or removes a reaction; repeating it has no effect.
   *
   * @throws InvalidInputError NotFoundError BannedError NotAMemberError ArchivedError MutedError
   *   DeletedError LimitReachedError RateLimitedError
   */
  set(
    viewer: UserRecord,
    messageId: string,
    emoji: string,
    present: boolean,
  ): Promise<MessageUpdated>;
  /** The emoji of the user's own reactions, by message. */
  own(userId: string, messageIds: readonly string[]): Promise<Map<string, Set<string>>>;
  /** A user's reactions, for the user's export. */
  readonly exportSection: ExportSection;
}

export interface ReactionServiceOptions {
  store: ReactionStore;
  messageUpdates: MessageUpdateService;
  rates: RateLimits;
}

export function makeReactionService({
  store,
  messageUpdates,
  rates,
}: ReactionServiceOptions): ReactionService {
  return {
    own: store.own,
    exportSection: {
      type: "reaction",
      page: async (userId, after, limit) => {
        const [messageId, emoji] = after?.split(" ") ?? [];
        const key = messageId === undefined || emoji === undefined ? null : { messageId, emoji };
        return exportPage(
          await store.ofUser(userId, key, limit + 1),
          limit,
          (reaction) => `${reaction.messageId} ${reaction.emoji}`,
          (reaction) => reaction,
        );
      },
    },
    set: async (viewer, messageId, text, present) => {
      const emoji = emojiOf(text);
      if (emoji === null) {
        const message = "A reaction must be exactly one emoji.";
        throw new InvalidInputError([{ field: "emoji", code: "INVALID_FORMAT", message }]);
      }
      await rates.take("REACT", viewer.id);
      const check = (rights: MessageRights): void => {
        if (!canReact(rights)) throw new NotAMemberError();
        // Muted members may still remove reactions.
        if (present) messageUpdates.requireOpen(rights);
        else if (rights.isArchived) throw new ArchivedError();
      };
      return messageUpdates.change(
        viewer.id,
        messageId,
        check,
        async ({ unit, body, conversationId }) => {
          if (body === null) throw new DeletedError();
          const changed = present
            ? await store.add(unit.tx, messageId, viewer.id, emoji)
            : await store.remove(unit.tx, messageId, viewer.id, emoji);
          if (!changed) return null;
          // Exact without locking the log, because changes of one message run one at a time.
          if (present && (await store.emojiCount(unit.tx, messageId)) > REACTION_LIMIT) {
            throw new LimitReachedError(
              `A message can have at most ${String(REACTION_LIMIT)} different reactions.`,
            );
          }
          const reactionEvent = present ? reactionAdded : reactionRemoved;
          return {
            event: reactionEvent(conversationId, { messageId, user: viewer, emoji }),
          };
        },
      );
    },
  };
}
