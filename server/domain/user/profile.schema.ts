import { builder } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { InvalidInputError, NotAuthenticatedError, NotFoundError } from "../../kernel/errors.ts";
import type { UserRecord } from "./user.record.ts";
import { UserType } from "./user.schema.ts";

const UpdateProfileInput = builder.inputType("UpdateProfileInput", {
  description: 'What to change; what is left out stays: `{ statusText: "On the train" }`.',
  fields: (t) => ({
    displayName: t.string({ description: "The displayed name, 1 to 64 characters." }),
    statusText: t.string({
      description: "How you are, at most 100 characters; null or empty for nothing.",
    }),
    avatarUploadId: t.id({
      description:
        "Id of a complete upload of yours that was announced for a PICTURE; null for no picture.",
    }),
  }),
});

const UpdateProfilePayload = builder
  .objectRef<{ user: UserRecord; position: number }>("UpdateProfilePayload")
  .implement({
    description: "Everyone sees your changed profile.",
    fields: (t) => ({
      user: t.expose("user", { type: UserType, description: "You." }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  });

builder.mutationField("updateProfile", (t) =>
  t.field({
    type: UpdateProfilePayload,
    args: {
      input: t.arg({ type: UpdateProfileInput, required: true, description: "The changes." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError],
      union: { name: "UpdateProfileResult", description: "Result of `updateProfile`." },
    },
    description: "Changes your profile.",
    resolve: (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const { displayName, statusText, avatarUploadId } = input;
      return context.services.profiles.update(user.id, {
        displayName: displayName ?? undefined,
        statusText,
        avatarUploadId:
          typeof avatarUploadId === "string"
            ? requireId("Attachment", avatarUploadId, "avatarUploadId")
            : avatarUploadId,
      });
    },
  }),
);
