import { builder, viewerDependent } from "../../graphql/builder.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import {
  dateOf,
  fromListCursor,
  paginate,
  toListCursor,
  uuidOf,
} from "../../graphql/connection.ts";
import { globalId, registerNode, requireId } from "../../graphql/node.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { Viewer } from "../../kernel/viewer.ts";
import type { SessionRecord } from "./session.service.ts";

export const SessionType = builder.objectRef<SessionRecord>("Session").implement({
  description: "One of your log-ins on a device. Only you can see it.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (session) => globalId("Session", session.id) }),
    device: t.exposeString("device", {
      description: "The name that the client reported at log-in.",
    }),
    address: t.exposeString("address", {
      description: "Network address of the log-in.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "Time of the log-in." }),
    lastUsedAt: t.expose("lastUsedAt", {
      type: "DateTime",
      description: "Time of the last use, to within a minute.",
    }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      description: "When it expires in any case.",
    }),
    current: t.boolean({
      ...viewerDependent,
      description: "Whether this request uses this session. Depends on the viewer.",
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
  description: "You: the user of this session, and all your data.",
  fields: (t) => ({
    session: t.expose("session", {
      type: SessionType,
      description: "The session of this request.",
    }),
    sessions: t.connection(
      {
        type: SessionType,
        description: "Your active sessions, newest first.",
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
      { name: "SessionEdge", description: "A session and its cursor in the list." },
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

mutation({
  name: "revokeSession",
  description:
    "Immediately ends one of your sessions on all instances: for a device that you lost or left logged in.",
  input: {
    description: "The session to end.",
    fields: (t) => ({
      sessionId: t.id({ required: true, description: "Global id of one of your sessions." }),
    }),
  },
  payload: {
    description: "The session has ended, and its sockets close within a second.",
    fields: (t: PayloadFields<{ session: SessionRecord }>) => ({
      session: t.expose("session", { type: SessionType, description: "The ended session." }),
    }),
  },
  errors: [NotFoundError],
  resolve: async ({ input, viewer, services, context }) => {
    const session = await services.sessions.revoke(
      viewer,
      requireId("Session", input.sessionId, "sessionId"),
      context,
    );
    if (session.id === viewer.session.id) context.setSessionCookie(null);
    return { session };
  },
});
