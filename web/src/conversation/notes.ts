import type { MessageFieldsFragment } from "../generated/graphql.ts";

/** What a message tells that nobody said: somebody came or went, or something else as a sentence. */
export type Note = { is: "joined" | "left"; name: string } | { is: "told"; text: string };

type Telling = Pick<MessageFieldsFragment, "author" | "system">;

/** @returns undefined for what somebody said */
export function noteOf({ author, system }: Telling): Note | undefined {
  if (!system) return undefined;
  const { type, value } = system;
  const who = author.displayName;
  const whom = system.target?.displayName ?? "somebody";
  switch (type) {
    case "MEMBER_JOINED":
      return { is: "joined", name: who };
    case "MEMBER_LEFT":
      return { is: "left", name: who };
    case "MEMBER_REMOVED":
      return told(`${who} removed ${whom}`);
    case "MEMBER_BANNED":
      return told(`${who} banned ${whom}`);
    case "ROLE_CHANGED":
      return told(`${who} made ${whom} a ${(value ?? "member").toLowerCase()}`);
    case "OWNERSHIP_TRANSFERRED":
      return told(`${who} handed the room over to ${whom}`);
    case "NAME_CHANGED":
      return told(`${who} named the room “${value ?? ""}”`);
    case "TOPIC_CHANGED":
      return told(
        (value ?? "") === "" ? `${who} removed the topic` : `${who} set the topic to “${value}”`,
      );
    case "PICTURE_CHANGED":
      return told(`${who} changed the room’s picture`);
    case "SLOW_MODE_CHANGED":
      return told(
        value === null || value === "0"
          ? `${who} ended slow mode`
          : `${who} set a pause of ${value} seconds between messages`,
      );
    case "VISIBILITY_CHANGED":
      return told(`${who} made the room ${(value ?? "").toLowerCase()}`);
    case "ROOM_ARCHIVED":
      return told(`${who} archived the room`);
    case "ROOM_UNARCHIVED":
      return told(`${who} opened the room again`);
    default:
      // Also what a newer server tells.
      return told(`${who} changed something`);
  }
}

/** The note as a sentence of its own. */
export function noteText(note: Note): string {
  return note.is === "told" ? note.text : `${note.name} ${note.is}`;
}

function told(text: string): Note {
  return { is: "told", text };
}
