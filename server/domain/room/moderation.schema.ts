import {
  type InputFields,
  mutation,
  type MutationRequest,
  type PayloadFields,
} from "../../graphql/mutation.ts";
import { requireId } from "../../graphql/node.ts";
import { NotAllowedError, NotFoundError } from "../../kernel/errors.ts";
import { NotAMemberError } from "../conversation/conversation.errors.ts";
import { BannedError } from "./room.errors.ts";
import { MembershipType, RoleEnum } from "../conversation/conversation.schema.ts";
import { UserType } from "../user/user.schema.ts";
import { BanType } from "./ban.schema.ts";
import type { BannedAt, MembershipAt, RemovedAt, ModerationTarget } from "./moderation.service.ts";
import { RoomType } from "./room.schema.ts";

const roomIdField = "Global id of a room of which you are a member.";

const personInput = (t: InputFields) => ({
  roomId: t.id({ required: true, description: roomIdField }),
  userId: t.id({ required: true, description: "Global id of the user." }),
});

const membershipPayload = (description: string) => (t: PayloadFields<MembershipAt>) => ({
  membership: t.expose("membership", { type: MembershipType, description }),
  cursor: t.expose("position", { type: "Cursor", description: "Log position of the change." }),
});

const removalPayload = (t: PayloadFields<RemovedAt>) => ({
  room: t.expose("room", { type: RoomType, description: "The room." }),
  user: t.expose("user", { type: UserType, description: "The user." }),
  cursor: t.expose("position", {
    type: "Cursor",
    description: "Log position of the change. A removed user sees no later events.",
  }),
});

/** Errors of every moderation of a user in a room. */
const ACT_ERRORS = [NotFoundError, BannedError, NotAMemberError, NotAllowedError];

/** Decodes actor, room and target. @throws InvalidInputError */
function targetOf({
  input,
  viewer,
  context,
}: MutationRequest<{ roomId: string; userId: string }>): ModerationTarget {
  return {
    viewer: viewer.user,
    origin: context,
    roomId: requireId("Conversation", input.roomId, "roomId"),
    userId: requireId("User", input.userId, "userId"),
  };
}

mutation({
  name: "setRole",
  description:
    "Makes a member of your room a moderator, or a moderator a plain member. A moderator may also step down.",
  input: {
    description: "The new role of a member.",
    fields: (t) => ({
      roomId: t.id({ required: true, description: roomIdField }),
      userId: t.id({ required: true, description: "Global id of the member." }),
      role: t.field({
        type: RoleEnum,
        required: true,
        description: "`MODERATOR` or `MEMBER`; use `transferOwnership` to change the owner.",
      }),
    }),
  },
  payload: {
    description: "The member has the new role.",
    fields: membershipPayload("The new membership."),
  },
  errors: ACT_ERRORS,
  resolve: (request) => request.services.moderation.setRole(targetOf(request), request.input.role),
});

mutation({
  name: "transferOwnership",
  description: "Transfers a room that you own to another member. You become a moderator.",
  input: { description: "The new owner of a room.", fields: personInput },
  payload: {
    description: "The room has a new owner, and you are now a moderator.",
    fields: membershipPayload("The new owner's membership."),
  },
  errors: ACT_ERRORS,
  resolve: (request) => request.services.moderation.transferOwnership(targetOf(request)),
});

mutation({
  name: "removeMember",
  description:
    "Removes a member from a room. Moderators can remove plain members; owners can also remove moderators. The user may rejoin like any other user.",
  input: { description: "The member to remove.", fields: personInput },
  payload: { description: "The user is no longer a member.", fields: removalPayload },
  errors: ACT_ERRORS,
  resolve: (request) => request.services.moderation.remove(targetOf(request)),
});

mutation({
  name: "banMember",
  description:
    "Bans a user from a room: the user is removed and can neither read nor rejoin it until the ban ends. Repeating it replaces end and reason.",
  input: {
    description: "The user to ban, the end and the reason.",
    fields: (t) => ({
      roomId: t.id({ required: true, description: roomIdField }),
      userId: t.id({
        required: true,
        description: "Global id of the user, who need not be a member.",
      }),
      until: t.field({
        type: "DateTime",
        description: "When it ends, within a hundred years. Default: never.",
      }),
      reason: t.string({
        description: "At most 300 characters, visible to moderators and to the user.",
      }),
    }),
  },
  payload: {
    description: "The user is removed and cannot rejoin.",
    fields: (t: PayloadFields<BannedAt>) => ({
      room: t.expose("room", { type: RoomType, description: "The room." }),
      ban: t.expose("ban", { type: BanType, description: "The ban." }),
      cursor: t.expose("position", {
        type: "Cursor",
        description: "Log position of the ban. The user sees no later events.",
      }),
    }),
  },
  errors: ACT_ERRORS,
  resolve: (request) =>
    request.services.moderation.ban(targetOf(request), {
      until: request.input.until ?? null,
      reason: request.input.reason ?? null,
    }),
});

mutation({
  name: "unbanMember",
  description: "Lifts a ban. It does not restore the membership. Repeating it has no effect.",
  input: { description: "The user whose ban to lift.", fields: personInput },
  payload: { description: "The user is no longer banned.", fields: removalPayload },
  errors: ACT_ERRORS,
  resolve: (request) => request.services.moderation.unban(targetOf(request)),
});

mutation({
  name: "muteMember",
  description:
    "Mutes a member temporarily: the member can neither send, edit, react nor pin. Leaving does not end the mute.",
  input: {
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
  },
  payload: {
    description: "Until the end of the mute, the member can neither send, edit, react nor pin.",
    fields: membershipPayload("The muted membership."),
  },
  errors: ACT_ERRORS,
  resolve: (request) => request.services.moderation.mute(targetOf(request), request.input.until),
});

mutation({
  name: "unmuteMember",
  description: "Ends a mute. Repeating it has no effect.",
  input: { description: "The member to unmute.", fields: personInput },
  payload: {
    description: "The member is no longer muted.",
    fields: membershipPayload("The membership."),
  },
  errors: ACT_ERRORS,
  resolve: (request) => request.services.moderation.mute(targetOf(request), null),
});
