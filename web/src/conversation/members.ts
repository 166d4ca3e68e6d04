import type { LiveEvent } from "../connection/context.tsx";
import type { MembersQuery } from "../generated/graphql.ts";

type MembersNode = Extract<NonNullable<MembersQuery["node"]>, { __typename: "Room" }>;

/** Somebody in a room. */
export type Member = MembersNode["members"]["edges"][number]["node"];

/**
 * Applies an event to the members of a room.
 *
 * @param members of the room, each person once
 * @param roomId events of other rooms change nothing
 * @returns the members after it; the same array when nothing changed
 */
export function applyToMembers(
  members: readonly Member[],
  roomId: string,
  event: LiveEvent,
): readonly Member[] {
  if (!("conversationId" in event) || event.conversationId !== roomId) return members;
  if (event.__typename === "MemberJoined") {
    const { membership } = event;
    return [...without(members, membership.user.id), membership];
  }
  if (event.__typename === "MemberLeft") return without(members, event.user.id);
  return members;
}

const RANK = { OWNER: 0, MODERATOR: 1, MEMBER: 2 } as const;

/** Owners first, then moderators, then everyone by name. */
export function sortMembers(members: readonly Member[]): Member[] {
  return [...members].sort(
    (a, b) => RANK[a.role] - RANK[b.role] || a.user.displayName.localeCompare(b.user.displayName),
  );
}

function without(members: readonly Member[], userId: string): readonly Member[] {
  const rest = members.filter((member) => member.user.id !== userId);
  return rest.length === members.length ? members : rest;
}
