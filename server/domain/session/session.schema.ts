import { builder, viewerDependent } from "../../graphql/builder.ts";
import {
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { globalId, registerNode, requireId } from "../../graphql/node.ts";
import { InvalidInputError, NotAuthenticatedError, NotFoundError } from "../../kernel/errors.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { Viewer } from "../../kernel/viewer.ts";
import type { SessionRecord } from "./session.service.ts";

export const SessionType = builder.objectRef<SessionRecord>("Session").implement({
  description: "A log-in of yours on one device. Nobody else can see it.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (session) => globalId("Session", session.id) }),
    device: t.exposeString("device", { description: "What the client called itself at log-in." }),
    address: t.exposeString("address", {
      description: "The network address that the log-in came from.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was logged in." }),
    lastUsedAt: t.expose("lastUsedAt", {
      type: "DateTime",
      description: "When it was last used, to within a minute.",
    }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      description: "When it ends in any case.",
    }),
    current: t.boolean({
      ...viewerDependent,
      description: "Whether this answer was asked for with this session. Depends on the viewer.",
      resolve: (session, _args, context) => context.viewer?.session.id === session.id,
    }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Session: SessionRecord;
  }
}

registerNode("Session", (ids, context) => {
  const viewer = requireViewer(context.viewer);
  return Promise.all(ids.map((id) => context.services.sessions.findOwn(viewer, id)));
});

export const ViewerType = builder.objectRef<Viewer>("Viewer").implement({
  description: "You: the person behind the session, and all that is yours.",
  fields: (t) => ({
    session: t.expose("session", {
      type: SessionType,
      description: "The session that this is asked with.",
    }),
    sessions: t.connection(
      {
        type: SessionType,
        description: "Your log-ins that are going on, the newest first.",
        resolve: (viewer, args, context) =>
          paginate(
            {
              args,
              defaultSize: 20,
              maxSize: context.services.server.facts.pageSize,
              toCursor: (session: SessionRecord) =>
                toListCursor(session.createdAt.toISOString(), session.id),
              toNode: (session) => session,
            },
            ({ before, after, limit, inverted }) =>
              context.services.sessions.own(viewer, {
                before: sessionKey(before),
                after: sessionKey(after),
                limit,
                inverted,
              }),
          ),
      },
      { name: "SessionConnection", description: "A page of sessions." },
      { name: "SessionEdge", description: "A session and its place in the list." },
    ),
  }),
});

function sessionKey(cursor: string | undefined): { createdAt: Date; id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [createdAt, id] = fromListCursor(cursor, 2);
  return { createdAt: dateOf(createdAt), id: uuidOf(id) };
}

builder.queryField("viewer", (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    description: "You; null without a session.",
    resolve: (_parent, _args, context) => context.viewer,
  }),
);

const RevokeSessionInput = builder.inputType("RevokeSessionInput", {
  description: "Which session to end.",
  fields: (t) => ({
    sessionId: t.id({ required: true, description: "Global id of a session of yours." }),
  }),
});

const RevokeSessionPayload = builder
  .objectRef<{ session: SessionRecord }>("RevokeSessionPayload")
  .implement({
    description: "The session has ended, and its sockets close within a second.",
    fields: (t) => ({
      session: t.expose("session", { type: SessionType, description: "The session that ended." }),
    }),
  });

builder.mutationField("revokeSession", (t) =>
  t.field({
    type: RevokeSessionPayload,
    args: {
      input: t.arg({
        type: RevokeSessionInput,
        required: true,
        description: "Which session to end.",
      }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError],
      union: { name: "RevokeSessionResult", description: "What comes of `revokeSession`." },
    },
    description:
      "Ends one of your sessions on all servers at once: for a device that you lost or left logged in.",
    resolve: async (_parent, { input }, context) => {
      const viewer = requireViewer(context.viewer);
      const session = await context.services.sessions.revoke(
        viewer,
        requireId("Session", input.sessionId, "sessionId"),
        context,
      );
      if (session.id === viewer.session.id) context.setSessionCookie(null);
      return { session };
    },
  }),
);
