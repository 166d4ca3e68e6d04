import { noteOf, noteText } from "../conversation/notes.ts";
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
  lastMessage: LastMessage | undefined;
}

export interface LastMessage {
  /** Undefined for what nobody said. */
  author: string | undefined;
  own: boolean;
  body: string;
  createdAt: string;
}

/**
 * What the sidebar shows of a room.
 *
 * @param room as the list has it
 * @param viewerId whose list it is: own messages are called so
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
