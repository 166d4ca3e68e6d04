import type { FieldProblem } from "../../kernel/errors.ts";

/** The inputs of the decision about handling a report. */
export interface ReportRights {
  isAdministrator: boolean;
  /** The viewer's role in the conversation of the reported message; null elsewhere. */
  role: "OWNER" | "MODERATOR" | "MEMBER" | null;
  kind: "ROOM" | "DIRECT" | null;
  subject: "MESSAGE" | "USER" | "ROOM";
  /** Whether the report is about the viewer. */
  isAccused: boolean;
}

/** The accused may not handle a report, except administrators, because no role is above them. */
export function canHandleReport(rights: ReportRights): boolean {
  if (rights.isAdministrator) return true;
  const isModeratorOfRoom =
    rights.kind === "ROOM" && (rights.role === "OWNER" || rights.role === "MODERATOR");
  return rights.subject === "MESSAGE" && isModeratorOfRoom && !rights.isAccused;
}

/** Only administrators may see who reported, because moderators sit in the same room. */
export function canSeeReporter({
  isAdministrator,
}: Pick<ReportRights, "isAdministrator">): boolean {
  return isAdministrator;
}

export const COMMENT_MAX_LENGTH = 1_000;

/** Returns the problems of a comment or note; empty if it is valid. */
export function commentProblems(field: string, text: string): FieldProblem[] {
  if (text.length > COMMENT_MAX_LENGTH) {
    const message = `At most ${String(COMMENT_MAX_LENGTH)} characters.`;
    return [{ field, code: "TOO_LONG", message }];
  }
  if (/[\0\p{Cs}]/u.test(text)) {
    const message = "NUL and lone surrogates are not allowed.";
    return [{ field, code: "INVALID_FORMAT", message }];
  }
  return [];
}
