import { eventType } from "../event/event-interface.schema.ts";
import { RoomType } from "./room.schema.ts";
import { roomCreated, roomHidden, roomUpdated } from "./room.events.ts";

eventType(roomCreated, {
  description:
    "A room was created. All users receive the event of a public room, its members that of a private one.",
  fields: (t) => ({
    room: t.field({
      type: RoomType,
      description: "The room.",
      resolve: (event) => event.payload.room,
    }),
  }),
});

eventType(roomUpdated, {
  description:
    "A room changed. All users receive the event of a public room, including one that has just become public. Only members receive that of a private room.",
  fields: (t) => ({
    room: t.field({
      type: RoomType,
      description: "The current room.",
      resolve: (event) => event.payload.room,
    }),
  }),
});
eventType(roomHidden, {
  description:
    "A public room has become private, so non-members may no longer know of it. Its members then receive `RoomUpdated`.",
});
