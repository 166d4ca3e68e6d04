import { builder, viewerDependent } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  BannedError,
  InvalidInputError,
  NotAMemberError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import type { SignalOf } from "../../signal/signal.ts";
import { ActivityInterface } from "../activity/activity.schema.ts";
import { ConversationInterface } from "../conversation/conversation.schema.ts";
import { UserType } from "../user/user.schema.ts";

builder.objectRef<SignalOf<"TYPING_CHANGED">>("TypingChanged").implement({
  description:
    "Somebody began to type, or no longer does: for six seconds without a word of it, or because their message came. You are not told of yourself.",
  interfaces: [ActivityInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "Who.",
      resolve: (signal) => signal.payload.user,
    }),
    typing: t.boolean({
      description: "Whether they type now.",
      resolve: (signal) => signal.payload.typing,
    }),
  }),
});

builder.interfaceField(ConversationInterface, "typing", (t) =>
  t.field({
    ...viewerDependent,
    type: [UserType],
    description:
      "Who types at this moment, without you; nobody where you are not a member. Depends on the viewer.",
    resolve: async (conversation, _args, context) => {
      const membership = await context.loaders.viewerMembership.load(conversation.id);
      return membership === null
        ? []
        : context.services.typing.others(conversation.id, membership.user.id);
    },
  }),
);

const SetTypingInput = builder.inputType("SetTypingInput", {
  description: "Where you type, or no longer do.",
  fields: (t) => ({
    conversationId: t.id({ required: true, description: "Global id of the conversation." }),
    typing: t.boolean({
      required: true,
      description:
        "True while you type: say it again every few seconds. False when you stop without sending.",
    }),
  }),
});

const SetTypingPayload = builder
  .objectRef<{ typing: boolean; expiresInMs: number }>("SetTypingPayload")
  .implement({
    description: "The others see it.",
    fields: (t) => ({
      typing: t.exposeBoolean("typing", { description: "Whether you are shown as typing." }),
      expiresInMs: t.exposeInt("expiresInMs", {
        description: "Milliseconds until that ends unless you say it again; 0 when you stopped.",
      }),
    }),
  });

builder.mutationField("setTyping", (t) =>
  t.field({
    type: SetTypingPayload,
    args: {
      input: t.arg({ type: SetTypingInput, required: true, description: "Where, and whether." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        NotAMemberError,
        RateLimitedError,
      ],
      union: { name: "SetTypingResult", description: "What comes of `setTyping`." },
    },
    description:
      "Shows the other members that you type. It ends by itself after six seconds, and when you send a message.",
    resolve: async (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const conversationId = requireId("Conversation", input.conversationId, "conversationId");
      const expiresInMs = await context.services.typing.set(user, conversationId, input.typing);
      return { typing: input.typing, expiresInMs };
    },
  }),
);
