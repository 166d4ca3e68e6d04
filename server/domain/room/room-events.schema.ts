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
