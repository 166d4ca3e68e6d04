import type { EventsSubscription } from "../generated/graphql.ts";

type Event = EventsSubscription["events"];
type Joined = Extract<Event, { __typename: "MemberJoined" }>;
type JoinedRoom = Joined & { conversation: { __typename: "Room" } };

/**
 * Whether the list of own rooms takes an event: all but the joining of a direct conversation, which
 * is no room and has no name to show.
 */
export function belongsToRooms<E extends Event>(
  event: E,
): event is Exclude<E, Joined> | (E & JoinedRoom) {
  return event.__typename !== "MemberJoined" || event.conversation.__typename === "Room";
}
