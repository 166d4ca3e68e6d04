import { InvalidInputError, type FieldProblem } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import type { RoomRecord } from "./room.record.ts";
import {
  nameProblems,
  slugOf,
  slugProblems,
  toName,
  topicProblems,
  toSlug,
} from "./room-fields.ts";

export interface NewRoom {
  name: string;
  slug: string | null;
  topic: string | null;
  visibility: "PUBLIC" | "PRIVATE";
}

/**
 * Builds the requested room. `isCut` means that its address is a truncated name; if a room has that
 * address, the server may choose another.
 *
 * @param now milliseconds since the Unix epoch
 * @throws InvalidInputError with all invalid fields
 */
export function toRoom(request: NewRoom, now: number): { room: RoomRecord; isCut: boolean } {
  const name = toName(request.name);
  const topic = request.topic?.trim() ?? "";
  const derived = slugOf(name);
  const slug = request.slug === null ? derived.slug : toSlug(request.slug);
  const problems = [
    ...nameOrSlugProblems(name, slug, request.slug !== null),
    ...topicProblems(topic),
  ];
  if (problems.length > 0) throw new InvalidInputError(problems);
  const room: RoomRecord = {
    id: newId(now),
    kind: "ROOM",
    visibility: request.visibility,
    createdAt: new Date(now),
    slug,
    name,
    topic: topic === "" ? null : topic,
    isLobby: false,
    pictureId: null,
    archivedAt: null,
    slowModeSeconds: 0,
  };
  return { room, isCut: request.slug === null && derived.isCut };
}

function nameOrSlugProblems(name: string, slug: string, isOwnSlug: boolean): FieldProblem[] {
  const problems = nameProblems(name);
  if (problems.length > 0) return problems;
  if (slug === "" && !isOwnSlug) {
    const message = "A room's name needs a letter or digit, because the address is built from it.";
    return [{ field: "name", code: "INVALID_FORMAT", message }];
  }
  return slugProblems(slug);
}
