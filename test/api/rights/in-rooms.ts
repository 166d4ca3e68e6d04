import { randomUUID } from "node:crypto";
import type { Variables } from "../../kit/socket.ts";
import { RoomPlace } from "./place.ts";
import { the, tomorrow, type CasesInPlaces, type Prepare } from "./prepare.ts";

/** A user by role, as the target of a mutation in the room. */
const userInRoom =
  (name: string, more: Variables = {}): Prepare =>
  async (place) => ({ roomId: place.id, userId: await place.personId(name), ...more });

const aGhost: Prepare = async (place) => ({
  roomId: place.id,
  userId: await place.cast.ghostId(),
});

const themselves =
  (more: Variables = {}): Prepare =>
  async (place, actor) => ({ roomId: place.id, userId: await place.personId(actor), ...more });

/** Mutations that affect users in a room. */
const toPeople = (more: Variables = {}): Record<string, Prepare> => ({
  "a member": userInRoom("fellow", more),
  "a moderator": userInRoom("deputy", more),
  "the owner": userInRoom("owner", more),
  "an outsider": userInRoom("passer", more),
  themselves: themselves(more),
});

const invite =
  (to: "them" | "another"): Prepare =>
  async (place, actor) => {
    if (!(place instanceof RoomPlace)) return null;
    // A former member cannot be invited while the place is open.
    if (to === "them" && (place.hasEntered(actor) || actor === "passer")) return null;
    return { inviteId: await place.invite(to === "them" ? actor : "passer") };
  };

/** Mutations about rooms and their members. */
export const IN_ROOMS: CasesInPlaces = {
  acceptInvite: {
    "a link": async (place) =>
      place instanceof RoomPlace ? { token: await place.link("token") } : null,
    "an invite to them": invite("them"),
    "an invite to another": invite("another"),
  },
  archiveRoom: { "the room": the("roomId") },
  banMember: { ...toPeople(), "a deleted account": aGhost },
  createInviteLink: { "the room": the("roomId") },
  declineInvite: { "an invite to them": invite("them"), "an invite to another": invite("another") },
  inviteToRoom: {
    "an outsider": userInRoom("passer"),
    "a member": userInRoom("fellow"),
    "a banned user": userInRoom("exile"),
    themselves: themselves(),
    "a deleted account": aGhost,
  },
  joinRoom: { "the room": the("roomId") },
  leaveRoom: { "the room": the("roomId") },
  muteMember: toPeople({ until: tomorrow() }),
  removeMember: toPeople(),
  revokeInvite: {
    "an invite to another": invite("another"),
    "an invite to them": invite("them"),
  },
  revokeInviteLink: {
    "a link": async (place) =>
      place instanceof RoomPlace ? { linkId: await place.link("id") } : null,
  },
  setRole: {
    "a member, moderator": userInRoom("fellow", { role: "MODERATOR" }),
    "a moderator, member": userInRoom("deputy", { role: "MEMBER" }),
    "a member, owner": userInRoom("fellow", { role: "OWNER" }),
    "the owner, member": userInRoom("owner", { role: "MEMBER" }),
    "themselves, member": themselves({ role: "MEMBER" }),
    "themselves, moderator": themselves({ role: "MODERATOR" }),
    "an outsider, moderator": userInRoom("passer", { role: "MODERATOR" }),
  },
  transferOwnership: {
    "a member": userInRoom("fellow"),
    themselves: themselves(),
    "an outsider": userInRoom("passer"),
  },
  unarchiveRoom: { "the room": the("roomId") },
  unbanMember: { "a banned user": userInRoom("exile"), themselves: themselves() },
  unmuteMember: { "a muted member": userInRoom("hushed"), themselves: themselves() },
  updateRoom: {
    "its topic": the("roomId", { topic: "News" }),
    "its name": the("roomId", { name: "Another name" }),
    "its picture": the("roomId", { pictureUploadId: null }),
    "its visibility": (place) =>
      Promise.resolve({ roomId: place.id, visibility: place.isPrivate ? "PUBLIC" : "PRIVATE" }),
    "its address": (place) =>
      Promise.resolve({ roomId: place.id, slug: `address-${randomUUID().slice(0, 8)}` }),
  },
};
