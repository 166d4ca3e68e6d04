import { builder } from "../../graphql/builder.ts";
import { globalId, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidInputError,
  LimitReachedError,
  NotAuthenticatedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { FileTooLargeError } from "./upload.errors.ts";
import type { Ticket } from "./upload.service.ts";

const UploadPurposeEnum = builder.enumType("UploadPurpose", {
  description: "The purpose of an upload.",
  values: {
    MESSAGE: { description: "An attachment of a message." },
    PICTURE: { description: "A picture of a user or a room, cropped to a square." },
  } as const,
});

const UploadType = builder.objectRef<Ticket>("Upload").implement({
  description: "An upload ticket.",
  fields: (t) => ({
    id: t.id({
      description:
        "Id for `attachmentIds` of `sendMessage` or `avatarUploadId` of `updateProfile`, after all bytes are sent.",
      resolve: (upload) => globalId("Attachment", upload.id),
    }),
    url: t.string({
      description:
        "The path to send the bytes to, with the same session, by the core protocol of tus 1.0: `PATCH` with `Upload-Offset: 0` and the type `application/offset+octet-stream`; after a failure `HEAD` tells the offset to go on from.",
      resolve: (upload) => `/files/uploads/${upload.id}`,
    }),
    fileName: t.exposeString("fileName", {
      description: "The sanitized name.",
    }),
    size: t.exposeInt("size", { description: "Number of bytes to send." }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      description: "Deadline for the bytes.",
    }),
  }),
});

const CreateUploadInput = builder.inputType("CreateUploadInput", {
  description: 'The file that is to be sent: `{ fileName: "cat.jpg", size: 123456 }`.',
  fields: (t) => ({
    fileName: t.string({ required: true, description: "The file name." }),
    size: t.int({
      required: true,
      description:
        "Size in bytes, at most `server.limits.fileBytes`, or `server.limits.pictureBytes` for a picture.",
    }),
    purpose: t.field({
      type: UploadPurposeEnum,
      defaultValue: "MESSAGE",
      description: "The purpose.",
    }),
  }),
});

const CancelUploadInput = builder.inputType("CancelUploadInput", {
  description: "The upload to cancel.",
  fields: (t) => ({
    uploadId: t.id({ required: true, description: "Id of your unused upload." }),
  }),
});

const CreateUploadPayload = builder.objectRef<Ticket>("CreateUploadPayload").implement({
  description: "The file may be sent.",
  fields: (t) => ({
    upload: t.field({
      type: UploadType,
      description: "The URL and the deadline.",
      resolve: (ticket) => ticket,
    }),
  }),
});

const CancelUploadPayload = builder.objectRef<{ id: string }>("CancelUploadPayload").implement({
  description: "The upload is removed.",
  fields: (t) => ({
    uploadId: t.id({
      description: "The id of the removed upload.",
      resolve: ({ id }) => globalId("Attachment", id),
    }),
  }),
});

builder.mutationFields((t) => ({
  createUpload: t.field({
    type: CreateUploadPayload,
    args: {
      input: t.arg({ type: CreateUploadInput, required: true, description: "The file to upload." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        FileTooLargeError,
        LimitReachedError,
        RateLimitedError,
      ],
      union: { name: "CreateUploadResult", description: "Result of `createUpload`." },
    },
    description:
      "Announces a file. Send its bytes over HTTP to the returned `url`, then use the `id` in a message or profile.",
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
      input: t.arg({
        type: CancelUploadInput,
        required: true,
        description: "The upload to cancel.",
      }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError],
      union: { name: "CancelUploadResult", description: "Result of `cancelUpload`." },
    },
    description: "Cancels an unused upload.",
    resolve: async (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const id = requireId("Attachment", input.uploadId, "uploadId");
      await context.services.uploads.discard(user.id, id);
      return { id };
    },
  }),
}));
