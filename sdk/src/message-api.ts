import {
  AddReactionDocument,
  DeleteMessageDocument,
  EditMessageDocument,
  PinMessageDocument,
  RemoveReactionDocument,
  UnpinMessageDocument,
} from "./generated/graphql.ts";
import type { Execute } from "./http.ts";
import { repeatSafely } from "./retry.ts";
import { unwrap } from "./typed-result.ts";
import { idOf, type Message, type Ref } from "./types.ts";

/**
 * Changes of messages. Each answers the message as it is then. Repeating one changes nothing, so while the
 * network fails or a server restarts they are tried again, for some ten seconds.
 */
export interface MessageApi {
  /**
   * Changes what a message of the viewer's says.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError, DeletedError
   */
  editMessage(message: Ref, body: string): Promise<Message>;
  /**
   * Deletes a message of the viewer's, or anyone's in a room that the viewer moderates. Its text is
   * gone for good; an empty message stays in its place.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError
   */
  deleteMessage(message: Ref): Promise<Message>;
  /**
   * Reacts to a message.
   *
   * @param emoji exactly one
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError, DeletedError,
   * LimitReachedError
   */
  addReaction(message: Ref, emoji: string): Promise<Message>;
  /**
   * Takes back a reaction of the viewer's.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAMemberError, DeletedError
   */
  removeReaction(message: Ref, emoji: string): Promise<Message>;
  /**
   * Pins a message for all members.
   *
   * @throws NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError, DeletedError,
   * LimitReachedError
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
      return repeatSafely(
        async () =>
          unwrap((await execute(EditMessageDocument, { input })).editMessage).editedMessage,
      );
    },
    deleteMessage(message) {
      const input = { messageId: idOf(message) };
      return repeatSafely(
        async () =>
          unwrap((await execute(DeleteMessageDocument, { input })).deleteMessage).deletedMessage,
      );
    },
    addReaction(message, emoji) {
      const input = { messageId: idOf(message), emoji };
      return repeatSafely(
        async () =>
          unwrap((await execute(AddReactionDocument, { input })).addReaction).reactedMessage,
      );
    },
    removeReaction(message, emoji) {
      const input = { messageId: idOf(message), emoji };
      return repeatSafely(
        async () =>
          unwrap((await execute(RemoveReactionDocument, { input })).removeReaction).reactedMessage,
      );
    },
    pinMessage(message) {
      const input = { messageId: idOf(message) };
      return repeatSafely(
        async () => unwrap((await execute(PinMessageDocument, { input })).pinMessage).pinnedMessage,
      );
    },
    unpinMessage(message) {
      const input = { messageId: idOf(message) };
      return repeatSafely(
        async () =>
          unwrap((await execute(UnpinMessageDocument, { input })).unpinMessage).unpinnedMessage,
      );
    },
  };
}
