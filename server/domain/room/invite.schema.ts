import { builder, viewerDependent } from "../../graphql/builder.ts";
import { paginate } from "../../graphql/connection.ts";
import { type InputFields, mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { globalId, registerNode, requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidInputError,
  LimitReachedError,
  NotAllowedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { MembershipType, VisibilityEnum } from "../conversation/conversation.schema.ts";
import { ViewerType } from "../session/session.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { ageCursor, ageKey } from "./ban.schema.ts";
import type { InviteRecord } from "./invite.record.ts";
import type { InvitedAt } from "./invite.service.ts";
import { BannedError, InviteEndedError } from "./room.errors.ts";
import type { RoomRecord } from "./room.record.ts";
import { RoomType } from "./room.schema.ts";
import type { Joined } from "./room.service.ts";

export const RoomPreviewType = builder.objectRef<RoomRecord>("RoomPreview").implement({
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

declare module "../../graphql/node.ts" {
  interface NodeKinds {
    Invite: InviteRecord;
  }
}

registerNode("Invite", (ids, context) =>
  context.services.invites.visibleByIds(requireViewer(context.viewer).user.id, ids),
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
}));

const inviteIdInput = (t: InputFields) => ({
  inviteId: t.id({ required: true, description: "Global id of the invite." }),
});

const invitePayload = (t: PayloadFields<InvitedAt>) => ({
  invite: t.expose("invite", { type: InviteType, description: "The invite." }),
  cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
});

/** Errors of every mutation that invites users. */
export const INVITE_ERRORS = [
  NotFoundError,
  BannedError,
  NotAMemberError,
  NotAllowedError,
  ArchivedError,
  LimitReachedError,
  RateLimitedError,
];

mutation({
  name: "inviteToRoom",
  description:
    "Invites a user to a room that you moderate. The user accepts or declines. Repeating it has no effect.",
  input: {
    description: "The user to invite and the room.",
    fields: (t) => ({
      roomId: t.id({ required: true, description: "Global id of a room that you moderate." }),
      userId: t.id({ required: true, description: "Global id of the user." }),
    }),
  },
  payload: { description: "The user is invited.", fields: invitePayload },
  errors: INVITE_ERRORS,
  resolve: ({ input, viewer, services }) =>
    services.invites.invite(
      viewer.user,
      requireId("Conversation", input.roomId, "roomId"),
      requireId("User", input.userId, "userId"),
    ),
});

mutation({
  name: "acceptInvite",
  description: "Joins the room of an invite or a link. No effect if you are already a member.",
  input: {
    description: "The invite or the link to accept; set exactly one of the two.",
    fields: (t) => ({
      inviteId: t.id({ description: "Global id of an invite that you received." }),
      token: t.string({ description: "The token of a link." }),
    }),
  },
  payload: {
    description: "You are a member.",
    fields: (t: PayloadFields<Joined>) => ({
      room: t.expose("room", { type: RoomType, description: "The room." }),
      membership: t.expose("membership", { type: MembershipType, description: "Your membership." }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the join." }),
    }),
  },
  errors: [NotFoundError, BannedError, ArchivedError, InviteEndedError],
  resolve: ({ input, viewer, services }) => {
    const { inviteId, token } = input;
    if (typeof inviteId === "string" && typeof token !== "string")
      return services.invites.accept(viewer.user, requireId("Invite", inviteId, "inviteId"));
    if (typeof token === "string" && typeof inviteId !== "string")
      return services.inviteLinks.accept(viewer.user, token);
    const message = "Give either the invite's id or a link's token.";
    throw new InvalidInputError([{ field: "token", code: "REQUIRED", message }]);
  },
});

mutation({
  name: "declineInvite",
  description: "Declines an invite, without notifying the inviting user.",
  input: { description: "The invite to decline.", fields: inviteIdInput },
  payload: { description: "The invite is removed.", fields: invitePayload },
  errors: [NotFoundError],
  resolve: ({ input, viewer, services }) =>
    services.invites.decline(viewer.user, requireId("Invite", input.inviteId, "inviteId")),
});

mutation({
  name: "revokeInvite",
  description: "Withdraws one of your own invites, or any invite to a room that you moderate.",
  input: { description: "The invite to withdraw.", fields: inviteIdInput },
  payload: { description: "The invite is removed.", fields: invitePayload },
  errors: [NotFoundError, NotAllowedError],
  resolve: ({ input, viewer, services }) =>
    services.invites.revoke(viewer.user, requireId("Invite", input.inviteId, "inviteId")),
});
