import { builder } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import type { Context } from "../../graphql/context.ts";
import { OverloadedError, RateLimitedError } from "../../kernel/errors.ts";
import { SuspendedError } from "../admin/admin.errors.ts";
import { InvalidCredentialsError, SessionActiveError } from "./auth.errors.ts";
import { UsernameTakenError } from "../user/user.errors.ts";
import { UserType } from "../user/user.schema.ts";
import type { LoggedIn } from "./auth.service.ts";
import { SessionType, ViewerType } from "../session/session.schema.ts";
import type { Viewer } from "../../kernel/viewer.ts";

builder.objectField(ViewerType, "user", (t) =>
  t.expose("user", { type: UserType, description: "You, as other users see you." }),
);

const loggedInPayload = (t: PayloadFields<LoggedIn>) => ({
  user: t.expose("user", { type: UserType, description: "You." }),
  session: t.expose("session", { type: SessionType, description: "The new session." }),
  token: t.exposeString("token", {
    description:
      "The secret of the session, returned only once. Programs send it as `Authorization: Bearer …` or, over WebSocket, as `token` in the connection parameters. Browsers receive it in a cookie.",
  }),
  cursor: t.expose("position", {
    type: "Cursor",
    description: "Current log position: pass it to `events(after:)`.",
  }),
});

const originOf = (
  context: Context,
  device: string | null | undefined,
): { device: string; address: string } => ({
  device: device?.trim() ?? context.device,
  address: context.address,
});

/** In a browser, the session is in a cookie that scripts cannot read. */
const setCookie = (context: Context, loggedIn: LoggedIn): LoggedIn => {
  context.setSessionCookie(loggedIn.token, loggedIn.session.expiresAt);
  return loggedIn;
};

/** The viewer of the session in the browser's cookie, which the new session replaces. */
const cookieViewer = (context: Context): Viewer | null =>
  context.byCookie === true ? context.viewer : null;

mutation({
  name: "signUp",
  description: "Creates an account, logs in, and joins the lobby.",
  input: {
    description: 'The new user: `{ username: "ada", password: "correct horse" }`.',
    fields: (t) => ({
      username: t.string({
        required: true,
        description: "1 to 32 characters: letters a to z and digits, with . _ - between them.",
      }),
      password: t.string({ required: true, description: "8 to 256 characters of any kind." }),
      displayName: t.string({
        description: "The name that others see, at most 64 characters. Defaults to the username.",
      }),
      device: t.string({
        description: "Name of this log-in in the list of sessions. Defaults to the User-Agent.",
      }),
    }),
  },
  payload: {
    description: "You have signed up, are logged in, and have joined the lobby.",
    fields: loggedInPayload,
  },
  errors: [UsernameTakenError, RateLimitedError, OverloadedError],
  isPublic: true,
  resolve: async ({ input, services, context }) => {
    const request = {
      username: input.username,
      password: input.password,
      displayName: input.displayName ?? null,
    };
    return setCookie(
      context,
      await services.auth.signUp(request, originOf(context, input.device), cookieViewer(context)),
    );
  },
});

mutation({
  name: "logIn",
  description:
    "Starts a session. An unknown name and a wrong password return the same error in the same time.",
  input: {
    description: 'Username and password: `{ username: "ada", password: "correct horse" }`.',
    fields: (t) => ({
      username: t.string({
        required: true,
        description: "Case-insensitive: `Ada` and `ada` are the same.",
      }),
      password: t.string({ required: true, description: "The password." }),
      device: t.string({
        description: "Name of this log-in in the list of sessions. Defaults to the User-Agent.",
      }),
    }),
  },
  payload: { description: "You are logged in.", fields: loggedInPayload },
  errors: [
    InvalidCredentialsError,
    SuspendedError,
    SessionActiveError,
    RateLimitedError,
    OverloadedError,
  ],
  isPublic: true,
  hasInvalidInput: false,
  resolve: async ({ input, services, context }) => {
    const origin = originOf(context, input.device);
    return setCookie(
      context,
      await services.auth.logIn(input.username, input.password, origin, cookieViewer(context)),
    );
  },
});

mutation({
  name: "logOut",
  description: "Ends the session of this request. Its sockets close within a second.",
  payload: {
    description: "The session has ended.",
    fields: (t: PayloadFields<{ loggedOut: boolean }>) => ({
      loggedOut: t.exposeBoolean("loggedOut", { description: "Always true." }),
    }),
  },
  resolve: async ({ viewer, services, context }) => {
    await services.auth.logOut(viewer, context);
    context.setSessionCookie(null);
    return { loggedOut: true };
  },
});

mutation({
  name: "changePassword",
  description:
    "Changes your password, renews the token of this session, and ends all your other sessions.",
  input: {
    description: "Your current and your new password.",
    fields: (t) => ({
      currentPassword: t.string({ required: true, description: "Your current password." }),
      newPassword: t.string({ required: true, description: "8 to 256 characters of any kind." }),
    }),
  },
  payload: {
    description: "The password is changed.",
    fields: (t: PayloadFields<{ session: LoggedIn["session"]; token: string; ended: number }>) => ({
      session: t.expose("session", {
        type: SessionType,
        description: "Your current session, which stays active.",
      }),
      token: t.exposeString("token", {
        description: "The new secret of the session; the old one is no longer valid.",
      }),
      revokedSessions: t.exposeInt("ended", {
        description: "Number of your other sessions that were ended.",
      }),
    }),
  },
  errors: [InvalidCredentialsError, RateLimitedError, OverloadedError],
  resolve: async ({ input, viewer, services, context }) => {
    const { token, ended } = await services.auth.changePassword(
      viewer,
      input.currentPassword,
      input.newPassword,
      context,
    );
    context.setSessionCookie(token, viewer.session.expiresAt);
    return { session: viewer.session, token, ended };
  },
});
