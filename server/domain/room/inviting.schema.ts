import { builder } from "../../graphql/builder.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidInputError,
  LimitReachedError,
  NotAllowedError,
  NotAuthenticatedError,
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

const InviteToRoomInput = builder.inputType("InviteToRoomInput", {
  description: "The user to invite and the room.",
  fields: (t) => ({
    roomId: t.id({ required: true, description: "Global id of a room that you moderate." }),
    userId: t.id({ required: true, description: "Global id of the user." }),
  }),
});
const AcceptInviteInput = builder.inputType("AcceptInviteInput", {
  description:
    "Which invite to accept: one that you were sent, or that of a link; exactly one of the two.",
  fields: (t) => ({
    inviteId: t.id({ description: "Global id of an invite that you were sent." }),
    token: t.string({ description: "The invite or the token of a link." }),
  }),
});
const inviteIdInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      inviteId: t.id({ required: true, description: "Global id of the invite." }),
    }),
  });
const DeclineInviteInput = inviteIdInput("DeclineInviteInput", "The invite to decline.");
const RevokeInviteInput = inviteIdInput("RevokeInviteInput", "The invite to withdraw.");
const CreateInviteLinkInput = builder.inputType("CreateInviteLinkInput", {
  description: "The limits of the link.",
  fields: (t) => ({
    roomId: t.id({ required: true, description: "Global id of a room that you moderate." }),
    expiresInSeconds: t.int({
      defaultValue: LINK_DEFAULT_SECONDS,
      description: "For how long, at most a year (31536000); a week when left out.",
    }),
    maxUses: t.int({
      description: "How many people, at most 10000; any number when left out.",
    }),
  }),
});
const RevokeInviteLinkInput = builder.inputType("RevokeInviteLinkInput", {
  description: "The link to revoke.",
  fields: (t) => ({
    linkId: t.id({ required: true, description: "Global id of the link." }),
  }),
});

