import { builder } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { globalId, requireId } from "../../graphql/node.ts";
import { LimitReachedError, NotFoundError, RateLimitedError } from "../../kernel/errors.ts";
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
        "The path for the bytes. Send them with the same session and the core protocol of tus 1.0: `PATCH` with `Upload-Offset: 0` and the type `application/offset+octet-stream`. After a failure, `HEAD` returns the offset at which to continue.",
      resolve: (upload) => `/files/uploads/${upload.id}`,
    }),
    fileName: t.exposeString("fileName", {
      description: "The sanitized name.",
    }),
    size: t.exposeInt("size", { description: "Number of bytes to send." }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      description: "Deadline for sending the bytes.",
    }),
  }),
});

mutation({
  name: "createUpload",
  description:
    "Announces a file. Send its bytes over HTTP to the returned `url`, then use the `id` in a message or profile.",
  input: {
    description: 'The file to upload: `{ fileName: "cat.jpg", size: 123456 }`.',
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
  },
  payload: {
    description: "The file may be sent.",
    fields: (t: PayloadFields<Ticket>) => ({
      upload: t.field({
        type: UploadType,
        description: "The URL and the deadline.",
        resolve: (ticket) => ticket,
      }),
    }),
  },
  errors: [FileTooLargeError, LimitReachedError, RateLimitedError],
  resolve: ({ input, viewer, services }) =>
    services.uploads.create(viewer.user.id, {
      fileName: input.fileName,
      size: input.size,
      purpose: input.purpose ?? "MESSAGE",
    }),
});

mutation({
  name: "cancelUpload",
  description: "Cancels an unused upload.",
  input: {
    description: "The upload to cancel.",
    fields: (t) => ({
      uploadId: t.id({ required: true, description: "Id of your unused upload." }),
    }),
  },
  payload: {
    description: "The upload is removed.",
    fields: (t: PayloadFields<{ id: string }>) => ({
      uploadId: t.id({
        description: "The id of the removed upload.",
        resolve: ({ id }) => globalId("Attachment", id),
      }),
    }),
  },
  errors: [NotFoundError],
  resolve: async ({ input, viewer, services }) => {
    const id = requireId("Attachment", input.uploadId, "uploadId");
    await services.uploads.discard(viewer.user.id, id);
    return { id };
  },
});
