import { InvalidInputError, type FieldProblem } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { hasControlCharacters, isVisible } from "../../kernel/text.ts";
import type { RoomRecord } from "../../log/records.ts";

export const ROOM_NAME_MAX_LENGTH = 80;
const TOPIC_MAX_LENGTH = 300;
const SLUG_MAX_LENGTH = 64;
const SLUG_PATTERN = /^[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*$/u;

export interface NewRoom {
  name: string;
  slug: string | null;
  topic: string | null;
  visibility: "PUBLIC" | "PRIVATE";
}

/** Whether a room can have this address at all. */
export function isSlug(text: string): boolean {
  return SLUG_PATTERN.test(text);
}

/**
 * The room that somebody asks for.
 *
 * @param now milliseconds since the epoch
 * @throws InvalidInputError that names every field in the way
 */
export function toRoom(request: NewRoom, now: number): RoomRecord {
  const name = request.name.trim().replace(/\s+/g, " ");
  const topic = request.topic?.trim() ?? "";
  const slug = request.slug?.trim().toLowerCase() ?? slugOf(name);
  const problems: FieldProblem[] = [];
  if (name === "")
    problems.push({ field: "name", code: "REQUIRED", message: "Give the room a name." });
  else if (name.length > ROOM_NAME_MAX_LENGTH) {
    problems.push({
      field: "name",
      code: "TOO_LONG",
      message: `A room's name has at most ${String(ROOM_NAME_MAX_LENGTH)} characters.`,
    });
  } else if (hasControlCharacters(name) || !isVisible(name)) {
    problems.push({
      field: "name",
      code: "INVALID_FORMAT",
      message: "A room's name has letters that show, and no control characters.",
    });
  } else if (slug === "" && request.slug === null) {
    problems.push({
      field: "name",
      code: "INVALID_FORMAT",
      message: "A room's name needs a letter or a digit, from which its address is made.",
    });
  } else if (slug.length > SLUG_MAX_LENGTH) {
    problems.push({
      field: "slug",
      code: "TOO_LONG",
      message: `A room's address has at most ${String(SLUG_MAX_LENGTH)} characters.`,
    });
  } else if (!isSlug(slug)) {
    problems.push({
      field: "slug",
      code: "INVALID_FORMAT",
      message: "A room's address has letters and digits, with single dashes between.",
    });
  }
  if (topic.length > TOPIC_MAX_LENGTH) {
    problems.push({
      field: "topic",
      code: "TOO_LONG",
      message: `A topic has at most ${String(TOPIC_MAX_LENGTH)} characters.`,
    });
  } else if (/[\0\p{Cs}]/u.test(topic)) {
    problems.push({
      field: "topic",
      code: "INVALID_FORMAT",
      message: "A topic has neither NUL nor half characters.",
    });
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return {
    id: newId(now),
    kind: "ROOM",
    visibility: request.visibility,
    createdAt: new Date(now),
    slug,
    name,
    topic: topic === "" ? null : topic,
    isLobby: false,
    pictureId: null,
  };
}

/** "Tea & Cake" becomes "tea-cake". */
function slugOf(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-+/, "")
      .slice(0, SLUG_MAX_LENGTH)
      // The cut may leave a dash, or half of a letter beyond the basic plane, at the end.
      .replace(/[-\p{Cs}]+$/u, "")
  );
}
