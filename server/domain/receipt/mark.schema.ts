import { builder, viewerDependent } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { requireId } from "../../graphql/node.ts";
import { NotFoundError, OverloadedError } from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError } from "../room/room.errors.ts";
import type { MarkRecord } from "./mark.record.ts";
import { MembershipType } from "../conversation/conversation.schema.ts";
import { OwnMarkType } from "./receipt.schema.ts";

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

const movedPayload = (t: PayloadFields<{ mark: MarkRecord }>) => ({
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
});

mutation({
  name: "markRead",
  description:
    "Marks messages as read up to a `seq`. The mark never moves back and never past the newest message.",
  input: {
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
  },
  payload: {
    description: "The read mark is at the requested message or later.",
    fields: movedPayload,
  },
  errors: [NotFoundError, BannedError, NotAMemberError, OverloadedError],
  resolve: async ({ input, viewer, services }) => ({
    mark: await services.receipts.markRead(viewer.user, {
      conversationId: requireId("Conversation", input.conversationId, "conversationId"),
      seq: input.seq,
    }),
  }),
});

mutation({
  name: "markUnread",
  description:
    "Marks messages as unread from a `seq` on, including your own. The mark never moves forward.",
  input: {
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
  },
  payload: { description: "The read mark is before the given message.", fields: movedPayload },
  errors: [NotFoundError, BannedError, NotAMemberError],
  resolve: async ({ input, viewer, services }) => ({
    mark: await services.receipts.markUnread(viewer.user, {
      conversationId: requireId("Conversation", input.conversationId, "conversationId"),
      seq: input.seq,
    }),
  }),
});

mutation({
  name: "markDelivered",
  description:
    "Reports that messages have reached this device, for several conversations. Read messages count as delivered.",
  input: {
    description:
      'The messages that have reached this device: `{ marks: [{ conversationId: "Q29udmV…", seq: 12 }] }`.',
    fields: (t) => ({
      marks: t.field({
        type: [DeliveredMarkInput],
        required: true,
        description: "1 to 100 conversations. Prefer one request for several conversations.",
      }),
    }),
  },
  payload: {
    description: "The marks are at the requested messages or later.",
    fields: (t: PayloadFields<{ marks: MarkRecord[] }>) => ({
      marks: t.expose("marks", {
        type: [OwnMarkType],
        description: "The marks, except those of conversations of which you are not a member.",
      }),
    }),
  },
  errors: [OverloadedError],
  resolve: async ({ input, viewer, services }) => ({
    marks: await services.receipts.markDelivered(
      viewer.user,
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
});
