import type { FieldProblem } from "../../kernel/errors.ts";

const DAY_MS = 86_400_000;
/** How far ahead a message can be scheduled, in days. */
export const SCHEDULE_DAYS = 366;

/** Whoever is in a conversation may plan to write there; whether they then may is decided then. */
export function canSchedule(access: { isMember: boolean }): boolean {
  return access.isMember;
}

/** Nothing is changed any more once an instance has begun to send it; what failed may be tried again. */
export function canChangeScheduled(scheduled: {
  state: "SCHEDULED" | "FAILED";
  claimedAt: Date | null;
}): boolean {
  return scheduled.state === "FAILED" || scheduled.claimedAt === null;
}

/** What is wrong with the time for which a message is scheduled, both in milliseconds. */
export function timeProblems(sendAt: number, now: number): FieldProblem[] {
  if (sendAt <= now)
    return [{ field: "sendAt", code: "INVALID_VALUE", message: "This time has passed." }];
  if (sendAt > now + SCHEDULE_DAYS * DAY_MS) {
    const message = `At most ${String(SCHEDULE_DAYS)} days ahead.`;
    return [{ field: "sendAt", code: "INVALID_VALUE", message }];
  }
  return [];
}
