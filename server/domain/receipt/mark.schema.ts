import { builder, viewerDependent } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidInputError,
  NotAuthenticatedError,
  NotFoundError,
  OverloadedError,
} from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError } from "../room/room.errors.ts";
import type { MarkRecord } from "./mark.record.ts";
import { MembershipType } from "../conversation/conversation.schema.ts";
import { OwnMarkType } from "./receipt.schema.ts";

const MarkReadInput = builder.inputType("MarkReadInput", {
  description: "Your read position.",
  fields: (t) => ({
    conversationId: t.id({
      required: true,
      description: "Global id of one of your conversations.",
    }),
    seq: t.int({
      required: true,
      description: "The `seq` of the last message that you have read.",
    }),
  }),
});
const MarkUnreadInput = builder.inputType("MarkUnreadInput", {
  description: "The messages to mark as unread.",
  fields: (t) => ({
    conversationId: t.id({
      required: true,
      description: "Global id of one of your conversations.",
    }),
    seq: t.int({
      required: true,
      description: "The `seq` of the first message to mark as unread.",
    }),
  }),
});
const DeliveredMarkInput = builder.inputType("DeliveredMarkInput", {
  description: "Delivery of a conversation's messages to this device.",
  fields: (t) => ({
    conversationId: t.id({
      required: true,
      description: "Global id of one of your conversations.",
    }),
    seq: t.int({ required: true, description: "The `seq` of the last message received." }),
  }),
});
const MarkDeliveredInput = builder.inputType("MarkDeliveredInput", {
  description:
    'What has reached this device: `{ marks: [{ conversationId: "Q29udmV…", seq: 12 }] }`.',
  fields: (t) => ({
    marks: t.field({
      type: [DeliveredMarkInput],
      required: true,
      description: "1 to 100 conversations; tell of many at once.",
    }),
  }),
});

const movedPayload = (name: string, description: string) =>
  builder.objectRef<{ mark: MarkRecord }>(name).implement({
    description,
    fields: (t) => ({
      membership: t.field({
        ...viewerDependent,
        type: MembershipType,
        description: "Your membership with the new mark. Depends on the viewer.",
        resolve: async ({ mark }, _args, context) => {
          const found = await context.loaders.viewerMembership.load(mark.conversationId);
          if (found === null) throw new NotAMemberError();
          return found;
        },
      }),
      mark: t.expose("mark", { type: OwnMarkType, description: "The new mark, with its counts." }),
      unreadCount: t.int({
        description: "Your unread counts here.",
        resolve: ({ mark }) => mark.counted - mark.readCount,
      }),
    }),
  });

const MarkReadPayload = movedPayload(
  "MarkReadPayload",
  "The read mark is at the requested message or later.",
);
const MarkUnreadPayload = movedPayload(
  "MarkUnreadPayload",
  "The read mark is before the given message.",
);
const MarkDeliveredPayload = builder
  .objectRef<{ marks: MarkRecord[] }>("MarkDeliveredPayload")
  .implement({
    description: "The marks are at the requested messages or later.",
    fields: (t) => ({
      marks: t.expose("marks", {
        type: [OwnMarkType],
        description: "The marks, except those of conversations of which you are not a member.",
      }),
    }),
  });

builder.mutationFields((t) => ({
  markRead: t.field({
    type: MarkReadPayload,
    args: {
      input: t.arg({ type: MarkReadInput, required: true, description: "Your read position." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        NotAMemberError,
        OverloadedError,
      ],
      union: { name: "MarkReadResult", description: "Result of `markRead`." },
    },
    description:
      "Marks messages as read up to a `seq`. The mark never moves back and never past the newest message.",
    resolve: async (_parent, { input }, context) => ({
      mark: await context.services.receipts.markRead(requireViewer(context.viewer).user, {
        conversationId: requireId("Conversation", input.conversationId, "conversationId"),
        seq: input.seq,
      }),
    }),
  }),
  markUnread: t.field({
    type: MarkUnreadPayload,
    args: {
      input: t.arg({
        type: MarkUnreadInput,
        required: true,
        description: "The first message to mark as unread.",
      }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        NotAMemberError,
      ],
      union: { name: "MarkUnreadResult", description: "Result of `markUnread`." },
    },
    description:
      "Marks messages as unread from a `seq` on, including your own. The mark never moves forward.",
    resolve: async (_parent, { input }, context) => ({
      mark: await context.services.receipts.markUnread(requireViewer(context.viewer).user, {
        conversationId: requireId("Conversation", input.conversationId, "conversationId"),
        seq: input.seq,
      }),
    }),
  }),
  markDelivered: t.field({
    type: MarkDeliveredPayload,
    args: {
      input: t.arg({
        type: MarkDeliveredInput,
        required: true,
        description: "The delivered messages.",
      }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, OverloadedError],
      union: { name: "MarkDeliveredResult", description: "Result of `markDelivered`." },
    },
    description:
      "Reports that messages have reached this device, for several conversations. Read messages count as delivered.",
    resolve: async (_parent, { input }, context) => ({
      marks: await context.services.receipts.markDelivered(
        requireViewer(context.viewer).user,
        input.marks.map(({ conversationId, seq }, index) => ({
          conversationId: requireId(
            "Conversation",
            conversationId,
            `marks.${String(index)}.conversationId`,
          ),
          seq,
        })),
      ),
    }),
  }),
}));
