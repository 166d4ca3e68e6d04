import { builder } from "../../graphql/builder.ts";
import { globalId, requireId } from "../../graphql/node.ts";
import { streamField } from "../../graphql/stream-field.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { iterateSignals } from "../../signal/signal-iterator.ts";
import type { ActivitySignal } from "../../signal/signal.ts";
import { typeNameOf } from "../event/event-interface.schema.ts";

export const ActivityInterface = builder.interfaceRef<ActivitySignal>("Activity").implement({
  description:
    "A current activity of a user in a conversation. It is not stored; only the latest of one type and one user counts.",
  resolveType: (signal) => typeNameOf(signal.type),
  fields: (t) => ({
    conversationId: t.id({
      description: "Global id of the conversation.",
      resolve: (signal) => globalId("Conversation", signal.payload.conversationId),
    }),
  }),
});

builder.subscriptionField("activity", (t) =>
  t.field({
    type: ActivityInterface,
    args: {
      conversationId: t.arg.id({
        required: true,
        description: "Global id of a conversation of which you are a member.",
      }),
    },
    description:
      "The signals of a conversation: select `__typename`, and the fields of each type, such as `... on TypingChanged`. It starts with the current state and replays nothing. It ends when you are no longer a member.",
    ...streamField<{ conversationId: string }, ActivitySignal>({
      isState: true,
      iterate: iterateSignals,
      prepare: (args, context) => {
        const viewerId = requireViewer(context.viewer).user.id;
        const conversationId = requireId("Conversation", args.conversationId, "conversationId");
        return (sink) => context.services.activity.open(viewerId, conversationId, sink);
      },
    }),
  }),
);
