import { builder } from "../../graphql/builder.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidCredentialsError,
  LastAdministratorError,
  NotAllowedError,
  NotAuthenticatedError,
  OverloadedError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import type { ExportTicket } from "./export.service.ts";

const RequestDataExportInput = builder.inputType("RequestDataExportInput", {
  description: 'Shows that it is you: `{ password: "correct horse" }`.',
  fields: (t) => ({ password: t.string({ required: true, description: "Your password." }) }),
});

const RequestDataExportPayload = builder
  .objectRef<ExportTicket>("RequestDataExportPayload")
  .implement({
    description: "Your data can be fetched, once.",
    fields: (t) => ({
      path: t.string({
        description:
          "Where, by `GET` on this server and without a session: one JSON object a line, each with a `type`; the last one's is `end` and counts the others, so that a cut shows. Whoever has it can fetch it.",
        resolve: ({ token }) => `/export/${token}`,
      }),
      expiresAt: t.expose("expiresAt", { type: "DateTime", description: "Until when." }),
    }),
  });

const DeleteAccountInput = builder.inputType("DeleteAccountInput", {
  description: "Shows that it is you, and says what shall become of your messages.",
  fields: (t) => ({
    password: t.string({ required: true, description: "Your password." }),
    deleteMessages: t.boolean({
      defaultValue: false,
      description:
        "Whether what you wrote is deleted as well, which goes on for a while after the answer. Otherwise it stays, without your name.",
    }),
  }),
});

const DeleteAccountPayload = builder
  .objectRef<{ deleted: boolean }>("DeleteAccountPayload")
  .implement({
    description: "The account is gone: its name is free, and all its sessions have ended.",
    fields: (t) => ({ deleted: t.exposeBoolean("deleted", { description: "Always true." }) }),
  });

builder.mutationFields((t) => ({
  requestDataExport: t.field({
    type: RequestDataExportPayload,
    args: {
      input: t.arg({ type: RequestDataExportInput, required: true, description: "Your password." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidCredentialsError, RateLimitedError, OverloadedError],
      union: { name: "RequestDataExportResult", description: "What comes of `requestDataExport`." },
    },
    description:
      "Lets you fetch all that is yours: profile, sessions, memberships, messages and more.",
    resolve: (_parent, { input }, context) =>
      context.services.exports.request(requireViewer(context.viewer), input.password, context),
  }),
  deleteAccount: t.field({
    type: DeleteAccountPayload,
    args: {
      input: t.arg({ type: DeleteAccountInput, required: true, description: "Your password." }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidCredentialsError,
        NotAllowedError,
        LastAdministratorError,
        RateLimitedError,
        OverloadedError,
      ],
      union: { name: "DeleteAccountResult", description: "What comes of `deleteAccount`." },
    },
    description:
      "Deletes your account for good. Conversations stay readable: what you wrote is shown under a name that says nothing. Rooms that you own go to the moderator, or else the member, who is there longest.",
    resolve: async (_parent, { input }, context) => {
      const viewer = requireViewer(context.viewer);
      const deleteMessages = input.deleteMessages ?? false;
      await context.services.deletions.delete(viewer, input.password, deleteMessages, context);
      context.setSessionCookie(null);
      return { deleted: true };
    },
  }),
}));
