import { builder } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidInputError,
  NotAllowedError,
  NotAuthenticatedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError, SlugTakenError } from "./room.errors.ts";
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
      description: "Its address: letters and digits with single dashes between them.",
    }),
    pictureUploadId: t.id({
      description:
        "Global id of a complete upload of yours with the purpose `PICTURE`; null takes the picture away.",
    }),
    visibility: t.field({ type: VisibilityEnum, description: "Who may find and read it." }),
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
const ArchiveRoomInput = archiveInput("ArchiveRoomInput", "The room to archive.");
const UnarchiveRoomInput = archiveInput("UnarchiveRoomInput", "The room to unarchive.");
const roomPayload = (name: string, description: string) =>
  builder.objectRef<RoomAt>(name).implement({
    description,
    fields: (t) => ({
      room: t.expose("room", { type: RoomType, description: "The current room." }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  });
const UpdateRoomPayload = roomPayload("UpdateRoomPayload", "The room is changed.");
const ArchiveRoomPayload = roomPayload("ArchiveRoomPayload", "The room is read-only.");
const UnarchiveRoomPayload = roomPayload("UnarchiveRoomPayload", "The room is active again.");
/** Errors of every change of a room. */
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
      union: { name: "UpdateRoomResult", description: "Result of `updateRoom`." },
    },
    description: "Changes a room. Equal values have no effect.",
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
      input: t.arg({ type: ArchiveRoomInput, required: true, description: "The room to archive." }),
    },
    errors: {
      types: CHANGE_ERRORS,
      union: { name: "ArchiveRoomResult", description: "Result of `archiveRoom`." },
    },
    description:
      "Archives a room that you own: members can still read and leave it, but not send. Repeating it has no effect.",
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
      input: t.arg({
        type: UnarchiveRoomInput,
        required: true,
        description: "The room to unarchive.",
      }),
    },
    errors: {
      types: CHANGE_ERRORS,
      union: { name: "UnarchiveRoomResult", description: "Result of `unarchiveRoom`." },
    },
    description: "Unarchives a room that you own. Repeating it has no effect.",
    resolve: (_parent, { input }, context) =>
      context.services.rooms.setArchived(
        requireViewer(context.viewer).user,
        requireId("Conversation", input.roomId, "roomId"),
        false,
      ),
  }),
}));

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
