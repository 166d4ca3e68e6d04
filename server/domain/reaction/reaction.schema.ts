import { builder, viewerDependent } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  DeletedError,
  InvalidInputError,
  LimitReachedError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError, MutedError } from "../room/room.errors.ts";
import type { ReactionGroupRecord } from "./reaction.record.ts";
import { MessageType } from "../message/message.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { MessageUpdated } from "./reaction.service.ts";

type GroupOfMessage = ReactionGroupRecord & { messageId: string };

const ReactionGroupType = builder.objectRef<GroupOfMessage>("ReactionGroup").implement({
  description: "The reactions to a message with one emoji.",
  fields: (t) => ({
    emoji: t.exposeString("emoji", { description: "The emoji." }),
    count: t.exposeInt("count", { description: "Number of users." }),
    users: t.expose("users", {
      type: [UserType],
      description: "The first three users who reacted, in order.",
    }),
    viewerReacted: t.boolean({
      ...viewerDependent,
      description: "Whether you reacted with it. Depends on the viewer.",
      resolve: async (group, _args, context) =>
        (await context.loaders.ownReactions.load(group.messageId)).has(group.emoji),
    }),
  }),
});

builder.objectField(MessageType, "reactions", (t) =>
  t.field({
    type: [ReactionGroupType],
    description:
      "The reactions, by emoji, the first one given first; at most 50: `reactions { emoji count viewerReacted }`.",
    resolve: (message) => message.reactions.map((group) => ({ ...group, messageId: message.id })),
  }),
);

const reactionInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      messageId: t.id({ required: true, description: "Global id of the message." }),
      emoji: t.string({ required: true, description: "Exactly one emoji." }),
    }),
  });

const reactedPayload = (name: string, description: string) =>
  builder.objectRef<MessageUpdated>(name).implement({
    description,
    fields: (t) => ({
      reactedMessage: t.expose("message", {
        type: MessageType,
        description: "The message with its current reactions.",
      }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  });

const AddReactionInput = reactionInput(
  "AddReactionInput",
  'What to react to, and how: `{ messageId: "TWVzc2FnZTo…", emoji: "🎉" }`.',
);
const RemoveReactionInput = reactionInput("RemoveReactionInput", "The reaction to remove.");
const AddReactionPayload = reactedPayload("AddReactionPayload", "Your reaction is stored.");
const RemoveReactionPayload = reactedPayload("RemoveReactionPayload", "Your reaction is removed.");

builder.mutationFields((t) => ({
  addReaction: t.field({
    type: AddReactionPayload,
    args: {
      input: t.arg({ type: AddReactionInput, required: true, description: "The reaction." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        NotAMemberError,
        ArchivedError,
        MutedError,
        DeletedError,
        LimitReachedError,
        RateLimitedError,
      ],
      union: { name: "AddReactionResult", description: "Result of `addReaction`." },
    },
    description: "Reacts to a message with an emoji. Repeating it has no effect.",
    resolve: (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const messageId = requireId("Message", input.messageId, "messageId");
      return context.services.reactions.set(user, messageId, input.emoji, true);
    },
  }),
  removeReaction: t.field({
    type: RemoveReactionPayload,
    args: {
      input: t.arg({ type: RemoveReactionInput, required: true, description: "The reaction." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        NotAMemberError,
        ArchivedError,
        DeletedError,
        RateLimitedError,
      ],
      union: { name: "RemoveReactionResult", description: "Result of `removeReaction`." },
    },
    description: "Removes one of your reactions. Repeating it has no effect.",
    resolve: (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const messageId = requireId("Message", input.messageId, "messageId");
      return context.services.reactions.set(user, messageId, input.emoji, false);
    },
  }),
}));
