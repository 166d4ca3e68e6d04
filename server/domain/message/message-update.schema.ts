import { builder, viewerDependent } from "../../graphql/builder.ts";
import { type InputFields, mutation, type PayloadFields } from "../../graphql/mutation.ts";
import {
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  DeletedError,
  LimitReachedError,
  NotAllowedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import { ArchivedError } from "../conversation/conversation.errors.ts";
import { BannedError, MutedError } from "../room/room.errors.ts";
import { ConversationInterface } from "../conversation/conversation.schema.ts";
import type { MessageUpdated, EditKey, EditRecord } from "./message-update.service.ts";
import { MessageType } from "./message.schema.ts";

const MessageEditType = builder.objectRef<EditRecord>("MessageEdit").implement({
  description: "A former text of a message.",
  fields: (t) => ({
    body: t.exposeString("body", { description: "The text before the edit." }),
    editedAt: t.expose("editedAt", { type: "DateTime", description: "When it was replaced." }),
  }),
});

function editKey(cursor: string | undefined): EditKey | undefined {
  if (cursor === undefined) return undefined;
  const [editedAt, id] = fromListCursor(cursor, 2);
  return { editedAt: dateOf(editedAt), id: uuidOf(id) };
}

builder.objectFields(MessageType, (t) => ({
  editedAt: t.expose("editedAt", {
    type: "DateTime",
    nullable: true,
    description: "When its text was last edited; null if never.",
  }),
  deletedAt: t.expose("deletedAt", {
    type: "DateTime",
    nullable: true,
    description:
      "When it was deleted; null if it was not. A deleted message has an empty text everywhere.",
  }),
  pinnedAt: t.expose("pinnedAt", {
    type: "DateTime",
    nullable: true,
    description: "When it was pinned; null if it is not pinned.",
  }),
  edits: t.connection(
    {
      ...viewerDependent,
      type: MessageEditType,
      description:
        "Its former texts, latest first: `edits(first: 5) { edges { node { body editedAt } } }`. Only for its author and moderators; other users receive the error `NOT_ALLOWED`. Depends on the viewer.",
      resolve: async (message, args, context) => {
        requireViewer(context.viewer);
        const rights = await context.loaders.messageRights.load(message.id);
        return paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: (edit: EditRecord) => toListCursor(edit.editedAt.toISOString(), edit.id),
            toNode: (edit) => edit,
          },
          ({ before, after, limit, inverted }) =>
            context.services.messageUpdates.edits(rights, message, {
              before: editKey(before),
              after: editKey(after),
              limit,
              inverted,
            }),
        );
      },
    },
    { name: "MessageEditConnection", description: "A page of former texts." },
    { name: "MessageEditEdge", description: "A former text and its cursor in the list." },
  ),
}));

builder.interfaceField(ConversationInterface, "pinnedMessages", (t) =>
  t.field({
    ...viewerDependent,
    type: [MessageType],
    description:
      "The pinned messages, last pinned first; at most 50. Empty if you may not read the conversation. Depends on the viewer.",
    resolve: async (conversation, _args, context) => [
      ...(await context.loaders.pinned.load(conversation.id)),
    ],
  }),
);

const messageInput = (t: InputFields) => ({
  messageId: t.id({ required: true, description: "Global id of the message." }),
});

const changedPayload =
  <F extends string>(field: F) =>
  (t: PayloadFields<MessageUpdated>) => ({
    [field]: t.expose("message", { type: MessageType, description: "The current message." }),
    cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
  });

mutation({
  name: "editMessage",
  description: "Edits one of your messages. The former text stays in `edits`.",
  input: {
    description:
      'The message and its new text: `{ messageId: "TWVzc2FnZTo…", body: "better said" }`.',
    fields: (t) => ({
      messageId: t.id({ required: true, description: "Global id of one of your messages." }),
      body: t.string({
        required: true,
        description: "The new text, at most `server.limits.messageLength` characters.",
      }),
    }),
  },
  payload: {
    description: "The message has your new text.",
    fields: changedPayload("editedMessage"),
  },
  errors: [NotFoundError, BannedError, NotAllowedError, ArchivedError, MutedError, DeletedError],
  resolve: ({ input, viewer, services }) => {
    const messageId = requireId("Message", input.messageId, "messageId");
    return services.messageUpdates.edit(viewer.user, messageId, input.body);
  },
});

mutation({
  name: "deleteMessage",
  description:
    "Deletes one of your messages, or any message in a room that you moderate. Administrators can delete any message. Repeating it has no effect.",
  input: { description: "The message to delete.", fields: messageInput },
  payload: {
    description: "The text is permanently deleted; an empty message remains.",
    fields: changedPayload("deletedMessage"),
  },
  errors: [NotFoundError, BannedError, NotAllowedError],
  resolve: ({ input, viewer, services, context }) =>
    services.messageUpdates.remove(
      viewer.user,
      requireId("Message", input.messageId, "messageId"),
      context,
    ),
});

mutation({
  name: "pinMessage",
  description:
    "Pins a message for all members, in a room that you moderate or in a direct conversation.",
  input: { description: "The message to pin.", fields: messageInput },
  payload: { description: "The message is pinned.", fields: changedPayload("pinnedMessage") },
  errors: [
    NotFoundError,
    BannedError,
    NotAllowedError,
    ArchivedError,
    MutedError,
    DeletedError,
    LimitReachedError,
  ],
  resolve: ({ input, viewer, services }) =>
    services.messageUpdates.pin(
      viewer.user,
      requireId("Message", input.messageId, "messageId"),
      true,
    ),
});

mutation({
  name: "unpinMessage",
  description: "Unpins a message.",
  input: { description: "The message to unpin.", fields: messageInput },
  payload: {
    description: "The message is no longer pinned.",
    fields: changedPayload("unpinnedMessage"),
  },
  errors: [NotFoundError, BannedError, NotAllowedError, ArchivedError, MutedError, DeletedError],
  resolve: ({ input, viewer, services }) =>
    services.messageUpdates.pin(
      viewer.user,
      requireId("Message", input.messageId, "messageId"),
      false,
    ),
});
