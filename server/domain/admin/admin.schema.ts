import { builder } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import {
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { NotAllowedError, NotFoundError } from "../../kernel/errors.ts";
import { LastAdministratorError } from "./admin.errors.ts";
import type { UserRecord } from "../user/user.record.ts";
import { ViewerType } from "../session/session.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { SuspensionKey, SuspensionRecord } from "./admin.service.ts";

builder.objectField(ViewerType, "isAdministrator", (t) =>
  t.boolean({
    description:
      "Whether you administer this server. The first account does, or the accounts that the operator names.",
    resolve: (viewer, _args, context) => context.services.admin.isAdministrator(viewer.user),
  }),
);

const SuspensionType = builder.objectRef<SuspensionRecord>("Suspension").implement({
  description: "A suspension: the user cannot log in until it ends.",
  fields: (t) => ({
    user: t.field({
      type: UserType,
      nullable: true,
      description: "The suspended user.",
      resolve: (suspension, _args, context) => context.loaders.users.load(suspension.userId),
    }),
    until: t.expose("until", {
      type: "DateTime",
      nullable: true,
      description: "End of the suspension; null if it lasts until an administrator lifts it.",
    }),
    reason: t.exposeString("reason", { description: "The reason, which the user sees." }),
    suspendedAt: t.expose("suspendedAt", {
      type: "DateTime",
      description: "Start of the suspension.",
    }),
  }),
});

function suspensionKey(cursor: string | undefined): SuspensionKey | undefined {
  if (cursor === undefined) return undefined;
  const [suspendedAt, userId] = fromListCursor(cursor, 2);
  return { suspendedAt: dateOf(suspendedAt), userId: uuidOf(userId) };
}

builder.queryField("suspensions", (t) =>
  t.connection(
    {
      type: SuspensionType,
      authScopes: { signedIn: true },
      description:
        "Current suspensions, latest first. Only for administrators; other users receive the error `NOT_ALLOWED`.",
      resolve: (_parent, args, context) => {
        const viewer = requireViewer(context.viewer).user;
        return paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: ({ suspendedAt, userId }: SuspensionRecord) =>
              toListCursor(suspendedAt.toISOString(), userId),
            toNode: (suspension) => suspension,
          },
          ({ before, after, limit, inverted }) =>
            context.services.admin.suspensions(viewer, {
              before: suspensionKey(before),
              after: suspensionKey(after),
              limit,
              inverted,
            }),
        );
      },
    },
    { name: "SuspensionConnection", description: "A page of suspensions." },
    { name: "SuspensionEdge", description: "A suspension and its cursor in the list." },
  ),
);

const userPayload = (t: PayloadFields<{ user: UserRecord }>) => ({
  user: t.expose("user", { type: UserType, description: "The user." }),
});

mutation({
  name: "suspendUser",
  description:
    "Suspends a user: immediately ends all sessions and rejects new ones. Repeating it replaces end and reason. Only for administrators.",
  input: {
    description: "The user to suspend, the duration and the reason.",
    fields: (t) => ({
      userId: t.id({
        required: true,
        description: "Global id of a user who is not an administrator.",
      }),
      until: t.field({
        type: "DateTime",
        description: "End of the suspension. By default, it lasts until an administrator lifts it.",
      }),
      reason: t.string({
        required: true,
        description:
          "At most 500 characters. The user sees it after a log-in with the right password.",
      }),
    }),
  },
  payload: {
    description: "The user is suspended: all sessions have ended, and their sockets close.",
    fields: (t: PayloadFields<{ suspension: SuspensionRecord }>) => ({
      suspension: t.expose("suspension", { type: SuspensionType, description: "The suspension." }),
    }),
  },
  errors: [NotFoundError, NotAllowedError],
  resolve: async ({ input, viewer, services, context }) => {
    const userId = requireId("User", input.userId, "userId");
    const request = { userId, until: input.until ?? null, reason: input.reason };
    return { suspension: await services.admin.suspend(viewer.user, request, context) };
  },
});

mutation({
  name: "unsuspendUser",
  description: "Lifts a suspension. Only for administrators.",
  input: {
    description: "The user whose suspension to lift.",
    fields: (t) => ({
      userId: t.id({ required: true, description: "Global id of the user." }),
    }),
  },
  payload: { description: "The user may log in again.", fields: userPayload },
  errors: [NotFoundError, NotAllowedError],
  resolve: async ({ input, viewer, services, context }) => {
    const userId = requireId("User", input.userId, "userId");
    return { user: await services.admin.unsuspend(viewer.user, userId, context) };
  },
});

mutation({
  name: "setAdministrator",
  description:
    "Grants or revokes the administrator role. The last administrator keeps it. Only for administrators.",
  input: {
    description: "A user and whether the user is an administrator.",
    fields: (t) => ({
      userId: t.id({ required: true, description: "Global id of the user." }),
      isAdministrator: t.boolean({
        required: true,
        description: "Whether the user has the role from now on.",
      }),
    }),
  },
  payload: { description: "The role is changed.", fields: userPayload },
  errors: [NotFoundError, NotAllowedError, LastAdministratorError],
  resolve: async ({ input, viewer, services, context }) => {
    const userId = requireId("User", input.userId, "userId");
    const { admin } = services;
    return {
      user: await admin.setAdministrator(viewer.user, userId, input.isAdministrator, context),
    };
  },
});
