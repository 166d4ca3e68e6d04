import { builder } from "../../graphql/builder.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  NotAllowedError,
  NotAuthenticatedError,
  OverloadedError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { LastAdministratorError } from "../admin/admin.errors.ts";
import { InvalidCredentialsError } from "../auth/auth.errors.ts";
import type { ExportTicket } from "./export.service.ts";

const RequestDataExportInput = builder.inputType("RequestDataExportInput", {
  description: 'Shows that it is you: `{ password: "correct horse" }`.',
  fields: (t) => ({ password: t.string({ required: true, description: "Your password." }) }),
});

const RequestDataExportPayload = builder
  .objectRef<ExportTicket>("RequestDataExportPayload")
  .implement({
    description: "Your data is ready for one download.",
    fields: (t) => ({
      path: t.string({
        description:
          "Where, by `GET` on this server and without a session: one JSON object a line, each with a `type`; the last one's is `end` and counts the others, so that a cut shows. Whoever has it can fetch it.",
        resolve: ({ token }) => `/export/${token}`,
      }),
      expiresAt: t.expose("expiresAt", {
        type: "DateTime",
        description: "Expiry time of the ticket.",
      }),
    }),
  });

const DeleteAccountInput = builder.inputType("DeleteAccountInput", {
  description: "Confirms your identity and decides about your messages.",
  fields: (t) => ({
    password: t.string({ required: true, description: "Your password." }),
    deleteMessages: t.boolean({
      defaultValue: false,
      description:
        "Whether to delete your messages, too. The server deletes them in the background after its response. Otherwise they stay without your name.",
    }),
  }),
});

const DeleteAccountPayload = builder
  .objectRef<{ deleted: boolean }>("DeleteAccountPayload")
  .implement({
    description: "Your account is deleted: its name is free, and all its sessions have ended.",
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
      union: { name: "RequestDataExportResult", description: "Result of `requestDataExport`." },
    },
    description:
      "Creates a download of all your data: profile, sessions, memberships, messages and more.",
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
      union: { name: "DeleteAccountResult", description: "Result of `deleteAccount`." },
    },
    description:
      "Permanently deletes your account. Conversations stay readable, and your messages appear under an anonymous name. Each room that you own passes to the moderator, or else the member, with the longest membership.",
    resolve: async (_parent, { input }, context) => {
      const viewer = requireViewer(context.viewer);
      const deleteMessages = input.deleteMessages ?? false;
      await context.services.deletions.delete(viewer, input.password, deleteMessages, context);
      context.setSessionCookie(null);
      return { deleted: true };
    },
  }),
}));
