import { InvalidInputError, type FieldProblem } from "../../kernel/errors.ts";
import type { RoomRecord } from "./room.record.ts";
import {
  nameProblems,
  slowModeProblems,
  slugProblems,
  toName,
  topicProblems,
  toSlug,
} from "./room-fields.ts";

/** Requested changes of a room; undefined fields stay. A new picture is a complete upload. */
export type RoomChanges = {
  [Field in (typeof FIELDS)[number]]?: RoomRecord[Field] | undefined;
};

const FIELDS = ["name", "slug", "topic", "pictureId", "visibility", "slowModeSeconds"] as const;

/**
 * Returns the changes in stored form.
 *
 * @throws InvalidInputError with all invalid fields
 */
export function toChanges(requested: RoomChanges): RoomChanges {
  const problems: FieldProblem[] = [];
  const changes: RoomChanges = {};
  if (requested.name !== undefined) {
    changes.name = toName(requested.name);
    problems.push(...nameProblems(changes.name));
  }
  if (requested.slug !== undefined) {
    changes.slug = toSlug(requested.slug);
    problems.push(...slugProblems(changes.slug));
  }
  if (requested.topic !== undefined) {
    const topic = requested.topic?.trim() ?? "";
    changes.topic = topic === "" ? null : topic;
    problems.push(...topicProblems(topic));
  }
  if (requested.slowModeSeconds !== undefined) {
    changes.slowModeSeconds = requested.slowModeSeconds;
    problems.push(...slowModeProblems(requested.slowModeSeconds));
  }
  if (requested.pictureId !== undefined) changes.pictureId = requested.pictureId;
  if (requested.visibility !== undefined) changes.visibility = requested.visibility;
  if (problems.length > 0) throw new InvalidInputError(problems);
  return changes;
}

/** Returns the fields whose values differ. */
export function changedFields(room: RoomRecord, next: RoomRecord): (keyof RoomChanges)[] {
  return FIELDS.filter((field) => room[field] !== next[field]);
}
