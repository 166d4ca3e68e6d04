import { type InputFields, mutation, type PayloadFields } from "../../graphql/mutation.ts";
import { requireId } from "../../graphql/node.ts";
import {
  InvalidInputError,
  LimitReachedError,
  NotAllowedError,
  NotFoundError,
  RateLimitedError,
} from "../../kernel/errors.ts";
import { ArchivedError, NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError, InviteEndedError } from "./room.errors.ts";
import { MembershipType } from "../conversation/conversation.schema.ts";
import { LINK_DEFAULT_SECONDS } from "./invite-fields.ts";
import { InviteLinkType, InviteType } from "./invite.schema.ts";
import type { InvitedAt, LinkRow } from "./invite.service.ts";
import { RoomType } from "./room.schema.ts";
import type { Joined } from "./room.service.ts";

const inviteIdInput = (t: InputFields) => ({
  inviteId: t.id({ required: true, description: "Global id of the invite." }),
});

const invitePayload = (t: PayloadFields<InvitedAt>) => ({
  invite: t.expose("invite", { type: InviteType, description: "The invite." }),
  cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
});

/** Errors of every mutation that invites users. */
const INVITING_ERRORS = [
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
  errors: INVITING_ERRORS,
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
      return services.invites.acceptLink(viewer.user, token);
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
    fields: (t: PayloadFields<{ link: LinkRow; token: string }>) => ({
      link: t.expose("link", { type: InviteLinkType, description: "The link." }),
      token: t.exposeString("token", {
        description: "The token for `acceptInvite`.",
      }),
    }),
  },
  errors: INVITING_ERRORS,
  resolve: ({ input, viewer, services }) =>
    services.invites.createLink(viewer.user, {
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
    services.invites.revokeLink(viewer.user, requireId("InviteLink", input.linkId, "linkId")),
});
