import { builder, viewerDependent } from "../../graphql/builder.ts";
import { paginate } from "../../graphql/connection.ts";
import { mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { globalId, registerNode, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import { NotFoundError } from "../../kernel/errors.ts";
import { UserType } from "../user/user.schema.ts";
import { ageCursor, ageKey } from "./ban.schema.ts";
import { LINK_DEFAULT_SECONDS } from "./invite-fields.ts";
import type { InviteInfo, LinkRow, NewInviteLink } from "./invite-link.service.ts";
import { INVITE_ERRORS, RoomPreviewType } from "./invite.schema.ts";
import { RoomType } from "./room.schema.ts";

const InviteLinkType = builder.objectRef<LinkRow>("InviteLink").implement({
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
    InviteLink: LinkRow;
  }
}

registerNode("InviteLink", (ids, context) =>
  context.services.inviteLinks.visibleByIds(requireViewer(context.viewer).user.id, ids),
);

builder.queryField("inviteInfo", (t) =>
  t.field({
    type: InviteInfoType,
    nullable: true,
    authScopes: { signedIn: true },
    args: { token: t.arg.string({ required: true, description: "The token of the link." }) },
    description:
      'The facts about an invite link: `inviteInfo(token: "…") { room { name memberCount } }`. Null if the link is not valid.',
    resolve: (_parent, args, context) => context.services.inviteLinks.info(args.token),
  }),
);

builder.objectField(RoomType, "inviteLinks", (t) =>
  t.connection(
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
            context.services.inviteLinks.ofRoom(requireViewer(context.viewer).user.id, room.id, {
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
);

mutation({
  name: "createInviteLink",
  description:
    "Creates a link through which users can join a room that you moderate. It ends when you leave or no longer moderate the room.",
  input: {
    description: "The limits of the link.",
    fields: (t) => ({
      roomId: t.id({ required: true, description: "Global id of a room that you moderate." }),
      expiresInSeconds: t.int({
        defaultValue: LINK_DEFAULT_SECONDS,
        description: "Seconds until the link expires, at most a year (31536000). Default: a week.",
      }),
      maxUses: t.int({
        description: "Maximum number of uses, at most 10000. Default: no limit.",
      }),
    }),
  },
  payload: {
    description: "The link is created. Store the token: it is not shown again.",
    fields: (t: PayloadFields<NewInviteLink>) => ({
      link: t.expose("link", { type: InviteLinkType, description: "The link." }),
      token: t.exposeString("token", {
        description: "The token for `acceptInvite`.",
      }),
    }),
  },
  errors: INVITE_ERRORS,
  resolve: ({ input, viewer, services }) =>
    services.inviteLinks.create(viewer.user, {
      roomId: requireId("Conversation", input.roomId, "roomId"),
      expiresInSeconds: input.expiresInSeconds ?? LINK_DEFAULT_SECONDS,
      maxUses: input.maxUses ?? null,
    }),
});

mutation({
  name: "revokeInviteLink",
  description: "Revokes a link of a room that you moderate. Members who joined through it stay.",
  input: {
    description: "The link to revoke.",
    fields: (t) => ({
      linkId: t.id({ required: true, description: "Global id of the link." }),
    }),
  },
  payload: {
    description: "The link is no longer valid.",
    fields: (t: PayloadFields<{ link: LinkRow }>) => ({
      link: t.expose("link", {
        type: InviteLinkType,
        description: "The link before it was revoked.",
      }),
    }),
  },
  errors: [NotFoundError],
  resolve: ({ input, viewer, services }) =>
    services.inviteLinks.revoke(viewer.user, requireId("InviteLink", input.linkId, "linkId")),
});
