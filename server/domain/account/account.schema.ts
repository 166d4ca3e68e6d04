import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { NotAllowedError, OverloadedError, RateLimitedError } from "../../kernel/errors.ts";
import { LastAdministratorError } from "../admin/admin.errors.ts";
import { InvalidCredentialsError } from "../auth/auth.errors.ts";
import type { ExportTicket } from "./export.service.ts";

mutation({
  name: "requestDataExport",
  description:
    "Creates a download of all your data: profile, sessions, memberships, messages and more.",
  input: {
    description: 'Confirms your identity: `{ password: "correct horse" }`.',
    fields: (t) => ({ password: t.string({ required: true, description: "Your password." }) }),
  },
  payload: {
    description: "Your data is ready for one download.",
    fields: (t: PayloadFields<ExportTicket>) => ({
      path: t.string({
        description:
          "Path for a `GET` request to this server, which needs no session: keep it secret. Each line is a JSON object with a `type`. The last one has the type `end` and the number of the others, which reveals a truncated download.",
        resolve: ({ token }) => `/export/${token}`,
      }),
      expiresAt: t.expose("expiresAt", {
        type: "DateTime",
        description: "Expiry time of the ticket.",
      }),
    }),
  },
  errors: [InvalidCredentialsError, RateLimitedError, OverloadedError],
  hasInvalidInput: false,
  resolve: ({ input, viewer, services, context }) =>
    services.exports.request(viewer, input.password, context),
});

mutation({
  name: "deleteAccount",
  description:
    "Permanently deletes your account. Conversations stay readable, and your messages appear under an anonymous name. Each room that you own passes to the moderator, or else the member, with the longest membership.",
  input: {
    description: "Confirms your identity and decides about your messages.",
    fields: (t) => ({
      password: t.string({ required: true, description: "Your password." }),
      deleteMessages: t.boolean({
        defaultValue: false,
        description:
          "Whether to delete your messages, too. The server deletes them in the background after its response. Otherwise they stay without your name.",
      }),
    }),
  },
  payload: {
    description: "Your account is deleted: its name is free, and all its sessions have ended.",
    fields: (t: PayloadFields<{ deleted: boolean }>) => ({
      deleted: t.exposeBoolean("deleted", { description: "Always true." }),
    }),
  },
  errors: [
    InvalidCredentialsError,
    NotAllowedError,
    LastAdministratorError,
    RateLimitedError,
    OverloadedError,
  ],
  hasInvalidInput: false,
  resolve: async ({ input, viewer, services, context }) => {
    const deleteMessages = input.deleteMessages ?? false;
    await services.deletions.delete(viewer, input.password, deleteMessages, context);
    context.setSessionCookie(null);
    return { deleted: true };
  },
});
