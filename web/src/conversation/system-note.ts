import type { MessageFieldsFragment } from "../generated/graphql.ts";

/**
 * The text of a system message. Joins and leaves stay separate, so that the list can group them.
 */
export type SystemNote = { kind: "joined" | "left"; name: string } | { kind: "text"; text: string };

type SystemMessage = Pick<MessageFieldsFragment, "author" | "system">;

/** @returns undefined for a user's message */
export function noteOf({ author, system }: SystemMessage): SystemNote | undefined {
  if (!system) return undefined;
  const { type, value } = system;
  const actor = author.displayName;
  const target = system.target?.displayName ?? "someone";
  switch (type) {
    case "MEMBER_JOINED":
      return { kind: "joined", name: actor };
    case "MEMBER_LEFT":
      return { kind: "left", name: actor };
    case "MEMBER_REMOVED":
      return textNote(`${actor} removed ${target}`);
    case "MEMBER_BANNED":
      return textNote(`${actor} banned ${target}`);
    case "ROLE_CHANGED":
      return textNote(`${actor} made ${target} a ${(value ?? "member").toLowerCase()}`);
    case "OWNERSHIP_TRANSFERRED":
      return textNote(`${actor} made ${target} the owner`);
    case "NAME_CHANGED":
      return textNote(`${actor} renamed the room to “${value ?? ""}”`);
    case "TOPIC_CHANGED":
      return textNote(
        (value ?? "") === ""
          ? `${actor} cleared the topic`
          : `${actor} set the topic to “${value}”`,
      );
    case "PICTURE_CHANGED":
      return textNote(`${actor} changed the room picture`);
    case "SLOW_MODE_CHANGED":
      return textNote(
        value === null || value === "0"
          ? `${actor} turned off slow mode`
          : `${actor} turned on slow mode: one message every ${value} seconds`,
      );
    case "VISIBILITY_CHANGED":
      return textNote(`${actor} made the room ${(value ?? "").toLowerCase()}`);
    case "ROOM_ARCHIVED":
      return textNote(`${actor} archived the room`);
    case "ROOM_UNARCHIVED":
      return textNote(`${actor} unarchived the room`);
    default:
      // Also covers types that a newer server adds.
      return textNote(`${actor} updated the room`);
  }
}

export function noteText(note: SystemNote): string {
  return note.kind === "text" ? note.text : `${note.name} ${note.kind}`;
}

function textNote(text: string): SystemNote {
  return { kind: "text", text };
}
