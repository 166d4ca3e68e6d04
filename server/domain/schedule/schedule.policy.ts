import type { FieldProblem } from "../../kernel/errors.ts";

const DAY_MS = 86_400_000;
/** Maximum time ahead of a scheduled message, in days. */
export const SCHEDULE_DAYS = 366;

/** Members may schedule messages; permission to send is checked again when the message is due. */
export function canSchedule(access: { isMember: boolean }): boolean {
  return access.isMember;
}

/** A message that is being sent cannot change; a failed one can be retried. */
export function canChangeScheduled(scheduled: {
  state: "SCHEDULED" | "FAILED";
  claimedAt: Date | null;
}): boolean {
  return scheduled.state === "FAILED" || scheduled.claimedAt === null;
}

/** Returns the problems of a scheduled time; both arguments in milliseconds. */
export function timeProblems(sendAt: number, now: number): FieldProblem[] {
  if (sendAt <= now)
    return [{ field: "sendAt", code: "INVALID_VALUE", message: "This time is in the past." }];
  if (sendAt > now + SCHEDULE_DAYS * DAY_MS) {
    const message = `A message can be scheduled at most ${String(SCHEDULE_DAYS)} days ahead.`;
    return [{ field: "sendAt", code: "INVALID_VALUE", message }];
  }
  return [];
}
