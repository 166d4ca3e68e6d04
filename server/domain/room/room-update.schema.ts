import { builder } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  ArchivedError,
  BannedError,
  InvalidInputError,
  NotAllowedError,
  NotAMemberError,
  NotAuthenticatedError,
  NotFoundError,
  SlugTakenError,
} from "../../kernel/errors.ts";
import { VisibilityEnum } from "../conversation/conversation.schema.ts";
import { RoomType } from "./room.schema.ts";
import type { RoomAt, RoomChanges } from "./room.service.ts";

const UpdateRoomInput = builder.inputType("UpdateRoomInput", {
  description:
    "What shall be different about a room; what is left out stays. Owners and moderators change name, topic, picture and slow mode; the address and who may see it are the owner's.",
  fields: (t) => ({
    roomId: t.id({ required: true, description: "Global id of a room that you moderate." }),
    name: t.string({ description: "1 to 80 characters." }),
    topic: t.string({ description: "What it is about, at most 300 characters; null for none." }),
    slug: t.string({
      description: "Its address: letters and digits with single dashes between.",
    }),
    pictureUploadId: t.id({
      description:
        "Global id of a complete upload of yours with the purpose `PICTURE`; null takes the picture away.",
    }),
    visibility: t.field({ type: VisibilityEnum, description: "Who may know of it and read it." }),
    slowModeSeconds: t.int({
      description:
        "Seconds that a plain member waits between two messages, 0 to 21600; 0 for none.",
    }),
  }),
});
const archiveInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      roomId: t.id({ required: true, description: "Global id of a room that you own." }),
    }),
  });
const ArchiveRoomInput = archiveInput("ArchiveRoomInput", "Which room to archive.");
const UnarchiveRoomInput = archiveInput("UnarchiveRoomInput", "Which room to open again.");
const roomPayload = (name: string, description: string) =>
  builder.objectRef<RoomAt>(name).implement({
    description,
    fields: (t) => ({
      room: t.expose("room", { type: RoomType, description: "The room as it is now." }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  });
const UpdateRoomPayload = roomPayload("UpdateRoomPayload", "The room is as you asked.");
const ArchiveRoomPayload = roomPayload("ArchiveRoomPayload", "The room can only be read.");
const UnarchiveRoomPayload = roomPayload("UnarchiveRoomPayload", "The room goes on.");
/** What can go wrong with every change of a room. */
const CHANGE_ERRORS = [
  NotAuthenticatedError,
  InvalidInputError,
  NotFoundError,
  BannedError,
  NotAMemberError,
  NotAllowedError,
];

builder.mutationFields((t) => ({
  updateRoom: t.field({
    type: UpdateRoomPayload,
    args: {
      input: t.arg({ type: UpdateRoomInput, required: true, description: "The changes." }),
    },
    errors: {
      types: [...CHANGE_ERRORS, ArchivedError, SlugTakenError],
      union: { name: "UpdateRoomResult", description: "What comes of `updateRoom`." },
    },
    description: "Changes a room. What is the same already changes nothing.",
    resolve: (_parent, { input: { roomId, pictureUploadId, ...changes } }, context) =>
      context.services.rooms.update(
        requireViewer(context.viewer).user,
        requireId("Conversation", roomId, "roomId"),
        toRoomChanges({
          ...changes,
          pictureId:
            typeof pictureUploadId === "string"
              ? requireId("Attachment", pictureUploadId, "pictureUploadId")
              : pictureUploadId,
        }),
      ),
  }),
  archiveRoom: t.field({
    type: ArchiveRoomPayload,
    args: {
      input: t.arg({ type: ArchiveRoomInput, required: true, description: "Which room." }),
    },
    errors: {
      types: CHANGE_ERRORS,
      union: { name: "ArchiveRoomResult", description: "What comes of `archiveRoom`." },
    },
    description:
      "Archives a room that you own: it can be read and left, and nothing more is said in it. Doing it again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.rooms.setArchived(
        requireViewer(context.viewer).user,
        requireId("Conversation", input.roomId, "roomId"),
        true,
      ),
  }),
  unarchiveRoom: t.field({
    type: UnarchiveRoomPayload,
    args: {
      input: t.arg({ type: UnarchiveRoomInput, required: true, description: "Which room." }),
    },
    errors: {
      types: CHANGE_ERRORS,
      union: { name: "UnarchiveRoomResult", description: "What comes of `unarchiveRoom`." },
    },
    description: "Opens an archived room that you own again. Doing it again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.rooms.setArchived(
        requireViewer(context.viewer).user,
        requireId("Conversation", input.roomId, "roomId"),
        false,
      ),
  }),
}));

type Given<T> = { [Field in keyof T]?: T[Field] | null | undefined };

/** Null takes a topic or a picture away; of the other fields it says nothing. */
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
