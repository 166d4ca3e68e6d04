import { builder } from "../../graphql/builder.ts";
import type { Context } from "../../graphql/context.ts";
import {
  InvalidInputError,
  NotAuthenticatedError,
  OverloadedError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { SuspendedError } from "../admin/admin.errors.ts";
import { InvalidCredentialsError, SessionActiveError } from "./auth.errors.ts";
import { UsernameTakenError } from "../user/user.errors.ts";
import { UserType } from "../user/user.schema.ts";
import type { LoggedIn } from "./auth.service.ts";
import { SessionType, ViewerType } from "../session/session.schema.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { Viewer } from "../../kernel/viewer.ts";

builder.objectField(ViewerType, "user", (t) =>
  t.expose("user", { type: UserType, description: "You, as other users see you." }),
);

const SignUpInput = builder.inputType("SignUpInput", {
  description: 'A new person: `{ username: "ada", password: "correct horse" }`.',
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
});

const LogInInput = builder.inputType("LogInInput", {
  description: 'Who you say you are: `{ username: "ada", password: "correct horse" }`.',
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
});

const ChangePasswordInput = builder.inputType("ChangePasswordInput", {
  description: "Your current and your new password.",
  fields: (t) => ({
    currentPassword: t.string({ required: true, description: "Your current password." }),
    newPassword: t.string({ required: true, description: "8 to 256 characters of any kind." }),
  }),
});

const loggedInType = (name: string, description: string) =>
  builder.objectRef<LoggedIn>(name).implement({
    description,
    fields: (t) => ({
      user: t.expose("user", { type: UserType, description: "You." }),
      session: t.expose("session", { type: SessionType, description: "The new session." }),
      token: t.exposeString("token", {
        description:
          "The secret of the session, told only now. Programs send it as `Authorization: Bearer …` or, over WebSocket, as `token` in the connection parameters; browsers have it in a cookie already.",
      }),
      cursor: t.expose("position", {
        type: "Cursor",
        description: "Current log position: pass it to `events(after:)`.",
      }),
    }),
  });

const SignUpPayload = loggedInType(
  "SignUpPayload",
  "You have signed up, are logged in, and have joined the lobby.",
);
const LogInPayload = loggedInType("LogInPayload", "You are logged in.");

const LogOutPayload = builder.objectRef<{ loggedOut: boolean }>("LogOutPayload").implement({
  description: "The session has ended.",
  fields: (t) => ({ loggedOut: t.exposeBoolean("loggedOut", { description: "Always true." }) }),
});

const ChangePasswordPayload = builder
  .objectRef<{ session: LoggedIn["session"]; token: string; ended: number }>(
    "ChangePasswordPayload",
  )
  .implement({
    description: "The password is changed.",
    fields: (t) => ({
      session: t.expose("session", {
        type: SessionType,
        description: "Your current session, which stays active.",
      }),
      token: t.exposeString("token", {
        description: "Its new secret; the old one is worthless from now on.",
      }),
      revokedSessions: t.exposeInt("ended", {
        description: "Number of your other sessions that were ended.",
      }),
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
const keep = (context: Context, loggedIn: LoggedIn): LoggedIn => {
  context.setSessionCookie(loggedIn.token, loggedIn.session.expiresAt);
  return loggedIn;
};

/** The viewer of the session in the browser's cookie, which the new session replaces. */
const cookieViewer = (context: Context): Viewer | null =>
  context.byCookie === true ? context.viewer : null;

builder.mutationFields((t) => ({
  signUp: t.field({
    type: SignUpPayload,
    args: { input: t.arg({ type: SignUpInput, required: true, description: "The new user." }) },
    errors: {
      types: [InvalidInputError, UsernameTakenError, RateLimitedError, OverloadedError],
      union: { name: "SignUpResult", description: "Result of `signUp`." },
    },
    description: "Creates an account, logs in, and joins the lobby.",
    resolve: async (_parent, { input }, context) => {
      const request = {
        username: input.username,
        password: input.password,
        displayName: input.displayName ?? null,
      };
      return keep(
        context,
        await context.services.auth.signUp(
          request,
          originOf(context, input.device),
          cookieViewer(context),
        ),
      );
    },
  }),
  logIn: t.field({
    type: LogInPayload,
    args: {
      input: t.arg({ type: LogInInput, required: true, description: "Username and password." }),
    },
    errors: {
      types: [
        InvalidCredentialsError,
        SuspendedError,
        SessionActiveError,
        RateLimitedError,
        OverloadedError,
      ],
      union: { name: "LogInResult", description: "Result of `logIn`." },
    },
    description:
      "Starts a session. An unknown name and a wrong password return the same error in the same time.",
    resolve: async (_parent, { input }, context) => {
      const origin = originOf(context, input.device);
      return keep(
        context,
        await context.services.auth.logIn(
          input.username,
          input.password,
          origin,
          cookieViewer(context),
        ),
      );
    },
  }),
  logOut: t.field({
    type: LogOutPayload,
    errors: {
      types: [NotAuthenticatedError],
      union: { name: "LogOutResult", description: "Result of `logOut`." },
    },
    description: "Ends the session of this request. Its sockets close within a second.",
    resolve: async (_parent, _args, context) => {
      await context.services.auth.logOut(requireViewer(context.viewer), context);
      context.setSessionCookie(null);
      return { loggedOut: true };
    },
  }),
  changePassword: t.field({
    type: ChangePasswordPayload,
    args: {
      input: t.arg({
        type: ChangePasswordInput,
        required: true,
        description: "The current and the new password.",
      }),
    },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        InvalidCredentialsError,
        RateLimitedError,
        OverloadedError,
      ],
      union: { name: "ChangePasswordResult", description: "Result of `changePassword`." },
    },
    description:
      "Changes your password, renews the token of this session, and ends all your other sessions.",
    resolve: async (_parent, { input }, context) => {
      const viewer = requireViewer(context.viewer);
      const { token, ended } = await context.services.auth.changePassword(
        viewer,
        input.currentPassword,
        input.newPassword,
        context,
      );
      context.setSessionCookie(token, viewer.session.expiresAt);
      return { session: viewer.session, token, ended };
    },
  }),
}));
