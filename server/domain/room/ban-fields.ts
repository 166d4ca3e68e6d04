import type { FieldProblem } from "../../kernel/errors.ts";

const REASON_MAX_LENGTH = 300;
/** Longest that a ban or a mute is given an end for; without an end it holds for good. */
const LONGEST_DAYS = 36_500;
const DAY_MS = 86_400_000;

/**
 * What is wrong with the end of a ban or a mute; empty when nothing is.
 *
 * @param until null for no end
 * @param now   milliseconds since the epoch
 */
export function endProblems(until: Date | null, now: number): FieldProblem[] {
  const time = until?.getTime() ?? Number.POSITIVE_INFINITY;
  if (until === null || (time > now && time <= now + LONGEST_DAYS * DAY_MS)) return [];
  const message = "It ends in the future, within a hundred years.";
  return [{ field: "until", code: "INVALID_VALUE", message }];
}

/** A reason as it is stored, and what is wrong with it. */
export function toReason(text: string | null): { reason: string | null; problems: FieldProblem[] } {
  const reason = text?.trim() ?? "";
  if (reason.length > REASON_MAX_LENGTH) {
    const message = `A reason has at most ${String(REASON_MAX_LENGTH)} characters.`;
    return { reason, problems: [{ field: "reason", code: "TOO_LONG", message }] };
  }
  if (/[\0\p{Cs}]/u.test(reason)) {
    const message = "A reason must not contain NUL or lone surrogates.";
    return { reason, problems: [{ field: "reason", code: "INVALID_FORMAT", message }] };
  }
  return { reason: reason === "" ? null : reason, problems: [] };
}
