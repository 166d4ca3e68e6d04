import { NIL_UUID } from "../../kernel/ids.ts";
import { defineEvent, shape } from "../../log/define-event.ts";
import type { InviteRecord } from "./invite.record.ts";
import type { RoomRecord } from "./room.record.ts";

/** All users know of a public room; only its members know of a private one. */
const topicOf = ({ room }: { room: RoomRecord }): string =>
  room.visibility === "PRIVATE" ? room.id : NIL_UUID;

export const roomCreated = defineEvent({
  type: "ROOM_CREATED",
  topic: topicOf,
  payload: shape<{ room: RoomRecord }>(),
  conversationOf: ({ payload }) => payload.room.id,
});

export const roomUpdated = defineEvent({
  type: "ROOM_UPDATED",
  topic: topicOf,
  payload: shape<{ room: RoomRecord }>(),
  conversationOf: ({ payload }) => payload.room.id,
});

/** A public room became private. From here on, only its members receive its earlier events. */
export const roomHidden = defineEvent({
  type: "ROOM_HIDDEN",
  topic: () => NIL_UUID,
  payload: shape<{ roomId: string }>(),
  conversationOf: ({ payload }) => payload.roomId,
  restricts: {
    events: [roomCreated, roomUpdated],
    path: ["room", "id"],
    topicOf: ({ roomId }) => roomId,
  },
});

export const inviteReceived = defineEvent({
  type: "INVITE_RECEIVED",
  topic: ({ invite }) => invite.user.id,
  payload: shape<{ invite: InviteRecord }>(),
  conversationOf: ({ payload }) => payload.invite.room.id,
});

/** For the invited user. */
export const inviteEnded = defineEvent({
  type: "INVITE_ENDED",
  payload: shape<{ inviteId: string; roomId: string }>(),
  conversationOf: ({ payload }) => payload.roomId,
});

export const roomEvents = [roomCreated, roomUpdated, roomHidden, inviteReceived, inviteEnded];
