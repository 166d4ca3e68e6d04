import { builder } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { streamField } from "../../graphql/stream-field.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { StreamEvent } from "../../log/event.ts";
import { iterateStream } from "../../log/stream-iterator.ts";
import type { StreamRequest } from "../../log/stream.ts";
import { EventInterface, eventTypes, typeNameOf } from "./event-interface.schema.ts";

/** Defines the enum from the event types of all slices, so their schema files must have been imported. */
const defineEventTypeEnum = () =>
  builder.enumType("EventType", {
    description: "The types of events by which a stream can be filtered.",
    values: Object.fromEntries(
      eventTypes.map((type) => [
        type,
        { description: `Events of the type \`${typeNameOf(type)}\`.` },
      ]),
    ),
  });

interface EventsArguments {
  after?: number | null;
  conversationIds?: readonly string[] | null;
  types?: readonly string[] | null;
}

/** Converts the arguments of a subscription to a stream request. */
function toStreamRequest(userId: string, args: EventsArguments): Omit<StreamRequest, "sink"> {
  const conversationIds = args.conversationIds?.map((id) =>
    requireId("Conversation", id, "conversationIds"),
  );
  return {
    userId,
    after: args.after ?? null,
    conversationIds: conversationIds === undefined ? null : new Set(conversationIds),
    types: args.types === undefined || args.types === null ? null : new Set(args.types),
  };
}

builder.subscriptionField("events", (t) =>
  t.field({
    type: EventInterface,
    args: {
      after: t.arg({
        type: "Cursor",
        description:
          "The last cursor that you received. The stream first replays the events since then. By default, it starts with live events.",
      }),
      conversationIds: t.arg.idList({ description: "Only events of these conversations." }),
      types: t.arg({ type: [defineEventTypeEnum()], description: "Only events of these types." }),
    },
    description:
      "All durable events that you may see, each once, in the same order on every instance: `subscription { events { __typename cursor } }`. The first event is always `Ready`.",
    ...streamField<EventsArguments, StreamEvent>({
      isState: false,
      iterate: iterateStream,
      prepare: (args, context) => {
        const { log } = context.services;
        const request = toStreamRequest(requireViewer(context.viewer).user.id, args);
        return (sink) => log.openStream({ ...request, sink });
      },
    }),
  }),
);