const invitePayload = (name: string, description: string) =>
  builder.objectRef<InvitedAt>(name).implement({
    description,
    fields: (t) => ({
      invite: t.expose("invite", { type: InviteType, description: "The invite." }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  });
const InviteToRoomPayload = invitePayload("InviteToRoomPayload", "The user is invited.");
const DeclineInvitePayload = invitePayload("DeclineInvitePayload", "The invite is removed.");
const RevokeInvitePayload = invitePayload("RevokeInvitePayload", "The invite is removed.");
const AcceptInvitePayload = builder.objectRef<Joined>("AcceptInvitePayload").implement({
  description: "You are a member.",
  fields: (t) => ({
    room: t.expose("room", { type: RoomType, description: "The room." }),
    membership: t.expose("membership", { type: MembershipType, description: "Your membership." }),
    cursor: t.expose("position", { type: "Cursor", description: "Log position of the join." }),
  }),
});
const CreateInviteLinkPayload = builder
  .objectRef<{ link: LinkRow; token: string }>("CreateInviteLinkPayload")
  .implement({
    description: "The link is created. Store the token: it is not shown again.",
    fields: (t) => ({
      link: t.expose("link", { type: InviteLinkType, description: "The link." }),
      token: t.exposeString("token", {
        description: "The token for `acceptInvite`.",
      }),
    }),
  });
const RevokeInviteLinkPayload = builder
  .objectRef<{ link: LinkRow }>("RevokeInviteLinkPayload")
  .implement({
    description: "The link is no longer valid.",
    fields: (t) => ({
      link: t.expose("link", {
        type: InviteLinkType,
        description: "The link before it was revoked.",
      }),
    }),
  });

/** Errors of every mutation that invites users. */
const INVITING_ERRORS = [
  NotAuthenticatedError,
  InvalidInputError,
  NotFoundError,
  BannedError,
  NotAMemberError,
  NotAllowedError,
  ArchivedError,
  LimitReachedError,
  RateLimitedError,
];

builder.mutationFields((t) => ({
  inviteToRoom: t.field({
    type: InviteToRoomPayload,
    args: { input: t.arg({ type: InviteToRoomInput, required: true, description: "Whom." }) },
    errors: {
      types: INVITING_ERRORS,
      union: { name: "InviteToRoomResult", description: "Result of `inviteToRoom`." },
    },
    description:
      "Asks a person into a room that you moderate; they accept or decline. Asking again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.invites.invite(
        requireViewer(context.viewer).user,
        requireId("Conversation", input.roomId, "roomId"),
        requireId("User", input.userId, "userId"),
      ),
  }),
  acceptInvite: t.field({
    type: AcceptInvitePayload,
    args: { input: t.arg({ type: AcceptInviteInput, required: true, description: "Which." }) },
    errors: {
      types: [
        NotAuthenticatedError,
        InvalidInputError,
        NotFoundError,
        BannedError,
        ArchivedError,
        InviteEndedError,
      ],
      union: { name: "AcceptInviteResult", description: "Result of `acceptInvite`." },
    },
    description: "Joins the room of an invite or a link. No effect if you are already a member.",
    resolve: (_parent, { input }, context) => {
      const { user } = requireViewer(context.viewer);
      const { inviteId, token } = input;
      if (typeof inviteId === "string" && typeof token !== "string")
        return context.services.invites.accept(user, requireId("Invite", inviteId, "inviteId"));
      if (typeof token === "string" && typeof inviteId !== "string")
        return context.services.invites.acceptLink(user, token);
      const message = "Give either the invite's id or a link's token.";
      throw new InvalidInputError([{ field: "token", code: "REQUIRED", message }]);
    },
  }),
  declineInvite: t.field({
    type: DeclineInvitePayload,
    args: { input: t.arg({ type: DeclineInviteInput, required: true, description: "Which." }) },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError],
      union: { name: "DeclineInviteResult", description: "Result of `declineInvite`." },
    },
    description: "Declines an invite, without notifying the inviting user.",
    resolve: (_parent, { input }, context) =>
      context.services.invites.decline(
        requireViewer(context.viewer).user,
        requireId("Invite", input.inviteId, "inviteId"),
      ),
  }),
  revokeInvite: t.field({
    type: RevokeInvitePayload,
    args: { input: t.arg({ type: RevokeInviteInput, required: true, description: "Which." }) },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError, NotAllowedError],
      union: { name: "RevokeInviteResult", description: "Result of `revokeInvite`." },
    },
    description: "Withdraws one of your own invites, or any invite to a room that you moderate.",
    resolve: (_parent, { input }, context) =>
      context.services.invites.revoke(
        requireViewer(context.viewer).user,
        requireId("Invite", input.inviteId, "inviteId"),
      ),
  }),
  createInviteLink: t.field({
    type: CreateInviteLinkPayload,
    args: {
      input: t.arg({ type: CreateInviteLinkInput, required: true, description: "The link." }),
    },
    errors: {
      types: INVITING_ERRORS,
      union: { name: "CreateInviteLinkResult", description: "Result of `createInviteLink`." },
    },
    description:
      "Creates a link through which users can join a room that you moderate. It ends when you leave or no longer moderate the room.",
    resolve: (_parent, { input }, context) =>
      context.services.invites.createLink(requireViewer(context.viewer).user, {
        roomId: requireId("Conversation", input.roomId, "roomId"),
        expiresInSeconds: input.expiresInSeconds ?? LINK_DEFAULT_SECONDS,
        maxUses: input.maxUses ?? null,
      }),
  }),
  revokeInviteLink: t.field({
    type: RevokeInviteLinkPayload,
    args: {
      input: t.arg({ type: RevokeInviteLinkInput, required: true, description: "Which." }),
    },
    errors: {
      types: [NotAuthenticatedError, InvalidInputError, NotFoundError],
      union: { name: "RevokeInviteLinkResult", description: "Result of `revokeInviteLink`." },
    },
    description: "Revokes a link of a room that you moderate. Members who joined through it stay.",
    resolve: (_parent, { input }, context) =>
      context.services.invites.revokeLink(
        requireViewer(context.viewer).user,
        requireId("InviteLink", input.linkId, "linkId"),
      ),
  }),
}));
