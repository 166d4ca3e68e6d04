import { builder } from "../../graphql/builder.ts";
import {
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidInputError,
  LastAdministratorError,
  NotAllowedError,
  NotAuthenticatedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import type { UserRecord } from "../user/user.record.ts";
import { ViewerType } from "../session/session.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { SuspensionKey, SuspensionRecord } from "./admin.service.ts";

builder.objectField(ViewerType, "isAdministrator", (t) =>
  t.boolean({
    description:
      "Whether you administer this server: the first account does, or those whom the operator names.",
    resolve: (viewer, _args, context) => context.services.admin.isAdministrator(viewer.user),
  }),
);

const SuspensionType = builder.objectRef<SuspensionRecord>("Suspension").implement({
  description: "Somebody who may not log in for a time.",
  fields: (t) => ({
    user: t.field({
      type: UserType,
      nullable: true,
      description: "Who it is.",
      resolve: (suspension, _args, context) => context.loaders.users.load(suspension.userId),
    }),
    until: t.expose("until", {
      type: "DateTime",
      nullable: true,
      description: "Until when; null until it is lifted.",
    }),
    reason: t.exposeString("reason", { description: "Why; the person is told." }),
    suspendedAt: t.expose("suspendedAt", { type: "DateTime", description: "Since when." }),
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
        "Who is suspended at this moment, the latest first. For administrators; others get the error `NOT_ALLOWED`.",
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
    { name: "SuspensionEdge", description: "A suspension and its place in the list." },
  ),
);

const SuspendUserInput = builder.inputType("SuspendUserInput", {
  description: "Whom to keep out, how long, and why.",
  fields: (t) => ({
    userId: t.id({ required: true, description: "Global id of a person who is no administrator." }),
    until: t.field({
      type: "DateTime",
      description: "Until when; until it is lifted when left out.",
    }),
    reason: t.string({
      required: true,
      description: "At most 500 characters; whoever logs in with the right password is told.",
    }),
  }),
});
const UnsuspendUserInput = builder.inputType("UnsuspendUserInput", {
  description: "Whom to let in again.",
  fields: (t) => ({
    userId: t.id({ required: true, description: "Global id of the person." }),
  }),
});
const SetAdministratorInput = builder.inputType("SetAdministratorInput", {
  description: "Who shall administer the server, or no longer.",
  fields: (t) => ({
    userId: t.id({ required: true, description: "Global id of the person." }),
    isAdministrator: t.boolean({
      required: true,
      description: "Whether the person has the role from now on.",
    }),
  }),
});

const SuspendUserPayload = builder
  .objectRef<{ suspension: SuspensionRecord }>("SuspendUserPayload")
  .implement({
    description: "The person is out: their sessions have ended, and their sockets close.",
    fields: (t) => ({
      suspension: t.expose("suspension", { type: SuspensionType, description: "The suspension." }),
    }),
  });

const userPayload = (name: string, description: string) =>
  builder.objectRef<{ user: UserRecord }>(name).implement({
    description,
    fields: (t) => ({ user: t.expose("user", { type: UserType, description: "The person." }) }),
  });
const UnsuspendUserPayload = userPayload("UnsuspendUserPayload", "The person may log in.");
const SetAdministratorPayload = userPayload("SetAdministratorPayload", "It is so from now on.");

builder.mutationFields((t) => ({
  suspendUser: t.field({
    type: SuspendUserPayload,
    args: {
      input: t.arg({ type: SuspendUserInput, required: true, description: "Whom, and why." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError],
      union: { name: "SuspendUserResult", description: "What comes of `suspendUser`." },
    },
    description:
      "Keeps somebody out: ends all their sessions at once and refuses new ones. Doing it again replaces time and reason. For administrators.",
    resolve: async (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const userId = requireId("User", input.userId, "userId");
      const request = { userId, until: input.until ?? null, reason: input.reason };
      return { suspension: await context.services.admin.suspend(user, request, context) };
    },
  }),
  unsuspendUser: t.field({
    type: UnsuspendUserPayload,
    args: { input: t.arg({ type: UnsuspendUserInput, required: true, description: "Whom." }) },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError],
      union: { name: "UnsuspendUserResult", description: "What comes of `unsuspendUser`." },
    },
    description: "Lets somebody in again. For administrators.",
    resolve: async (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const userId = requireId("User", input.userId, "userId");
      return { user: await context.services.admin.unsuspend(user, userId, context) };
    },
  }),
  setAdministrator: t.field({
    type: SetAdministratorPayload,
    args: { input: t.arg({ type: SetAdministratorInput, required: true, description: "Who." }) },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        NotAllowedError,
        LastAdministratorError,
      ],
      union: { name: "SetAdministratorResult", description: "What comes of `setAdministrator`." },
    },
    description:
      "Makes somebody an administrator, or takes the role back. The last one keeps it. For administrators.",
    resolve: async (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const userId = requireId("User", input.userId, "userId");
      const { admin } = context.services;
      return { user: await admin.setAdministrator(user, userId, input.isAdministrator, context) };
    },
  }),
}));
