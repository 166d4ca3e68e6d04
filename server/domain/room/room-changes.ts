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
export function toChanges(asked: RoomChanges): RoomChanges {
  const problems: FieldProblem[] = [];
  const changes: RoomChanges = {};
  if (asked.name !== undefined) {
    changes.name = toName(asked.name);
    problems.push(...nameProblems(changes.name));
  }
  if (asked.slug !== undefined) {
    changes.slug = toSlug(asked.slug);
    problems.push(...slugProblems(changes.slug));
  }
  if (asked.topic !== undefined) {
    const topic = asked.topic?.trim() ?? "";
    changes.topic = topic === "" ? null : topic;
    problems.push(...topicProblems(topic));
  }
  if (asked.slowModeSeconds !== undefined) {
    changes.slowModeSeconds = asked.slowModeSeconds;
    problems.push(...slowModeProblems(asked.slowModeSeconds));
  }
  if (asked.pictureId !== undefined) changes.pictureId = asked.pictureId;
  if (asked.visibility !== undefined) changes.visibility = asked.visibility;
  if (problems.length > 0) throw new InvalidInputError(problems);
  return changes;
}

/** Returns the fields whose values differ. */
export function changedFields(room: RoomRecord, next: RoomRecord): (keyof RoomChanges)[] {
  return FIELDS.filter((field) => room[field] !== next[field]);
}
