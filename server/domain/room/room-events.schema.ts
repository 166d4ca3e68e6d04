import { builder } from "../../graphql/builder.ts";
import { globalId } from "../../graphql/node.ts";
import {
  conversationIdField,
  EventInterface,
  type EventOf,
} from "../event/event-interface.schema.ts";
import { RoomType } from "./room.schema.ts";

builder.objectRef<EventOf<"ROOM_CREATED">>("RoomCreated").implement({
  description:
    "A room was created. All users receive the event of a public room, its members that of a private one.",
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

builder.objectRef<EventOf<"ROOM_UPDATED">>("RoomUpdated").implement({
  description:
    "A room is different now. Of a public one everybody hears, also when it has just become public; of a private one its members.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.room.id),
    }),
    room: t.field({
      type: RoomType,
      description: "The current room.",
      resolve: (event) => event.payload.room,
    }),
  }),
});
builder.objectRef<EventOf<"ROOM_HIDDEN">>("RoomHidden").implement({
  description:
    "A public room has become private, so non-members may no longer know of it. Its members then receive `RoomUpdated`.",
  interfaces: [EventInterface],
  fields: (t) => ({
    conversationId: t.id({
      ...conversationIdField,
      resolve: (event) => globalId("Conversation", event.payload.roomId),
    }),
  }),
});
