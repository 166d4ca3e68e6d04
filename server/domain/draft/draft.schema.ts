import { builder, viewerDependent } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { countOf, fromListCursor, paginate, toListCursor } from "../../graphql/connection.ts";
import { globalId, optionalId, requireId } from "../../graphql/node.ts";
import { NotFoundError, RateLimitedError } from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { StaleDraftError } from "./draft.errors.ts";
import { BannedError } from "../room/room.errors.ts";
import { ViewerType } from "../session/session.schema.ts";
import { ConversationInterface } from "../conversation/conversation.schema.ts";
import { MessageType } from "../message/message.schema.ts";
import type { DraftRecord, DraftSaved } from "./draft.service.ts";

export const DraftType = builder.objectRef<DraftRecord>("Draft").implement({
  description: "A text that you have written but not sent. Only you can see it.",
  fields: (t) => ({
    conversationId: t.id({
      description: "Global id of its conversation.",
      resolve: ({ conversationId }) => globalId("Conversation", conversationId),
    }),
    threadRootId: t.id({
      nullable: true,
      description: "Global id of the root message of its thread.",
      resolve: ({ threadRootId }) =>
        threadRootId === null ? null : globalId("Message", threadRootId),
    }),
    replyToId: t.id({
      nullable: true,
      description: "Global id of the message that it replies to.",
      resolve: ({ replyToId }) => (replyToId === null ? null : globalId("Message", replyToId)),
    }),
    body: t.exposeString("body", { description: "The text, unchanged." }),
    updatedAt: t.expose("updatedAt", {
      type: "DateTime",
      description: "Time of the last change.",
    }),
    version: t.expose("position", {
      type: "Cursor",
      description:
        "Changes with the text. Pass it to `saveDraft` as `baseVersion`, so that a device that was offline overwrites nothing newer.",
    }),
  }),
});

function positionOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  return countOf(fromListCursor(cursor, 1)[0], Number.MAX_SAFE_INTEGER);
}

builder.interfaceField(ConversationInterface, "viewerDraft", (t) =>
  t.field({
    ...viewerDependent,
    type: DraftType,
    nullable: true,
    description:
      "Your unsent text here, outside threads; the same on all your devices. Depends on the viewer.",
    resolve: (conversation, _args, context) => context.loaders.draft.load(conversation.id),
  }),
);

builder.objectField(MessageType, "viewerDraft", (t) =>
  t.field({
    ...viewerDependent,
    type: DraftType,
    nullable: true,
    description: "Your draft for the thread of this message. Depends on the viewer.",
    resolve: (message, _args, context) => context.loaders.draft.load(message.id),
  }),
);

builder.objectField(ViewerType, "drafts", (t) =>
  t.connection(
    {
      type: DraftType,
      description:
        "Your unsent texts in the conversations of which you are a member, last changed first.",
      resolve: (viewer, args, context) =>
        paginate(
          {
            args,
            defaultSize: 50,
            maxSize: context.services.server.facts.pageSize,
            toCursor: (draft: DraftRecord) => toListCursor(draft.position),
            toNode: (draft) => draft,
          },
          ({ before, after, limit, inverted }) =>
            context.services.drafts.page(viewer.user.id, {
              before: positionOf(before),
              after: positionOf(after),
              limit,
              inverted,
            }),
        ),
    },
    { name: "DraftConnection", description: "A page of drafts." },
    { name: "DraftEdge", description: "A draft and its cursor in the list." },
  ),
);

mutation({
  name: "saveDraft",
  description:
    "Saves your text for all your devices: one draft for each conversation and thread; the last save wins. Sending does not clear it, so save an empty draft afterwards.",
  input: {
    description:
      'Your unsent text: `{ conversationId: "Q29udmVyc2F0aW9uOi…", body: "to be contin" }`.',
    fields: (t) => ({
      conversationId: t.id({
        required: true,
        description: "Global id of one of your conversations.",
      }),
      threadRootId: t.id({
        description: "Global id of the root message of its thread.",
      }),
      replyToId: t.id({ description: "Global id of the message that it replies to." }),
      body: t.string({
        required: true,
        description:
          "The text, at most `server.limits.messageLength` long; an empty one clears the draft.",
      }),
      baseVersion: t.field({
        type: "Cursor",
        description:
          "The `version` of the draft that you edited, null if there was none. If the stored version differs, nothing is saved and the result is `STALE_DRAFT`. If omitted, the draft is replaced in any case.",
      }),
    }),
  },
  payload: {
    description: "All your devices now have the same draft.",
    fields: (t: PayloadFields<DraftSaved>) => ({
      draft: t.expose("draft", {
        type: DraftType,
        nullable: true,
        description: "The current draft; null if it is cleared.",
      }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  },
  errors: [NotFoundError, BannedError, NotAMemberError, StaleDraftError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.drafts.save(viewer.user.id, {
      conversationId: requireId("Conversation", input.conversationId, "conversationId"),
      threadRootId: optionalId("Message", input.threadRootId, "threadRootId"),
      replyToId: optionalId("Message", input.replyToId, "replyToId"),
      body: input.body,
      base: input.baseVersion,
    }),
});
