import { builder } from "../../graphql/builder.ts";
import type { Context } from "../../graphql/context.ts";
import {
  InvalidCredentialsError,
  InvalidInputError,
  NotAuthenticatedError,
  OverloadedError,
  RateLimitedError,
  SessionActiveError,
  SuspendedError,
  UsernameTakenError,
} from "../../kernel/errors.ts";
import { UserType } from "../user/user.schema.ts";
import type { LoggedIn } from "./auth.service.ts";
import { SessionType, ViewerType } from "../session/session.schema.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { Viewer } from "../../kernel/viewer.ts";

builder.objectField(ViewerType, "user", (t) =>
  t.expose("user", { type: UserType, description: "The person that you are to others." }),
);

const SignUpInput = builder.inputType("SignUpInput", {
  description: 'A new person: `{ username: "ada", password: "correct horse" }`.',
  fields: (t) => ({
    username: t.string({
      required: true,
      description: "1 to 32 letters a to z, digits, and . _ - between them.",
    }),
    password: t.string({ required: true, description: "8 to 256 characters of any kind." }),
    displayName: t.string({
      description: "What others see, at most 64 characters. The username when left out.",
    }),
    device: t.string({
      description:
        "What to call this log-in in the list of sessions. The User-Agent when left out.",
    }),
  }),
});

const LogInInput = builder.inputType("LogInInput", {
  description: 'Who you say you are: `{ username: "ada", password: "correct horse" }`.',
  fields: (t) => ({
    username: t.string({
      required: true,
      description: "In any case: `Ada` and `ada` are the same.",
    }),
    password: t.string({ required: true, description: "The password." }),
    device: t.string({
      description:
        "What to call this log-in in the list of sessions. The User-Agent when left out.",
    }),
  }),
});

const ChangePasswordInput = builder.inputType("ChangePasswordInput", {
  description: "The password that is, and the one to be.",
  fields: (t) => ({
    currentPassword: t.string({ required: true, description: "The password until now." }),
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
        description: "The log as of now: pass it to `events(after:)`.",
      }),
    }),
  });

const SignUpPayload = loggedInType(
  "SignUpPayload",
  "You are signed up, logged in, and in the lobby.",
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
        description: "Your session, which goes on.",
      }),
      token: t.exposeString("token", {
        description: "Its new secret; the old one is worthless from now on.",
      }),
      revokedSessions: t.exposeInt("ended", {
        description: "How many other sessions of yours were ended.",
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

/** In a browser the session lives in a cookie that scripts cannot read. */
const keep = (context: Context, loggedIn: LoggedIn): LoggedIn => {
  context.setSessionCookie(loggedIn.token, loggedIn.session.expiresAt);
  return loggedIn;
};

/** Whose session is in the browser's cookie, where the new one will be. */
const cookieViewer = (context: Context): Viewer | null =>
  context.byCookie === true ? context.viewer : null;

builder.mutationFields((t) => ({
  signUp: t.field({
    type: SignUpPayload,
    args: { input: t.arg({ type: SignUpInput, required: true, description: "The new person." }) },
    errors: {
      types: [InvalidInputError, UsernameTakenError, RateLimitedError, OverloadedError],
      union: { name: "SignUpResult", description: "What comes of `signUp`." },
    },
    description: "Makes a new account, logs in, and joins the lobby.",
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
    args: { input: t.arg({ type: LogInInput, required: true, description: "Name and password." }) },
    errors: {
      types: [
        InvalidCredentialsError,
        SuspendedError,
        SessionActiveError,
        RateLimitedError,
        OverloadedError,
      ],
      union: { name: "LogInResult", description: "What comes of `logIn`." },
    },
    description:
      "Starts a session. An unknown name and a wrong password get the same answer in the same time.",
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
      union: { name: "LogOutResult", description: "What comes of `logOut`." },
    },
    description: "Ends the session that this is asked with. Its sockets close within a second.",
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
        description: "The old and the new one.",
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
      union: { name: "ChangePasswordResult", description: "What comes of `changePassword`." },
    },
    description:
      "Changes your password, renews the secret of this session, and ends all your other sessions.",
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
