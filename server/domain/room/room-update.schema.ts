import { type InputFields, mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { requireId } from "../../graphql/node.ts";
import { NotAllowedError, NotFoundError } from "../../kernel/errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError, SlugTakenError } from "./room.errors.ts";
import { VisibilityEnum } from "../conversation/conversation.schema.ts";
import { RoomType } from "./room.schema.ts";
import type { RoomAt, RoomChanges } from "./room.service.ts";

const archiveInput = (t: InputFields) => ({
  roomId: t.id({ required: true, description: "Global id of a room that you own." }),
});

const roomPayload = (t: PayloadFields<RoomAt>) => ({
  room: t.expose("room", { type: RoomType, description: "The current room." }),
  cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
});

/** Errors of every change of a room. */
const CHANGE_ERRORS = [NotFoundError, BannedError, NotAMemberError, NotAllowedError];

mutation({
  name: "updateRoom",
  description: "Changes a room. Equal values have no effect.",
  input: {
    description:
      "The changes of a room; omitted fields do not change. Owners and moderators can change name, topic, picture and slow mode. Only the owner can change slug and visibility.",
    fields: (t) => ({
      roomId: t.id({ required: true, description: "Global id of a room that you moderate." }),
      name: t.string({ description: "1 to 80 characters." }),
      topic: t.string({ description: "The topic, at most 300 characters; null for none." }),
      slug: t.string({
        description: "The slug: letters and digits with single dashes between them.",
      }),
      pictureUploadId: t.id({
        description:
          "Global id of your complete upload with the purpose `PICTURE`; null removes the picture.",
      }),
      visibility: t.field({
        type: VisibilityEnum,
        description: "The users who may find and read it.",
      }),
      slowModeSeconds: t.int({
        description:
          "Seconds that a plain member waits between two messages, 0 to 21600; 0 for none.",
      }),
    }),
  },
  payload: { description: "The room is changed.", fields: roomPayload },
  errors: [...CHANGE_ERRORS, ArchivedError, SlugTakenError],
  resolve: ({ input: { roomId, pictureUploadId, ...changes }, viewer, services }) =>
    services.rooms.update(
      viewer.user,
      requireId("Conversation", roomId, "roomId"),
      toRoomChanges({
        ...changes,
        pictureId:
          typeof pictureUploadId === "string"
            ? requireId("Attachment", pictureUploadId, "pictureUploadId")
            : pictureUploadId,
      }),
    ),
});

mutation({
  name: "archiveRoom",
  description:
    "Archives a room that you own: members can still read and leave it, but not send. Repeating it has no effect.",
  input: { description: "The room to archive.", fields: archiveInput },
  payload: { description: "The room is read-only.", fields: roomPayload },
  errors: CHANGE_ERRORS,
  resolve: ({ input, viewer, services }) =>
    services.rooms.setArchived(
      viewer.user,
      requireId("Conversation", input.roomId, "roomId"),
      true,
    ),
});

mutation({
  name: "unarchiveRoom",
  description: "Unarchives a room that you own. Repeating it has no effect.",
  input: { description: "The room to unarchive.", fields: archiveInput },
  payload: { description: "The room is active again.", fields: roomPayload },
  errors: CHANGE_ERRORS,
  resolve: ({ input, viewer, services }) =>
    services.rooms.setArchived(
      viewer.user,
      requireId("Conversation", input.roomId, "roomId"),
      false,
    ),
});

type Given<T> = { [Field in keyof T]?: T[Field] | null | undefined };

/** Null clears a topic or a picture; for other fields it means no change. */
function toRoomChanges({ topic, pictureId, ...rest }: Given<RoomChanges>): RoomChanges {
  const { name, slug, visibility, slowModeSeconds } = rest;
  return {
    topic,
    pictureId,
    name: name ?? undefined,
    slug: slug ?? undefined,
    visibility: visibility ?? undefined,
    slowModeSeconds: slowModeSeconds ?? undefined,
  };
}
