import { noteOf, noteText } from "../conversation/system-note.ts";
import type { ListedRoomFragment } from "../generated/graphql.ts";

export type ListedRoom = ListedRoomFragment & { __typename?: "Room" };

export interface OwnRoom {
  id: string;
  slug: string;
  name: string;
  topic: string | null;
  memberCount: number;
  unread: number;
  lastMessage: LastMessage | undefined;
}

export interface LastMessage {
  /** Undefined for system messages. */
  author: string | undefined;
  own: boolean;
  body: string;
  createdAt: string;
}

/**
 * Converts a listed room for the sidebar.
 *
 * @param room a room of the list
 * @param viewerId id of the viewer, whose own messages are marked
 */
export function ownRoom(room: ListedRoom, viewerId: string): OwnRoom {
  return {
    id: room.id,
    slug: room.slug,
    name: room.name,
    topic: room.topic ?? null,
    memberCount: room.memberCount,
    unread: room.unreadCount,
    lastMessage: room.lastMessage ? lastMessage(room.lastMessage, viewerId) : undefined,
  };
}

function lastMessage(last: NonNullable<ListedRoom["lastMessage"]>, viewerId: string): LastMessage {
  const { createdAt } = last;
  const note = noteOf(last);
  if (note) return { author: undefined, own: false, body: noteText(note), createdAt };
  const said = last.body === "" ? last.attachments.map(({ name }) => name).join(", ") : last.body;
  return {
    author: last.author.displayName,
    own: last.author.id === viewerId,
    body: last.deletedAt === null ? said : "Message deleted",
    createdAt,
  };
}
