import { builder } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { requireId } from "../../graphql/node.ts";
import { NotFoundError, RateLimitedError } from "../../kernel/errors.ts";
import { BlockedError } from "../block/block.errors.ts";
import type { DirectRecord } from "./direct.record.ts";
import { ConversationInterface } from "../conversation/conversation.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { Opened } from "./direct.service.ts";

export const DirectConversationType = builder
  .objectRef<DirectRecord>("DirectConversation")
  .implement({
    description:
      "A conversation between a fixed set of users: two, a few more, or you alone with your notes. Only they know of it, and no one joins or leaves.",
    // The fields of the last interface win, so `id` is the conversation's id.
    interfaces: [builder.nodeInterfaceRef(), ConversationInterface],
    fields: (t) => ({
      participants: t.expose("participants", {
        type: [UserType],
        description:
          "Who it is between, you included: always the same people, at most `server.limits.directPeople`. `members` are those of them who have it in their list; with the first message all are.",
      }),
    }),
  });

mutation({
  name: "openDirectMessage",
  description:
    "Opens the conversation between exactly these users and you, and creates it on first use. The others receive it with the first message.",
  input: {
    description: 'Whom to talk to: `{ userIds: ["VXNlcjo…"] }`.',
    fields: (t) => ({
      userIds: t.idList({
        required: true,
        description:
          "Global ids of people, in any order; you are one of them whether named or not. Nobody else: a notebook of your own.",
      }),
    }),
  },
  payload: {
    description: "The conversation is in your list.",
    fields: (t: PayloadFields<Opened>) => ({
      conversation: t.expose("conversation", {
        type: DirectConversationType,
        description: "The one conversation of these users.",
      }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the opening." }),
    }),
  },
  errors: [NotFoundError, BlockedError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.directs.open(
      viewer.user,
      input.userIds.map((id) => requireId("User", id, "userIds")),
    ),
});
