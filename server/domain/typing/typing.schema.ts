import { builder, viewerDependent } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { requireId } from "../../graphql/node.ts";
import { NotFoundError, RateLimitedError } from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError } from "../room/room.errors.ts";
import type { SignalOf } from "../../signal/signal.ts";
import { ActivityInterface } from "../activity/activity.schema.ts";
import { ConversationInterface } from "../conversation/conversation.schema.ts";
import { UserType } from "../user/user.schema.ts";

builder.objectRef<SignalOf<"TYPING_CHANGED">>("TypingChanged").implement({
  description:
    "A user started or stopped typing: after six seconds without a repetition, or because their message was sent. You do not receive your own.",
  interfaces: [ActivityInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "The user.",
      resolve: (signal) => signal.payload.user,
    }),
    typing: t.boolean({
      description: "Whether the user is typing.",
      resolve: (signal) => signal.payload.typing,
    }),
  }),
});

builder.interfaceField(ConversationInterface, "typing", (t) =>
  t.field({
    ...viewerDependent,
    type: [UserType],
    description:
      "Users currently typing, excluding you; empty if you are not a member. Depends on the viewer.",
    resolve: async (conversation, _args, context) => {
      const membership = await context.loaders.viewerMembership.load(conversation.id);
      return membership === null
        ? []
        : context.services.typing.others(conversation.id, membership.user.id);
    },
  }),
);

mutation({
  name: "setTyping",
  description:
    "Shows the other members that you are typing. It ends after six seconds and when you send a message.",
  input: {
    description: "The conversation and whether you are typing.",
    fields: (t) => ({
      conversationId: t.id({ required: true, description: "Global id of the conversation." }),
      typing: t.boolean({
        required: true,
        description:
          "True while you type: repeat it every few seconds. False when you stop without sending.",
      }),
    }),
  },
  payload: {
    description: "The other members see it.",
    fields: (t: PayloadFields<{ typing: boolean; expiresInMs: number }>) => ({
      typing: t.exposeBoolean("typing", { description: "Whether you appear as typing." }),
      expiresInMs: t.exposeInt("expiresInMs", {
        description: "Milliseconds until typing ends without a repetition; 0 after you stop.",
      }),
    }),
  },
  errors: [NotFoundError, BannedError, NotAMemberError, RateLimitedError],
  resolve: async ({ input, viewer, services }) => {
    const conversationId = requireId("Conversation", input.conversationId, "conversationId");
    const expiresInMs = await services.typing.set(viewer.user, conversationId, input.typing);
    return { typing: input.typing, expiresInMs };
  },
});
