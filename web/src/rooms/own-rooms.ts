import type { ListedRoomFragment } from "../generated/graphql.ts";

export type ListedRoom = ListedRoomFragment & { __typename?: "Room" };

/** A room as the sidebar shows it. */
export interface OwnRoom {
  id: string;
  slug: string;
  name: string;
  topic: string | null;
  memberCount: number;
  unread: number;
  lastMessage: { author: string; own: boolean; body: string; createdAt: string } | undefined;
}

/**
 * What the sidebar shows of a room.
 *
 * @param room as the list has it
 * @param viewerId whose list it is: own messages are called so
 */
export function ownRoom(room: ListedRoom, viewerId: string): OwnRoom {
  const last = room.lastMessage;
  return {
    id: room.id,
    slug: room.slug,
    name: room.name,
    topic: room.topic ?? null,
    memberCount: room.memberCount,
    unread: room.unreadCount,
    lastMessage: last
      ? {
          author: last.author.displayName,
          own: last.author.id === viewerId,
          body: last.deletedAt === null ? last.body : "Message deleted",
          createdAt: last.createdAt,
        }
      : undefined,
  };
}
