import type { EventsSubscription } from "../generated/graphql.ts";

type Event = EventsSubscription["events"];
type Joined = Extract<Event, { __typename: "MemberJoined" }>;
type JoinedRoom = Joined & { conversation: { __typename: "Room" } };

/**
 * Whether the room list handles an event. It ignores joins to direct conversations, which have no
 * room name.
 */
export function isRoomListEvent<E extends Event>(
  event: E,
): event is Exclude<E, Joined> | (E & JoinedRoom) {
  return event.__typename !== "MemberJoined" || event.conversation.__typename === "Room";
}
