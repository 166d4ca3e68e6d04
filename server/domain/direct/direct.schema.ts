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
      "A conversation between a fixed set of users: two, a few more, or you alone with your notes. Only its participants can see it, and they never change.",
    // The fields of the last interface win, so `id` is the conversation's id.
    interfaces: [builder.nodeInterfaceRef(), ConversationInterface],
    fields: (t) => ({
      participants: t.expose("participants", {
        type: [UserType],
        description:
          "All participants, including you: always the same users, at most `server.limits.directPeople`. `members` contains only the participants who have it in their list; from the first message on, it contains all.",
      }),
    }),
  });

mutation({
  name: "openDirectMessage",
  description:
    "Opens the conversation between exactly these users and you, and creates it on first use. The others receive it with the first message.",
  input: {
    description: 'The participants: `{ userIds: ["VXNlcjo…"] }`.',
    fields: (t) => ({
      userIds: t.idList({
        required: true,
        description:
          "Global ids of users, in any order. You are always a participant, whether listed or not. Without other users, it is your own notebook.",
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
