import { builder } from "../../graphql/builder.ts";
import type { Context } from "../../graphql/context.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  InvalidInputError,
  NotAllowedError,
  NotAuthenticatedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError } from "./room.errors.ts";
import { MembershipType, RoleEnum } from "../conversation/conversation.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { BanType } from "./ban.schema.ts";
import type { BannedAt, MembershipAt, RemovedAt, ModerationTarget } from "./moderation.service.ts";
import { RoomType } from "./room.schema.ts";

const roomIdField = "Global id of a room of which you are a member.";

const personInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      roomId: t.id({ required: true, description: roomIdField }),
      userId: t.id({ required: true, description: "Global id of the user." }),
    }),
  });

const TransferOwnershipInput = personInput("TransferOwnershipInput", "The new owner of a room.");
const RemoveMemberInput = personInput("RemoveMemberInput", "The member to remove.");
const UnbanMemberInput = personInput("UnbanMemberInput", "The user whose ban to lift.");
const UnmuteMemberInput = personInput("UnmuteMemberInput", "The member to unmute.");
const SetRoleInput = builder.inputType("SetRoleInput", {
  description: "The new role of a member.",
  fields: (t) => ({
    roomId: t.id({ required: true, description: roomIdField }),
    userId: t.id({ required: true, description: "Global id of the member." }),
    role: t.field({
      type: RoleEnum,
      required: true,
      description: "`MODERATOR` or `MEMBER`; ownership is handed over by `transferOwnership`.",
    }),
  }),
});
const BanMemberInput = builder.inputType("BanMemberInput", {
  description: "The user to ban, the end and the reason.",
  fields: (t) => ({
    roomId: t.id({ required: true, description: roomIdField }),
    userId: t.id({
      required: true,
      description: "Global id of the user, who need not be a member.",
    }),
    until: t.field({
      type: "DateTime",
      description: "When it ends, within a hundred years; for good when left out.",
    }),
    reason: t.string({
      description: "At most 300 characters, visible to moderators and to the user.",
    }),
  }),
});
const MuteMemberInput = builder.inputType("MuteMemberInput", {
  description: "The member to mute and the end.",
  fields: (t) => ({
    roomId: t.id({ required: true, description: roomIdField }),
    userId: t.id({ required: true, description: "Global id of the member." }),
    until: t.field({
      type: "DateTime",
      required: true,
      description: "End of the mute, within a hundred years.",
    }),
  }),
});

const membershipPayload = (name: string, description: string, whose: string) =>
  builder.objectRef<MembershipAt>(name).implement({
    description,
    fields: (t) => ({
      membership: t.expose("membership", { type: MembershipType, description: whose }),
      cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
    }),
  });

const SetRolePayload = membershipPayload(
  "SetRolePayload",
  "The member has the new role.",
  "The new membership.",
);
const TransferOwnershipPayload = membershipPayload(
  "TransferOwnershipPayload",
  "The room has a new owner, and you are now a moderator.",
  "The new owner's membership.",
);
const MuteMemberPayload = membershipPayload(
  "MuteMemberPayload",
  "Until the end of the mute, the member can neither send, edit, react nor pin.",
  "The muted membership.",
);
const UnmuteMemberPayload = membershipPayload(
  "UnmuteMemberPayload",
  "The member is no longer muted.",
  "The membership.",
);

const outPayload = (name: string, description: string) =>
  builder.objectRef<RemovedAt>(name).implement({
    description,
    fields: (t) => ({
      room: t.expose("room", { type: RoomType, description: "The room." }),
      user: t.expose("user", { type: UserType, description: "The user." }),
      cursor: t.expose("position", {
        type: "Cursor",
        description:
          "The log as of the act; of what comes after it a person who was removed sees nothing.",
      }),
    }),
  });
const RemoveMemberPayload = outPayload("RemoveMemberPayload", "The user is no longer a member.");
const UnbanMemberPayload = outPayload("UnbanMemberPayload", "The user is no longer banned.");
const BanMemberPayload = builder.objectRef<BannedAt>("BanMemberPayload").implement({
  description: "The user is removed and cannot rejoin.",
  fields: (t) => ({
    room: t.expose("room", { type: RoomType, description: "The room." }),
    ban: t.expose("ban", { type: BanType, description: "The ban." }),
    cursor: t.expose("position", {
      type: "Cursor",
      description: "The log as of the act; the person sees nothing of what comes after it.",
    }),
  }),
});

