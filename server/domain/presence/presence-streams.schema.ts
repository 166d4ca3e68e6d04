import { builder } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { streamField } from "../../graphql/stream-field.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { iterateSignals } from "../../signal/signal-iterator.ts";
import type { SignalOf } from "../../signal/signal.ts";
import { UserType } from "../user/user.schema.ts";
import { PRESENCE_USERS_LIMIT } from "./presence.service.ts";
import { PresenceType } from "./presence.schema.ts";

const PresenceChangedType = builder
  .objectRef<SignalOf<"PRESENCE_CHANGED">>("PresenceChanged")
  .implement({
    description:
      "The current presence of a user: `presence { status lastSeenAt }`. It replaces the user's earlier presence.",
    fields: (t) => ({
      user: t.field({
        type: UserType,
        description: "The user.",
        resolve: (signal) => signal.payload.user,
      }),
      presence: t.field({
        type: PresenceType,
        description: "The presence. Your own is accurate even while you are invisible.",
        resolve: (signal) => signal.payload.presence,
      }),
    }),
  });

builder.subscriptionFields((t) => {
  const people = streamField<{ userIds: readonly string[] }, SignalOf<"PRESENCE_CHANGED">>({
    isState: true,
    iterate: iterateSignals,
    prepare: (args, context) => {
      const viewerId = requireViewer(context.viewer).user.id;
      const userIds = args.userIds.map((id) => requireId("User", id, "userIds"));
      return context.services.presence.follow(viewerId, userIds);
    },
  });
  const members = streamField<{ conversationId: string }, SignalOf<"PRESENCE_CHANGED">>({
    isState: true,
    iterate: iterateSignals,
    prepare: (args, context) => {
      const viewerId = requireViewer(context.viewer).user.id;
      const conversationId = requireId("Conversation", args.conversationId, "conversationId");
      const { presence } = context.services;
      return (sink) => presence.followConversation(viewerId, conversationId, sink);
    },
  });
  return {
    presence: t.field({
      type: PresenceChangedType,
      args: {
        userIds: t.arg.idList({
          required: true,
          description: `Global ids of at most ${String(PRESENCE_USERS_LIMIT)} users, usually those on screen.`,
        }),
      },
      description: "The presence of some users: first the current state of all, then changes.",
      ...people,
    }),
    conversationPresence: t.field({
      type: PresenceChangedType,
      args: {
        conversationId: t.arg.id({
          required: true,
          description: "Global id of a conversation of which you are a member.",
        }),
      },
      description:
        "The presence of a conversation's members: first those who are online or away, then changes. It ends when you are no longer a member.",
      ...members,
    }),
  };
});
