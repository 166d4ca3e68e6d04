import { builder } from "../../graphql/builder.ts";
import { globalId, registerNode } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { AttachedPicture, AttachmentRecord } from "./attachment.record.ts";
import { MessageType } from "../message/message.schema.ts";
import { RoomType } from "../room/room.schema.ts";
import { UserType } from "../user/user.schema.ts";

const LINK =
  "A path on this server, good for an hour or two: later, ask for it again. It is the same for everyone, and is answered only to a session (cookie or Authorization) that may see what the file belongs to at that moment.";

interface Dimensions {
  id: string;
  width: number;
  height: number;
}

const ThumbnailType = builder.objectRef<Dimensions>("Thumbnail").implement({
  description: "A small version of a picture, in WebP. It does not move.",
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
    description: "What is known of a picture before it is loaded.",
    fields: (t) => ({
      width: t.exposeInt("width", { description: "In pixels, upright." }),
      height: t.exposeInt("height", { description: "In pixels, upright." }),
      isAnimated: t.exposeBoolean("isAnimated", { description: "Whether it moves." }),
      preview: t.exposeString("preview", {
        description: "A few blurred pixels as a `data:` URL, to show while the picture is loaded.",
      }),
      thumbnail: t.field({
        type: ThumbnailType,
        description: "A small version, at most 720 pixels long: what a list of messages shows.",
        resolve: ({ id, thumbnail }) => ({ id, ...thumbnail }),
      }),
    }),
  });

export const AttachmentType = builder.objectRef<AttachmentRecord>("Attachment").implement({
  description:
    "A file of a message. Pictures were made anew, without metadata; everything else is as it was sent, and is only ever saved.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: "Global id: that of the upload.",
      resolve: (attachment) => globalId("Attachment", attachment.id),
    }),
    name: t.exposeString("name", { description: "A name that it can be saved under." }),
    mediaType: t.exposeString("mediaType", {
      description: "Found in the content, not in the name, such as `application/pdf`.",
    }),
    size: t.exposeInt("size", { description: "In bytes." }),
    url: t.string({
      description: LINK,
      resolve: ({ id }, _args, context) => context.services.downloads.link(id, "original"),
    }),
    picture: t.field({
      type: AttachedPictureType,
      nullable: true,
      description: "Null when it is not a picture that can be shown.",
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

/** The picture of a person or a room, by the id of its upload. */
export const PictureType = builder.objectRef<string>("Picture").implement({
  description: "The picture of a person or a room: a square, in WebP.",
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
    description: "The person's picture; null when there is none.",
    // Events from before there were pictures have none either.
    resolve: (user) => user.avatarId ?? null,
  }),
);

builder.objectField(RoomType, "picture", (t) =>
  t.field({
    type: PictureType,
    nullable: true,
    description: "The room's picture; null when there is none.",
    resolve: (room) => room.pictureId ?? null,
  }),
);
