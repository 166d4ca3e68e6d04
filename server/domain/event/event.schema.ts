import type { GraphQLResolveInfo } from "graphql";
import { builder } from "../../graphql/builder.ts";
import type { Context } from "../../graphql/context.ts";
import { makeLoaders } from "../../graphql/loaders.ts";
import { globalId, requireId } from "../../graphql/node.ts";
import {
  EVENT_TYPES,
  type ControlEvent,
  type EventTypeName,
  type LogEvent,
  type StreamEvent,
} from "../../log/event.ts";
import { iterateStream } from "../../log/stream-iterator.ts";
import type { StreamRequest } from "../../log/stream.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { ConversationInterface, MembershipType } from "../conversation/conversation.schema.ts";
import { MessageType } from "../message/message.schema.ts";
import { RoomType } from "../room/room.schema.ts";
import { UserType } from "../user/user.schema.ts";

/** The GraphQL type of each event. */
const TYPE_NAMES = {
  READY: "Ready",
  HEARTBEAT: "Heartbeat",
  EVENT_GAP: "EventGap",
  MESSAGE_SENT: "MessageSent",
  MESSAGE_EDITED: "MessageEdited",
  MESSAGE_DELETED: "MessageDeleted",
  MESSAGE_PINNED: "MessagePinned",
  MESSAGE_UNPINNED: "MessageUnpinned",
  REACTION_ADDED: "ReactionAdded",
  REACTION_REMOVED: "ReactionRemoved",
  MEMBER_JOINED: "MemberJoined",
  MEMBER_LEFT: "MemberLeft",
  ROOM_CREATED: "RoomCreated",
  SESSION_ENDED: "SessionEnded",
} as const satisfies Record<StreamEvent["type"], string>;

type EventOf<T extends StreamEvent["type"]> = Extract<StreamEvent, { type: T }>;

const EventInterface = builder.interfaceRef<StreamEvent>("Event").implement({
  description: "Something that happened. Within a stream, cursors strictly increase.",
  resolveType: (event) => TYPE_NAMES[event.type],
  fields: (t) => ({
    cursor: t.expose("position", {
      type: "Cursor",
      description:
        "How far the stream is with this event: keep it, and pass it to `events(after:)` to go on from here.",
    }),
    at: t.expose("at", { type: "DateTime", description: "When it happened." }),
  }),
});

const conversationIdField = {
  description: "Global id of the conversation that it is about.",
} as const;

builder.objectRef<EventOf<"READY">>("Ready").implement({
  description: "Always the first event: the stream is open and stands at this cursor.",
  interfaces: [EventInterface],
});
builder.objectRef<EventOf<"HEARTBEAT">>("Heartbeat").implement({
  description:
    "Nothing that you may see has happened up to this cursor. Sent now and then on a quiet stream.",
  interfaces: [EventInterface],
});

const GapReasonEnum = builder.enumType("GapReason", {
  description: "Why a stream could not go on where the client stood.",
  values: {
    TOO_LONG: { description: "Too much has happened since." },
    EXPIRED: { description: "The events since are no longer kept." },
    UNKNOWN_CURSOR: { description: "The cursor is ahead of this server's log." },
  } as const,
});

builder.objectRef<Extract<ControlEvent, { type: "EVENT_GAP" }>>("EventGap").implement({
  description:
    "Events are missing here. Refetch what you show; the stream goes on after this cursor.",
  interfaces: [EventInterface],
  fields: (t) => ({ reason: t.expose("reason", { type: GapReasonEnum, description: "Why." }) }),
});

builder.objectRef<EventOf<"MESSAGE_SENT">>("MessageSent").implement({
  description: "Somebody said something.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.topic),
    }),
    message: t.field({
      type: MessageType,
      description: "What was said.",
      resolve: (event) => event.payload.message,
    }),
  }),
});

/** What all events about a change of a message have. */
type MessageChange = EventOf<
  | "MESSAGE_EDITED"
  | "MESSAGE_DELETED"
  | "MESSAGE_PINNED"
  | "MESSAGE_UNPINNED"
  | "REACTION_ADDED"
  | "REACTION_REMOVED"
>;

const MessageChangeInterface = builder.interfaceRef<MessageChange>("MessageChange").implement({
  description: "A message was changed: whatever it was, show the message as it is here.",
  interfaces: [EventInterface],
  resolveType: (event) => TYPE_NAMES[event.type],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.topic),
    }),
    message: t.field({
      type: MessageType,
      description: "The message after the change; in a replay, as it is now.",
      resolve: (event) => event.payload.message,
    }),
  }),
});

