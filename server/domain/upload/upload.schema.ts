import { builder } from "../../graphql/builder.ts";
import { globalId, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  FileTooLargeError,
  InvalidInputError,
  LimitReachedError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import type { Ticket } from "./upload.service.ts";

const UploadPurposeEnum = builder.enumType("UploadPurpose", {
  description: "What a file is sent for.",
  values: {
    MESSAGE: { description: "To stand in a message." },
    PICTURE: { description: "To show a person or a room: a picture, which is cut to a square." },
  } as const,
});

const UploadType = builder.objectRef<Ticket>("Upload").implement({
  description: "The leave to send a file.",
  fields: (t) => ({
    id: t.id({
      description:
        "What `attachmentIds` of `sendMessage`, or `avatarUploadId` of `updateProfile`, takes once all bytes are sent.",
      resolve: (upload) => globalId("Attachment", upload.id),
    }),
    url: t.string({
      description:
        "The path to send the bytes to, with the same session, by the core protocol of tus 1.0: `PATCH` with `Upload-Offset: 0` and the type `application/offset+octet-stream`; after a failure `HEAD` tells the offset to go on from.",
      resolve: (upload) => `/files/uploads/${upload.id}`,
    }),
    fileName: t.exposeString("fileName", {
      description: "The name, without what could do harm in one.",
    }),
    size: t.exposeInt("size", { description: "The bytes to be sent." }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      description: "When they have to be there.",
    }),
  }),
});

const CreateUploadInput = builder.inputType("CreateUploadInput", {
  description: 'The file that is to be sent: `{ fileName: "cat.jpg", size: 123456 }`.',
  fields: (t) => ({
    fileName: t.string({ required: true, description: "What it is called." }),
    size: t.int({
      required: true,
      description:
        "Its bytes, at most `server.limits.fileBytes`, or `server.limits.pictureBytes` for a picture.",
    }),
    purpose: t.field({
      type: UploadPurposeEnum,
      defaultValue: "MESSAGE",
      description: "What it is sent for.",
    }),
  }),
});

const CancelUploadInput = builder.inputType("CancelUploadInput", {
  description: "Which upload to give up.",
  fields: (t) => ({
    uploadId: t.id({ required: true, description: "Id of an upload of yours that is not used." }),
  }),
});

const CreateUploadPayload = builder.objectRef<Ticket>("CreateUploadPayload").implement({
  description: "The file may be sent.",
  fields: (t) => ({
    upload: t.field({
      type: UploadType,
      description: "Where to, and until when.",
      resolve: (ticket) => ticket,
    }),
  }),
});

const CancelUploadPayload = builder.objectRef<{ id: string }>("CancelUploadPayload").implement({
  description: "Nothing is left of the upload.",
  fields: (t) => ({
    uploadId: t.id({
      description: "The id that it had.",
      resolve: ({ id }) => globalId("Attachment", id),
    }),
  }),
});

builder.mutationFields((t) => ({
  createUpload: t.field({
    type: CreateUploadPayload,
    args: {
      input: t.arg({ type: CreateUploadInput, required: true, description: "The file." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        FileTooLargeError,
        LimitReachedError,
        RateLimitedError,
      ],
      union: { name: "CreateUploadResult", description: "What comes of `createUpload`." },
    },
    description:
      "Announces a file. Its bytes are then sent over HTTP to the `url` of the answer, and the `id` is used in a message or a profile.",
    resolve: (_parent, { input }, context) =>
      context.services.uploads.create(requireViewer(context.viewer).user.id, {
        fileName: input.fileName,
        size: input.size,
        purpose: input.purpose ?? "MESSAGE",
      }),
  }),
  cancelUpload: t.field({
    type: CancelUploadPayload,
    args: {
      input: t.arg({ type: CancelUploadInput, required: true, description: "Which upload." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError],
      union: { name: "CancelUploadResult", description: "What comes of `cancelUpload`." },
    },
    description: "Gives up an upload that is not used.",
    resolve: async (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const id = requireId("Attachment", input.uploadId, "uploadId");
      await context.services.uploads.discard(user.id, id);
      return { id };
    },
  }),
}));
