import { builder, viewerDependent } from "../../graphql/builder.ts";
import { paginate } from "../../graphql/connection.ts";
import { globalId, registerNode } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import type { InviteRecord } from "./invite.record.ts";
import type { RoomRecord } from "./room.record.ts";
import { ViewerType } from "../session/session.schema.ts";
import { VisibilityEnum } from "../conversation/conversation.schema.ts";
import { UserType } from "../user/user.schema.ts";
import type { InviteInfo, LinkRow } from "./invite.service.ts";
import { ageCursor, ageKey } from "./ban.schema.ts";
import { RoomType } from "./room.schema.ts";

const RoomPreviewType = builder.objectRef<RoomRecord>("RoomPreview").implement({
  description: "The facts of a room that an invited user sees before joining.",
  fields: (t) => ({
    id: t.id({
      description: "Global id of the room.",
      resolve: (room) => globalId("Conversation", room.id),
    }),
    name: t.exposeString("name", { description: "The room's name." }),
    topic: t.exposeString("topic", { nullable: true, description: "The room's topic." }),
    visibility: t.expose("visibility", {
      type: VisibilityEnum,
      description: "The users who may find and read it.",
    }),
    memberCount: t.int({
      description: "Number of members.",
      resolve: async (room, _args, context) =>
        (await context.loaders.stats.load(room.id))?.memberCount ?? 0,
    }),
  }),
});

export const InviteType = builder.objectRef<InviteRecord>("Invite").implement({
  description: "An invitation of a user to a room, not answered yet.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (invite) => globalId("Invite", invite.id) }),
    room: t.expose("room", { type: RoomPreviewType, description: "The room." }),
    user: t.expose("user", { type: UserType, description: "The invited user." }),
    inviter: t.expose("inviter", { type: UserType, description: "The inviting user." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "Time of the invitation." }),
  }),
});

export const InviteLinkType = builder.objectRef<LinkRow>("InviteLink").implement({
  description:
    "A link through which users can join a room. Its token is shown once, when the link is created.",
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: "Global id.", resolve: (link) => globalId("InviteLink", link.id) }),
    creator: t.expose("creator", { type: UserType, description: "The user who created it." }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was created." }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      description: "When it expires.",
    }),
    maxUses: t.exposeInt("maxUses", {
      nullable: true,
      description: "Maximum number of uses; null for no limit.",
    }),
    uses: t.exposeInt("uses", { description: "Number of uses." }),
  }),
});

const InviteInfoType = builder.objectRef<InviteInfo>("InviteInfo").implement({
  description: "The facts that a link's token reveals before it is used.",
  fields: (t) => ({
    room: t.expose("room", { type: RoomPreviewType, description: "The room that it leads to." }),
    creator: t.expose("creator", { type: UserType, description: "The user who created the link." }),
    expiresAt: t.expose("expiresAt", {
      type: "DateTime",
      description: "When it expires.",
    }),
  }),
});

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Invite: InviteRecord;
    InviteLink: LinkRow;
  }
}

registerNode("Invite", (ids, context) =>
  context.services.invites.visibleByIds(requireViewer(context.viewer).user.id, ids),
);
registerNode("InviteLink", (ids, context) =>
  context.services.invites.visibleLinks(requireViewer(context.viewer).user.id, ids),
);

builder.queryField("inviteInfo", (t) =>
  t.field({
    type: InviteInfoType,
    nullable: true,
    authScopes: { signedIn: true },
    args: { token: t.arg.string({ required: true, description: "The token of the link." }) },
    description:
      'The facts about an invite link: `inviteInfo(token: "…") { room { name memberCount } }`. Null if the link is not valid.',
    resolve: (_parent, args, context) => context.services.invites.info(args.token),
  }),
);

builder.objectField(ViewerType, "invites", (t) =>
  t.connection(
    {
      type: InviteType,
      description: "Your unanswered invites, latest first.",
      resolve: (viewer, args, context) =>
        paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: ageCursor,
            toNode: (invite: InviteRecord) => invite,
          },
          ({ before, after, limit, inverted }) =>
            context.services.invites.ofViewer(viewer.user.id, {
              before: ageKey(before),
              after: ageKey(after),
              limit,
              inverted,
            }),
        ),
    },
    { name: "InviteConnection", description: "A page of invites." },
    { name: "InviteEdge", description: "An invite and its cursor in the list." },
  ),
);

builder.objectFields(RoomType, (t) => ({
  invites: t.connection(
    {
      ...viewerDependent,
      type: InviteType,
      description:
        "Unanswered invites, latest first. Only for owners and moderators; other users receive the error `NOT_ALLOWED`. Depends on the viewer.",
      resolve: (room, args, context) =>
        paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: ageCursor,
            toNode: (invite: InviteRecord) => invite,
          },
          ({ before, after, limit, inverted }) =>
            context.services.invites.ofRoom(requireViewer(context.viewer).user.id, room.id, {
              before: ageKey(before),
              after: ageKey(after),
              limit,
              inverted,
            }),
        ),
    },
    { name: "RoomInvitesConnection", description: "A page of a room's invites." },
    { name: "RoomInvitesEdge", description: "An invite and its cursor in the list." },
  ),
  inviteLinks: t.connection(
    {
      ...viewerDependent,
      type: InviteLinkType,
      description:
        "Valid invite links, latest first; at most 50. Only for owners and moderators; other users receive the error `NOT_ALLOWED`. Depends on the viewer.",
      resolve: (room, args, context) =>
        paginate(
          {
            args,
            defaultSize: 20,
            maxSize: context.services.server.facts.pageSize,
            toCursor: ageCursor,
            toNode: (link: LinkRow) => link,
          },
          ({ before, after, limit, inverted }) =>
            context.services.invites.links(requireViewer(context.viewer).user.id, room.id, {
              before: ageKey(before),
              after: ageKey(after),
              limit,
              inverted,
            }),
        ),
    },
    { name: "InviteLinkConnection", description: "A page of invite links." },
    { name: "InviteLinkEdge", description: "A link and its cursor in the list." },
  ),
}));