builder.objectRef<EventOf<"MESSAGE_EDITED">>("MessageEdited").implement({
  description: "The author changed what a message says.",
  interfaces: [EventInterface, MessageChangeInterface],
});
builder.objectRef<EventOf<"MESSAGE_DELETED">>("MessageDeleted").implement({
  description: "A message was deleted: its text is gone, an empty one stays in its place.",
  interfaces: [EventInterface, MessageChangeInterface],
});
builder.objectRef<EventOf<"MESSAGE_PINNED">>("MessagePinned").implement({
  description: "A message was pinned.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "Who pinned it.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
builder.objectRef<EventOf<"MESSAGE_UNPINNED">>("MessageUnpinned").implement({
  description: "The pin was taken off a message.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "Who took it off.",
      resolve: (event) => event.payload.user,
    }),
  }),
});
builder.objectRef<EventOf<"REACTION_ADDED">>("ReactionAdded").implement({
  description: "Somebody reacted to a message.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "Who reacted.",
      resolve: (event) => event.payload.user,
    }),
    emoji: t.string({ description: "With what.", resolve: (event) => event.payload.emoji }),
  }),
});
builder.objectRef<EventOf<"REACTION_REMOVED">>("ReactionRemoved").implement({
  description: "Somebody took back a reaction.",
  interfaces: [EventInterface, MessageChangeInterface],
  fields: (t) => ({
    user: t.field({
      type: UserType,
      description: "Whose it was.",
      resolve: (event) => event.payload.user,
    }),
    emoji: t.string({ description: "The emoji.", resolve: (event) => event.payload.emoji }),
  }),
});

builder.objectRef<EventOf<"MEMBER_JOINED">>("MemberJoined").implement({
  description: "Somebody joined a conversation; perhaps you.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.membership.conversationId),
    }),
    conversation: t.field({
      type: ConversationInterface,
      description: "The conversation.",
      resolve: (event) => event.payload.conversation,
    }),
    membership: t.field({
      type: MembershipType,
      description: "Who joined, and as what.",
      resolve: (event) => event.payload.membership,
    }),
  }),
});

builder.objectRef<EventOf<"MEMBER_LEFT">>("MemberLeft").implement({
  description: "Somebody left a conversation. If it was you, nothing more of it follows.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.conversationId),
    }),
    user: t.field({
      type: UserType,
      description: "Who left.",
      resolve: (event) => event.payload.user,
    }),
  }),
});

builder.objectRef<EventOf<"ROOM_CREATED">>("RoomCreated").implement({
  description:
    "There is a new room. Of a public one everybody hears, of a private one its members.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.room.id),
    }),
    room: t.field({
      type: RoomType,
      description: "The room.",
      resolve: (event) => event.payload.room,
    }),
  }),
});

builder.objectRef<EventOf<"SESSION_ENDED">>("SessionEnded").implement({
  description: "A session of yours was ended. Only you hear of it.",
  interfaces: [EventInterface],
  fields: (t) => ({
    sessionId: t.id({
      description: "Global id of the session.",
      resolve: (event) => globalId("Session", event.payload.sessionId),
    }),
  }),
});

export const EventTypeEnum = builder.enumType("EventType", {
  description: "The types of events that a stream can be limited to.",
  values: Object.fromEntries(
    EVENT_TYPES.map((type) => [
      type,
      { description: `Events of the type \`${TYPE_NAMES[type]}\`.` },
    ]),
  ) as Record<EventTypeName, { description: string }>,
});

export interface EventsArguments {
  after?: number | null;
  conversationIds?: readonly string[] | null;
  types?: readonly EventTypeName[] | null;
}

/** What a subscription asks of the log, but for where its events go. */
export function toStreamRequest(
  userId: string,
  args: EventsArguments,
): Omit<StreamRequest, "sink"> {
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
    extensions: { eventStream: true },
    args: {
      after: t.arg({
        type: "Cursor",
        description:
          "The last cursor that you have; what happened since is sent first. Without it the stream starts now.",
      }),
      conversationIds: t.arg.idList({ description: "Only events about these conversations." }),
      types: t.arg({ type: [EventTypeEnum], description: "Only events of these types." }),
    },
    description:
      "Everything durable that you may see, in one order, each event once, on any server: `subscription { events { __typename cursor } }`. The first event is always `Ready`.",
    subscribe: (_root, args, context) => {
      const viewer = requireViewer(context.viewer);
      const { log, sessions } = context.services;
      let release = (): void => undefined;
      const events = iterateStream((sink) => {
        const stream = log.openStream({ ...toStreamRequest(viewer.user.id, args), sink });
        const close = (): void => {
          release();
          stream.close();
        };
        return { ...stream, close };
      });
      // Over HTTP there is no socket to close when the session ends, so the stream ends by itself.
      release = sessions.hold(viewer, () => void events.return?.());
      return events;
    },
    resolve: (event: unknown, _args: unknown, context: Context, _info: GraphQLResolveInfo) => {
      // Over HTTP one context serves the whole stream: what was read for one event is old at the next.
      context.loaders = makeLoaders(context.services, context.viewer);
      return event as LogEvent;
    },
  }),
);
