import { builder } from "../../graphql/builder.ts";
import type { Context } from "../../graphql/context.ts";
import { requireId } from "../../graphql/node.ts";
import { requireViewer } from "../../graphql/viewer.ts";
import {
  BannedError,
  InvalidInputError,
  NotAllowedError,
  NotAMemberError,
  NotAuthenticatedError,
  NotFoundError,
} from "../../kernel/errors.ts";
import { MembershipType, RoleEnum } from "../conversation/conversation.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { BanType } from "./ban.schema.ts";
import type { BannedAt, MembershipAt, RemovedAt, ModerationTarget } from "./moderation.service.ts";
import { RoomType } from "./room.schema.ts";

const roomIdField = "Global id of a room that you are in.";

const personInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      roomId: t.id({ required: true, description: roomIdField }),
      userId: t.id({ required: true, description: "Global id of the user." }),
    }),
  });

const TransferOwnershipInput = personInput("TransferOwnershipInput", "To whom a room passes.");
const RemoveMemberInput = personInput("RemoveMemberInput", "Whom to take out of a room.");
const UnbanMemberInput = personInput("UnbanMemberInput", "Whose ban to lift.");
const UnmuteMemberInput = personInput("UnmuteMemberInput", "Who may speak again.");
const SetRoleInput = builder.inputType("SetRoleInput", {
  description: "What a member may do from now on.",
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
  description: "Whom to ban, until when, and why.",
  fields: (t) => ({
    roomId: t.id({ required: true, description: roomIdField }),
    userId: t.id({
      required: true,
      description: "Global id of the person, who need not be a member.",
    }),
    until: t.field({
      type: "DateTime",
      description: "When it ends, within a hundred years; for good when left out.",
    }),
    reason: t.string({
      description: "At most 300 characters, for those who keep order and for the person.",
    }),
  }),
});
const MuteMemberInput = builder.inputType("MuteMemberInput", {
  description: "Who shall say nothing, and until when.",
  fields: (t) => ({
    roomId: t.id({ required: true, description: roomIdField }),
    userId: t.id({ required: true, description: "Global id of the member." }),
    until: t.field({
      type: "DateTime",
      required: true,
      description: "When it ends, within a hundred years.",
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
  "The member has the role.",
  "The member's place.",
);
const TransferOwnershipPayload = membershipPayload(
  "TransferOwnershipPayload",
  "The room has a new owner, and you are a moderator of it.",
  "The new owner's place.",
);
const MuteMemberPayload = membershipPayload(
  "MuteMemberPayload",
  "The member neither writes, edits, reacts nor pins until then.",
  "The member's place.",
);
const UnmuteMemberPayload = membershipPayload(
  "UnmuteMemberPayload",
  "The member may speak again.",
  "The member's place.",
);

const outPayload = (name: string, description: string) =>
  builder.objectRef<RemovedAt>(name).implement({
    description,
    fields: (t) => ({
      room: t.expose("room", { type: RoomType, description: "The room." }),
      user: t.expose("user", { type: UserType, description: "The person." }),
      cursor: t.expose("position", {
        type: "Cursor",
        description:
          "The log as of the act; of what comes after it a person who was removed sees nothing.",
      }),
    }),
  });
const RemoveMemberPayload = outPayload("RemoveMemberPayload", "The person is no longer a member.");
const UnbanMemberPayload = outPayload("UnbanMemberPayload", "The person is not banned any more.");
const BanMemberPayload = builder.objectRef<BannedAt>("BanMemberPayload").implement({
  description: "The person is out and stays out.",
  fields: (t) => ({
    room: t.expose("room", { type: RoomType, description: "The room." }),
    ban: t.expose("ban", { type: BanType, description: "The ban." }),
    cursor: t.expose("position", {
      type: "Cursor",
      description: "The log as of the act; the person sees nothing of what comes after it.",
    }),
  }),
});

/** What can go wrong with every act towards a person in a room. */
const ACT_ERRORS = [
  NotAuthenticatedError,
  InvalidInputError,
  NotFoundError,
  BannedError,
  NotAMemberError,
  NotAllowedError,
];

/** Who acts from where, in which room, towards whom. @throws InvalidInputError NotAuthenticatedError */
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
    args: { input: t.arg({ type: SetRoleInput, required: true, description: "Who is what." }) },
    errors: {
      types: ACT_ERRORS,
      union: { name: "SetRoleResult", description: "What comes of `setRole`." },
    },
    description:
      "Makes a member of your room a moderator, or a moderator a member; a moderator may step down.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.setRole(towards(input, context), input.role),
  }),
  transferOwnership: t.field({
    type: TransferOwnershipPayload,
    args: {
      input: t.arg({ type: TransferOwnershipInput, required: true, description: "To whom." }),
    },
    errors: {
      types: ACT_ERRORS,
      union: {
        name: "TransferOwnershipResult",
        description: "What comes of `transferOwnership`.",
      },
    },
    description: "Hands a room that you own over to another member. You stay as a moderator.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.transferOwnership(towards(input, context)),
  }),
  removeMember: t.field({
    type: RemoveMemberPayload,
    args: { input: t.arg({ type: RemoveMemberInput, required: true, description: "Whom." }) },
    errors: {
      types: ACT_ERRORS,
      union: { name: "RemoveMemberResult", description: "What comes of `removeMember`." },
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
      union: { name: "BanMemberResult", description: "What comes of `banMember`." },
    },
    description:
      "Keeps a person out of a room: they are removed, read nothing of it and cannot join until the ban ends. Banning again replaces time and reason.",
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
      union: { name: "UnbanMemberResult", description: "What comes of `unbanMember`." },
    },
    description: "Lifts a ban. The person is not a member by that. Doing it again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.unban(towards(input, context)),
  }),
  muteMember: t.field({
    type: MuteMemberPayload,
    args: { input: t.arg({ type: MuteMemberInput, required: true, description: "Whom." }) },
    errors: {
      types: ACT_ERRORS,
      union: { name: "MuteMemberResult", description: "What comes of `muteMember`." },
    },
    description:
      "Lets a member say nothing for a time: neither send, edit, react nor pin. Leaving does not end it.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.mute(towards(input, context), input.until),
  }),
  unmuteMember: t.field({
    type: UnmuteMemberPayload,
    args: { input: t.arg({ type: UnmuteMemberInput, required: true, description: "Whom." }) },
    errors: {
      types: ACT_ERRORS,
      union: { name: "UnmuteMemberResult", description: "What comes of `unmuteMember`." },
    },
    description: "Lets a muted member speak again. Doing it again changes nothing.",
    resolve: (_parent, { input }, context) =>
      context.services.moderation.mute(towards(input, context), null),
  }),
}));
