import type { FieldProblem } from "../../kernel/errors.ts";

const REASON_MAX_LENGTH = 300;
/** Maximum duration of a ban or mute with an end; without an end it is permanent. */
const MAX_DAYS = 36_500;
const DAY_MS = 86_400_000;

/**
 * Returns the problems of the end of a ban or mute; empty if it is valid.
 *
 * @param until null for no end
 * @param now milliseconds since the Unix epoch
 */
export function endProblems(until: Date | null, now: number): FieldProblem[] {
  const time = until?.getTime() ?? Number.POSITIVE_INFINITY;
  if (until === null || (time > now && time <= now + MAX_DAYS * DAY_MS)) return [];
  const message = "The end must be in the future, within a hundred years.";
  return [{ field: "until", code: "INVALID_VALUE", message }];
}

/** Returns the stored form of a reason and its problems. */
export function toReason(text: string | null): { reason: string | null; problems: FieldProblem[] } {
  const reason = text?.trim() ?? "";
  if (reason.length > REASON_MAX_LENGTH) {
    const message = `A reason may have at most ${String(REASON_MAX_LENGTH)} characters.`;
    return { reason, problems: [{ field: "reason", code: "TOO_LONG", message }] };
  }
  if (/[\0\p{Cs}]/u.test(reason)) {
    const message = "A reason must not contain NUL or lone surrogates.";
    return { reason, problems: [{ field: "reason", code: "INVALID_FORMAT", message }] };
  }
  return { reason: reason === "" ? null : reason, problems: [] };
}
