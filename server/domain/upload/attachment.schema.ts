import { builder } from "../../graphql/builder.ts";
import { globalId, registerNode } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { AttachedPicture, AttachmentRecord } from "./attachment.record.ts";
import { MessageType } from "../message/message.schema.ts";
import { RoomType } from "../room/room.schema.ts";
import { UserType } from "../user/user.schema.ts";

const LINK =
  "A signed path on this server, valid for one to two hours; query it again later. It is the same for everyone, but requires a session (cookie or Authorization) whose user may currently see the file's message or room.";

interface Dimensions {
  id: string;
  width: number;
  height: number;
}

const ThumbnailType = builder.objectRef<Dimensions>("Thumbnail").implement({
  description: "A thumbnail of a picture, in WebP and without animation.",
  fields: (t) => ({
    url: t.string({
      description: LINK,
      resolve: ({ id }, _args, context) => context.services.downloads.link(id, "thumbnail"),
    }),
    width: t.exposeInt("width", { description: "In pixels." }),
    height: t.exposeInt("height", { description: "In pixels." }),
  }),
});

const AttachedPictureType = builder
  .objectRef<AttachedPicture & { id: string }>("AttachedPicture")
  .implement({
    description: "Facts of a picture that a client needs before it loads the picture.",
    fields: (t) => ({
      width: t.exposeInt("width", { description: "In pixels, upright." }),
      height: t.exposeInt("height", { description: "In pixels, upright." }),
      isAnimated: t.exposeBoolean("isAnimated", { description: "Whether it is animated." }),
      preview: t.exposeString("preview", {
        description: "A tiny blurred preview as a `data:` URL, to show while the picture loads.",
      }),
      thumbnail: t.field({
        type: ThumbnailType,
        description: "A thumbnail of at most 720 pixels, for lists of messages.",
        resolve: ({ id, thumbnail }) => ({ id, ...thumbnail }),
      }),
    }),
  });

export const AttachmentType = builder.objectRef<AttachmentRecord>("Attachment").implement({
  description:
    "A file of a message. The server re-encodes pictures without metadata. It stores other files unchanged, and browsers only download them.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: "Global id, equal to that of the upload.",
      resolve: (attachment) => globalId("Attachment", attachment.id),
    }),
    name: t.exposeString("name", { description: "A safe file name for downloads." }),
    mediaType: t.exposeString("mediaType", {
      description: "Media type detected from the content, such as `application/pdf`.",
    }),
    size: t.exposeInt("size", { description: "In bytes." }),
    url: t.string({
      description: LINK,
      resolve: ({ id }, _args, context) => context.services.downloads.link(id, "original"),
    }),
    picture: t.field({
      type: AttachedPictureType,
      nullable: true,
      description: "Null for a file that is not a displayable picture.",
      resolve: ({ id, picture }) => (picture === null ? null : { id, ...picture }),
    }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Attachment: AttachmentRecord;
  }
}

registerNode("Attachment", (ids, context) =>
  context.services.downloads.visibleByIds(requireViewer(context.viewer).user.id, ids),
);

builder.objectField(MessageType, "attachments", (t) =>
  t.field({
    type: [AttachmentType],
    description: "Its files, at most 10: `attachments { name url picture { thumbnail { url } } }`.",
    resolve: (message) => message.attachments,
  }),
);

/** The picture of a user or a room, by the id of its upload. */
export const PictureType = builder.objectRef<string>("Picture").implement({
  description: "The picture of a user or a room: a square, in WebP.",
  fields: (t) => ({
    id: t.id({
      description: "Changes with the picture.",
      resolve: (uploadId) => globalId("Attachment", uploadId),
    }),
    url: t.string({
      description: `512 pixels wide. ${LINK}`,
      resolve: (uploadId, _args, context) => context.services.downloads.link(uploadId, "original"),
    }),
    thumbnailUrl: t.string({
      description: `96 pixels wide. ${LINK}`,
      resolve: (uploadId, _args, context) => context.services.downloads.link(uploadId, "thumbnail"),
    }),
  }),
});

builder.prismaObjectField(UserType, "avatar", (t) =>
  t.field({
    type: PictureType,
    nullable: true,
    description: "The user's picture; null if there is none.",
    // Events from before pictures existed have none.
    resolve: (user) => user.avatarId ?? null,
  }),
);

builder.objectField(RoomType, "picture", (t) =>
  t.field({
    type: PictureType,
    nullable: true,
    description: "The room's picture; null if there is none.",
    resolve: (room) => room.pictureId ?? null,
  }),
);
