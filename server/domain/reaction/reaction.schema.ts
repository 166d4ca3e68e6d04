import { builder, viewerDependent } from "../../graphql/builder.ts";
import { type InputFields, mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { requireId } from "../../graphql/node.ts";
import {
  DeletedError,
  LimitReachedError,
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

const reactionInput = (t: InputFields) => ({
  messageId: t.id({ required: true, description: "Global id of the message." }),
  emoji: t.string({ required: true, description: "Exactly one emoji." }),
});

const reactedPayload = (t: PayloadFields<MessageUpdated>) => ({
  reactedMessage: t.expose("message", {
    type: MessageType,
    description: "The message with its current reactions.",
  }),
  cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
});

mutation({
  name: "addReaction",
  description: "Reacts to a message with an emoji. Repeating it has no effect.",
  input: {
    description: 'The message and the emoji: `{ messageId: "TWVzc2FnZTo…", emoji: "🎉" }`.',
    fields: reactionInput,
  },
  payload: { description: "Your reaction is stored.", fields: reactedPayload },
  errors: [
    NotFoundError,
    BannedError,
    NotAMemberError,
    ArchivedError,
    MutedError,
    DeletedError,
    LimitReachedError,
    RateLimitedError,
  ],
  resolve: ({ input, viewer, services }) => {
    const messageId = requireId("Message", input.messageId, "messageId");
    return services.reactions.set(viewer.user, messageId, input.emoji, true);
  },
});

mutation({
  name: "removeReaction",
  description: "Removes one of your reactions. Repeating it has no effect.",
  input: { description: "The reaction to remove.", fields: reactionInput },
  payload: { description: "Your reaction is removed.", fields: reactedPayload },
  errors: [
    NotFoundError,
    BannedError,
    NotAMemberError,
    ArchivedError,
    DeletedError,
    RateLimitedError,
  ],
  resolve: ({ input, viewer, services }) => {
    const messageId = requireId("Message", input.messageId, "messageId");
    return services.reactions.set(viewer.user, messageId, input.emoji, false);
  },
});
