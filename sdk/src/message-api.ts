import {
  AddReactionDocument,
  DeleteMessageDocument,
  EditMessageDocument,
  PinMessageDocument,
  RemoveReactionDocument,
  UnpinMessageDocument,
} from "./generated/graphql.ts";
import type { Execute } from "./http.ts";
import { retryIdempotent } from "./retry.ts";
import { unwrap } from "./typed-result.ts";
import { idOf, type Message, type Ref } from "./types.ts";

/**
 * Changes messages. Every method returns the updated message and is idempotent. If the network
 * fails or a server restarts, methods retry for a few seconds.
 */
export interface MessageApi {
  /**
   * Replaces the text of one of the viewer's messages.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError, DeletedError
   */
  editMessage(message: Ref, body: string): Promise<Message>;
  /**
   * Deletes one of the viewer's messages, or any message in a room that the viewer moderates. The
   * server erases the text; an empty message keeps its place.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError
   */
  deleteMessage(message: Ref): Promise<Message>;
  /**
   * Adds a reaction to a message.
   *
   * @param emoji exactly one emoji
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError, DeletedError,
   *   LimitReachedError
   */
  addReaction(message: Ref, emoji: string): Promise<Message>;
  /**
   * Removes one of the viewer's reactions.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError, DeletedError
   */
  removeReaction(message: Ref, emoji: string): Promise<Message>;
  /**
   * Pins a message for all members.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError, DeletedError,
   *   LimitReachedError
   */
  pinMessage(message: Ref): Promise<Message>;
  /**
   * Unpins a message.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError, DeletedError
   */
  unpinMessage(message: Ref): Promise<Message>;
}

export function makeMessageApi({ execute }: { execute: Execute }): MessageApi {
  return {
    editMessage(message, body) {
      const input = { messageId: idOf(message), body };
      return retryIdempotent(
        async () =>
          unwrap((await execute(EditMessageDocument, { input })).editMessage).editedMessage,
      );
    },
    deleteMessage(message) {
      const input = { messageId: idOf(message) };
      return retryIdempotent(
        async () =>
          unwrap((await execute(DeleteMessageDocument, { input })).deleteMessage).deletedMessage,
      );
    },
    addReaction(message, emoji) {
      const input = { messageId: idOf(message), emoji };
      return retryIdempotent(
        async () =>
          unwrap((await execute(AddReactionDocument, { input })).addReaction).reactedMessage,
      );
    },
    removeReaction(message, emoji) {
      const input = { messageId: idOf(message), emoji };
      return retryIdempotent(
        async () =>
          unwrap((await execute(RemoveReactionDocument, { input })).removeReaction).reactedMessage,
      );
    },
    pinMessage(message) {
      const input = { messageId: idOf(message) };
      return retryIdempotent(
        async () => unwrap((await execute(PinMessageDocument, { input })).pinMessage).pinnedMessage,
      );
    },
    unpinMessage(message) {
      const input = { messageId: idOf(message) };
      return retryIdempotent(
        async () =>
          unwrap((await execute(UnpinMessageDocument, { input })).unpinMessage).unpinnedMessage,
      );
    },
  };
}
