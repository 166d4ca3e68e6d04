import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { requireId } from "../../graphql/node.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import type { UserRecord } from "./user.record.ts";
import { UserType } from "./user.schema.ts";

mutation({
  name: "updateProfile",
  description: "Changes your profile.",
  input: {
    description: 'The changes; omitted fields do not change: `{ statusText: "On the train" }`.',
    fields: (t) => ({
      displayName: t.string({ description: "The displayed name, 1 to 64 characters." }),
      statusText: t.string({
        description: "Your status, at most 100 characters; null or empty for none.",
      }),
      avatarUploadId: t.id({
        description:
          "Id of your complete upload with the purpose `PICTURE`; null removes the picture.",
      }),
    }),
  },
  payload: {
    description: "Everyone sees your changed profile.",
    fields: (t: PayloadFields<{ user: UserRecord; position: number }>) => ({
      user: t.expose("user", { type: UserType, description: "You." }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  },
  errors: [NotFoundError],
  resolve: ({ input, viewer, services }) => {
    const { displayName, statusText, avatarUploadId } = input;
    return services.profiles.update(viewer.user.id, {
      displayName: displayName ?? undefined,
      statusText,
      avatarUploadId:
        typeof avatarUploadId === "string"
          ? requireId("Attachment", avatarUploadId, "avatarUploadId")
          : avatarUploadId,
    });
  },
});