/** Errors of every moderation of a user in a room. */
const ACT_ERRORS = [
  NotAuthenticatedError,
  InvalidInputError,
  NotFoundError,
  BannedError,
  NotAMemberError,
  NotAllowedError,
];

/** Decodes actor, room and target. @throws InvalidInputError NotAuthenticatedError */
function towards(input: { roomId: string; userId: string }, context: Context): ModerationTarget {
  return {
    viewer: requireViewer(context.viewer).user,
    origin: context,
    roomId: requireId("Conversation", input.roomId, "roomId"),
    userId: requireId("User", input.userId, "userId"),
  };
}

builder.mutationFields((t) => ({
  setRole: t.field({
    type: SetRolePayload,
    args: {
      input: t.arg({ type: SetRoleInput, required: true, description: "The member and the role." }),
    },
    errors: {
      types: ACT_ERRORS,
      union: { name: "SetRoleResult", description: "Result of `setRole`." },
    },
    description:
      "Makes a member of your room a moderator, or a moderator a member; a moderator may step down.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.setRole(towards(input, context), input.role),
  }),
  transferOwnership: t.field({
    type: TransferOwnershipPayload,
    args: {
      input: t.arg({ type: TransferOwnershipInput, required: true, description: "The new owner." }),
    },
    errors: {
      types: ACT_ERRORS,
      union: {
        name: "TransferOwnershipResult",
        description: "Result of `transferOwnership`.",
      },
    },
    description: "Transfers a room that you own to another member. You become a moderator.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.transferOwnership(towards(input, context)),
  }),
  removeMember: t.field({
    type: RemoveMemberPayload,
    args: { input: t.arg({ type: RemoveMemberInput, required: true, description: "Whom." }) },
    errors: {
      types: ACT_ERRORS,
      union: { name: "RemoveMemberResult", description: "Result of `removeMember`." },
    },
    description:
      "Takes a member out of a room; moderators do so with members, owners with moderators too. They may come back as others do.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.remove(towards(input, context)),
  }),
  banMember: t.field({
    type: BanMemberPayload,
    args: { input: t.arg({ type: BanMemberInput, required: true, description: "Whom." }) },
    errors: {
      types: ACT_ERRORS,
      union: { name: "BanMemberResult", description: "Result of `banMember`." },
    },
    description:
      "Bans a user from a room: the user is removed and can neither read nor rejoin it until the ban ends. Repeating it replaces end and reason.",
    resolve: (_parent, { input }, context) => {
      return context.services.moderation.ban(towards(input, context), {
        until: input.until ?? null,
        reason: input.reason ?? null,
      });
    },
  }),
  unbanMember: t.field({
    type: UnbanMemberPayload,
    args: { input: t.arg({ type: UnbanMemberInput, required: true, description: "Whom." }) },
    errors: {
      types: ACT_ERRORS,
      union: { name: "UnbanMemberResult", description: "Result of `unbanMember`." },
    },
    description: "Lifts a ban. It does not restore the membership. Repeating it has no effect.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.unban(towards(input, context)),
  }),
  muteMember: t.field({
    type: MuteMemberPayload,
    args: { input: t.arg({ type: MuteMemberInput, required: true, description: "Whom." }) },
    errors: {
      types: ACT_ERRORS,
      union: { name: "MuteMemberResult", description: "Result of `muteMember`." },
    },
    description:
      "Mutes a member temporarily: the member can neither send, edit, react nor pin. Leaving does not end the mute.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.mute(towards(input, context), input.until),
  }),
  unmuteMember: t.field({
    type: UnmuteMemberPayload,
    args: { input: t.arg({ type: UnmuteMemberInput, required: true, description: "Whom." }) },
    errors: {
      types: ACT_ERRORS,
      union: { name: "UnmuteMemberResult", description: "Result of `unmuteMember`." },
    },
    description: "Ends a mute. Repeating it has no effect.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.mute(towards(input, context), null),
  }),
}));
