import type { LiveEvent } from "../connection/context.tsx";
import type { MembersQuery } from "../generated/graphql.ts";

type MembersNode = Extract<NonNullable<MembersQuery["node"]>, { __typename: "Room" }>;

export type Member = MembersNode["members"]["edges"][number]["node"];

/**
 * Applies an event to the members of a room.
 *
 * @param members the room's members, without duplicates
 * @param roomId id of the room; events of other rooms have no effect
 * @returns the new members; the same array if nothing changed
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

/** Sorts owners first, then moderators, then members by name. */
export function sortMembers(members: readonly Member[]): Member[] {
  return [...members].sort(
    (a, b) => RANK[a.role] - RANK[b.role] || a.user.displayName.localeCompare(b.user.displayName),
  );
}

function without(members: readonly Member[], userId: string): readonly Member[] {
  const rest = members.filter((member) => member.user.id !== userId);
  return rest.length === members.length ? members : rest;
}
